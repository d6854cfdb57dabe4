"""`postil data`: says where sessions are and deletes them, but never what others use or what is not ours."""

import asyncio
import os
from pathlib import Path

import pytest

from postil.cli.figures import counted, size_in_words
from postil.core.events import SessionClosed, SessionCreated
from postil.journal.layout import Layout
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from postil.workspace.files.real_disk import RealDisk
from tests.unit.cli.command import postil, postil_on_terminal


async def opened(home: Path, root: Path, session_id: str) -> FileJournal:
    journal = await SessionStore(home / "state").create(root, session_id)
    created = SessionCreated(session_id=session_id, roots=(str(root),), face="cli", postil="0")
    await journal.append(created, sync=True)
    return journal


def kept(home: Path, root: Path, *session_ids: str) -> Path:
    """Keep closed sessions of a workspace; return the workspace's folder."""

    async def keep() -> None:
        for session_id in session_ids:
            journal = await opened(home, root, session_id)
            await journal.append(SessionClosed(reason="done"), sync=True)
            await journal.close()

    asyncio.run(keep())
    folder = Layout(RealDisk(), home / "state").workspace(root)
    assert folder is not None
    return folder


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    return one, other


def test_path_of_everything_and_of_one_workspace(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    folder = kept(tmp_path, roots[0], "s1")
    assert postil("data", "path", home=tmp_path).out == f"{tmp_path / 'state'}\n"
    assert postil("data", "path", "--workspace", "one", home=tmp_path).out == f"{folder}\n"
    said = postil("data", "path", "--workspace", "other", home=tmp_path)
    assert (said.status, said.out) == (1, "")
    assert said.err == f"postil: Postil keeps nothing of {roots[1]}.\n"


def test_size_counts_what_is_there(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    assert postil("data", "size", home=tmp_path).out == f"0 sessions, 0 bytes in {tmp_path / 'state'}\n"
    folder = kept(tmp_path, roots[0], "s1", "s2")
    kept(tmp_path, roots[1], "s3")
    (folder / "grants.json").write_bytes(b" " * 5_000_000)
    said = postil("data", "size", "--workspace", str(roots[0]), home=tmp_path)
    assert said.out == f"2 sessions, 5.0 MB in {folder}\n"
    assert postil("data", "size", home=tmp_path).out.startswith("3 sessions, 5.0 MB in ")


def test_delete_one_workspace_and_leave_the_other(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    folder, other = kept(tmp_path, roots[0], "s1"), kept(tmp_path, roots[1], "s2")
    said = postil("data", "delete", "--workspace", "one", "--yes", home=tmp_path)
    assert said.status == 0
    assert said.out.startswith(f"Deleted of {roots[0]}: 1 session, ")
    assert not folder.exists()
    assert (other / "sessions" / "s2" / "journal.jsonl").is_file()
    assert postil("data", "delete", "--workspace", "one", "--yes", home=tmp_path).status == 1


def test_a_workspace_that_is_gone_can_still_be_deleted(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    folder = kept(tmp_path, roots[0], "s1")
    roots[0].rmdir()
    assert postil("data", "delete", "--workspace", str(roots[0]), "--yes", home=tmp_path).status == 0
    assert not folder.exists()


def test_delete_everything_of_ours_and_nothing_else(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    kept(tmp_path, roots[0], "s1")
    kept(tmp_path, roots[1], "s2")
    state = tmp_path / "state"
    (state / "crashes").mkdir()
    (state / "crashes" / "1.log").write_text("it fell")
    (state / "thesis.txt").write_text("not ours")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "letter").write_text("not ours")
    (state / "workspaces" / "link").symlink_to(elsewhere)
    assert postil("data", "delete", "--yes", home=tmp_path).status == 0
    assert [it.name for it in state.iterdir()] == ["thesis.txt"]
    assert (elsewhere / "letter").is_file()
    said = postil("data", "delete", home=tmp_path)
    assert (said.status, said.out) == (0, f"Postil keeps nothing in {state}.\n")


def test_without_a_terminal_it_wants_yes(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    folder = kept(tmp_path, roots[0], "s1")
    said = postil("data", "delete", home=tmp_path, data=b"yes\n")
    assert said.status == 2
    assert "--yes" in said.err
    assert folder.exists()


@pytest.mark.parametrize(("typed", "status"), [("yes", 0), ("", 1), ("y", 1), ("no", 1)])
def test_on_a_terminal_it_asks(tmp_path: Path, roots: tuple[Path, Path], typed: str, status: int) -> None:
    folder = kept(tmp_path, roots[0], "s1")
    said = postil_on_terminal("data", "delete", home=tmp_path, at="Type yes to delete:", typed=typed)
    assert said.status == status
    assert "It cannot be undone." in said.out
    assert ("Nothing was deleted." in said.out) == bool(status)
    assert folder.exists() == bool(status)


async def test_an_open_session_is_left_with_all_others(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    await asyncio.to_thread(kept, tmp_path, roots[0], "a", "z")
    sessions = tmp_path / "state" / "workspaces"
    records = {it: it.read_bytes() for it in sessions.rglob("lock")}
    journal = await opened(tmp_path, roots[0], "m")
    try:
        said = await asyncio.to_thread(postil, "data", "delete", "--yes", home=tmp_path)
    finally:
        await journal.close()
    assert said.status == 1
    assert said.err.startswith(f"postil: Session m is open in process {os.getpid()} on ")
    assert "Nothing was deleted." in said.err
    assert {it.name for it in sessions.glob("*/sessions/*")} == {"a", "m", "z"}
    # These belong to this very process, so nothing tells them from open ones; a dead owner's would be untouched.
    assert set(records) <= set(sessions.rglob("lock"))
    assert (await asyncio.to_thread(postil, "data", "delete", "--yes", home=tmp_path)).status == 0


def test_an_empty_name_is_not_taken_for_all(tmp_path: Path, roots: tuple[Path, Path]) -> None:
    folder = kept(tmp_path, roots[0], "s1")
    assert postil("data", "delete", "--workspace", "", "--yes", home=tmp_path).status == 2
    assert folder.exists()


def test_state_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "workspaces").write_text("a file where the folder should be")
    said = postil("data", "size", home=tmp_path)
    assert said.status == 1
    assert said.err.startswith("postil: Postil's data cannot be used: ")


@pytest.mark.parametrize("arguments", [(), ("burn",), ("path", "--workspace")])
def test_other_arguments_are_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert postil("data", *arguments, home=tmp_path).status == 2


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (999_949, "999.9 kB"),
     (999_999, "1.0 MB"), (84_800_000_000, "84.8 GB"), (2_000_000_000_000, "2.0 TB")],
)  # fmt: skip
def test_sizes(count: int, words: str) -> None:
    assert size_in_words(count) == words


def test_counts() -> None:
    assert [counted(it, "session") for it in (0, 1, 1200)] == ["0 sessions", "1 session", "1,200 sessions"]
