"""What can be known of a call that began and whose end nobody recorded."""

from __future__ import annotations

import pytest

from postil.agent.calls.settle import Settled, record_landed, running, settle
from postil.agent.emitter import Emitter
from postil.core.effects import EffectClass, text_hash
from postil.core.events import CallStarted, EditIntent, FileChanged
from postil.core.messages import ToolCall
from postil.core.state import CallState, State
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace

OLD, NEW, OTHER = "x = 1\n", "x = 2\n", "x = 3\n"


def intent(effect_class: EffectClass, *names: str, command: str | None = None) -> CallStarted:
    edits = tuple(
        EditIntent(path=f"/project/{name}", before=text_hash(OLD), after=text_hash(NEW)) for name in names
    )
    return CallStarted(
        turn_id="t1", call_id="c1", tool="x", kind="other", title="Use it", effect_class=effect_class,
        change_id="ch1" if edits else None, edits=edits, command=command,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "outcome", "landed"),
    [
        ({"a": NEW}, "completed", ["a"]),
        ({"a": OLD}, "not_run", []),
        ({"a": OTHER}, "unknown", []),
        ({}, "unknown", []),
        ({"a": NEW, "b": NEW}, "completed", ["a", "b"]),
        ({"a": OLD, "b": OLD}, "not_run", []),
        ({"a": NEW, "b": OLD}, "unknown", ["a"]),
        ({"a": b"\0", "b": NEW}, "unknown", ["b"]),
    ],
)
async def test_edits_are_settled_by_looking(
    files: dict[str, str | bytes], outcome: str, landed: list[str]
) -> None:
    settled = await settle(intent("file_edit", *(files or {"a": ""})), MemoryWorkspace(files))
    assert settled.outcome == outcome
    assert [edit.path for edit in settled.landed] == [f"/project/{name}" for name in landed]


async def test_creations_and_deletions() -> None:
    workspace = MemoryWorkspace({"new": NEW})
    made = EditIntent(path="/project/new", before=None, after=text_hash(NEW))
    gone = EditIntent(path="/project/gone", before=text_hash(OLD), after=None)
    both = intent("file_edit").model_copy(update={"edits": (made, gone)})
    assert (await settle(both, workspace)).outcome == "completed"
    assert (await settle(both, MemoryWorkspace({"gone": OLD}))).outcome == "not_run"


@pytest.mark.parametrize(
    ("effect_class", "command", "outcome", "words"),
    [
        ("none", None, "not_run", "It changes nothing"),
        ("shell", "make", "unknown", "while `make` was running"),
        ("network", None, "unknown", "while this was under way: Use it"),
        ("other", None, "unknown", "Whether it finished is unknown"),
    ],
)
async def test_what_cannot_be_looked_at_is_unknown(
    effect_class: EffectClass, command: str | None, outcome: str, words: str
) -> None:
    settled = await settle(intent(effect_class, command=command), MemoryWorkspace(), "Stopped")
    assert settled.outcome == outcome
    assert settled.content.startswith("Stopped ")
    assert words in settled.content


async def test_a_process_that_is_still_there_is_said() -> None:
    shell = MemoryShell()
    shell.alive = {7}
    asked = CallState(
        call=ToolCall(id="c1", name="shell", input={}), turn_id="t1", step=1, pid=7, pid_started=1.5
    )
    settled = await settle(
        intent("shell", command="make"), MemoryWorkspace(), "Interrupted", running(asked, shell.runs)
    )
    assert settled.outcome == "unknown"
    assert settled.content.startswith(
        "Interrupted while `make` was running. It is still running (process 7). "
        "How it ends will not be known and it was not run again. "
    )


@pytest.mark.parametrize(
    ("pid", "started", "alive"), [(None, None, {7}), (7, 0.0, {7}), (7, None, {7}), (7, 1.5, {8})]
)
def test_a_process_that_nobody_can_tell_is_not_said_to_run(
    pid: int | None, started: float | None, alive: set[int]
) -> None:
    shell = MemoryShell()
    shell.alive = alive
    call = ToolCall(id="c1", name="shell", input={})
    assert (
        running(CallState(call=call, turn_id="t1", step=1, pid=pid, pid_started=started), shell.runs) is None
    )


async def test_a_landed_edit_is_put_on_record_once() -> None:
    workspace = MemoryWorkspace({"a": NEW, "b": NEW})
    workspace.open("b")
    journal = MemoryJournal()
    emitter = Emitter("s1", journal, State.empty())
    began = intent("file_edit", "a", "b")
    settled = await settle(began, workspace)
    for _ in range(2):
        await record_landed(began, settled.landed, emitter, workspace)
    changed = [it.event for it in journal.records if isinstance(it.event, FileChanged)]
    assert [(it.path, it.where, it.change_id) for it in changed] == [
        ("/project/a", "disk", "ch1"), ("/project/b", "buffer", "ch1"),
    ]  # fmt: skip
    assert settled == Settled("completed", settled.content, began.edits)


def in_editor(*names: str) -> CallStarted:
    """An intent whose edits an editor was to make."""
    started = intent("file_edit", *names)
    return started.model_copy(
        update={"edits": tuple(it.model_copy(update={"in_editor": True}) for it in started.edits)}
    )


async def test_an_edit_that_an_editor_was_to_make_is_unknown_while_the_editor_is_not_there() -> None:
    workspace = MemoryWorkspace({"a": OLD})
    hidden = await settle(in_editor("a"), workspace)
    assert (hidden.outcome, hidden.landed) == ("unknown", ())
    assert "the edit may be in its buffer" in hidden.content
    workspace.type("a", NEW)
    assert (await settle(in_editor("a"), workspace)).outcome == "completed"
    workspace.type("a", OLD)
    assert (await settle(in_editor("a"), workspace)).outcome == "not_run"
    assert (await settle(in_editor("a"), MemoryWorkspace({"a": NEW}))).outcome == "completed"
