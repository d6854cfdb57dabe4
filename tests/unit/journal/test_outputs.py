"""What a running call printed is known to the next process, privately and within bounds, until the call has ended."""

from __future__ import annotations

import stat
from pathlib import Path

from postil.journal.outputs import KEPT, Outputs
from postil.journal.store import SessionStore
from tests.support.golden import SESSIONS
from tests.support.journals import Ticking, created, result


def test_the_next_process_reads_what_was_kept(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    for piece in ("one\n", "zwei: é, 数 \U0001f4c8\n", "half a character \ud800\n"):
        outputs.add("t1", "c1", piece)
    outputs.add("t1", "c2", "another's\n")
    assert Outputs(tmp_path).text("t1", "c1") == "one\nzwei: é, 数 \U0001f4c8\nhalf a character ?\n"
    assert Outputs(tmp_path).text("t1", "c2") == "another's\n"
    assert Outputs(tmp_path).text("t2", "c1") == ""
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    outputs.drop("t1", "c1")
    assert Outputs(tmp_path).text("t1", "c1") == ""
    assert Outputs(tmp_path).text("t1", "c2") == "another's\n"


def test_only_the_end_is_kept_of_much(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    for number in range(20_000):
        outputs.add("t1", "c1", f"line {number}\n")
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 20 * KEPT
    text = Outputs(tmp_path).text("t1", "c1")
    assert len(text) == KEPT
    assert text.endswith("line 19998\nline 19999\n")
    outputs.drop("t1", "c1")
    assert not list(tmp_path.iterdir())


def test_a_call_of_the_same_id_begins_anew(tmp_path: Path) -> None:
    Outputs(tmp_path).add("t1", "c1", "of a process that died before it could drop this\n")
    outputs = Outputs(tmp_path)
    outputs.add("t1", "c1", "mine\n")
    assert outputs.text("t1", "c1") == "mine\n"


def test_a_folder_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path / "missing")
    outputs.add("t1", "c1", "lost\n")
    outputs.drop("t1", "c1")
    assert outputs.text("t1", "c1") == ""


async def test_what_a_dead_process_could_not_drop_is_dropped_when_the_session_is_opened(
    tmp_path: Path,
) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    for event in SESSIONS["edit_and_shell"][:-3]:
        await journal.append(event, sync=False)
    await journal.close()
    folder = await store.folder("s1")
    Outputs(folder).add("t0001", "call_0", "of a call that has ended\n")
    Outputs(folder).add("t0001", "call_2", "of one that has not\n")
    state, journal, _ = await store.open("s1")
    assert [call.call.id for call in state.workflow.open_calls] == ["call_2"]
    assert await journal.kept_output("t0001", "call_2") == "of one that has not\n"
    assert len(list(folder.glob("output-*"))) == 1
    await journal.close()


async def test_a_journal_drops_it_when_the_call_has_ended(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    await journal.append(created(), sync=True)
    folder = await store.folder("s1")
    journal.keep_output("t1", "c1", "so far\n")
    await journal.append(created(), sync=False)
    assert await journal.kept_output("t1", "c1") == "so far\n"
    await journal.append(result("so far, and its end\n"), sync=True)
    assert not list(folder.glob("output-*"))
    await journal.close()
    journal.keep_output("t1", "c2", "too late\n")
    assert not list(folder.glob("output-*"))
