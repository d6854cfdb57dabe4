"""Findings through whole sessions: they stay until a person settles them, whatever crashes; *Apply* edits once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from postil.agent.findings import mended
from postil.agent.session import Session
from postil.core.effects import FileEdit
from postil.core.errors import EditRefused, ProtocolError
from postil.core.events import (
    CallFinished,
    FileChanged,
    FindingApplying,
    FindingReported,
    FindingSettled,
    Recorded,
    UnknownEvent,
)
from postil.core.finding import Finding
from postil.core.fold import fold
from postil.core.submissions import Prompt, Rewind, Target
from postil.journal.invariants import Structure
from postil.permissions.rule import parse
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import Play, call, says
from tests.support.memory_journal import SimulatedCrash

TEXT = "def mean(xs):\n    return sum(xs) / len(xs)\n"
BETTER = "    return sum(xs) / len(xs) if xs else 0.0"
FIXED = f"def mean(xs):\n{BETTER}\n"
GIVEN: dict[str, Any] = {
    "path": "a.py", "line": 2, "quote": "    return sum(xs) / len(xs)", "severity": "error",
    "message": "Division by zero.", "replacement": BETTER,
}  # fmt: skip
PATH = Path("/project/a.py")


def world(*reports: dict[str, Any], then: Sequence[Play] = (), **more: Any) -> World:
    calls = [call("report_finding", f"r{n}", **{**GIVEN, **it}) for n, it in enumerate(reports or ({},))]
    return World([says(*calls), says("Done."), *then], {"a.py": TEXT}, **more)


async def reviewed(here: World) -> tuple[Session, list[Finding]]:
    session = await here.start()
    await session.prompt(Prompt("Review it."))
    await session.idle()
    return session, open_findings(session)


def open_findings(session: Session) -> list[Finding]:
    return [it.finding for it in session.state.workflow.findings]


def check_record(here: World, session: Session) -> None:
    structure = Structure()
    events = [it.event for it in here.journal.records if not isinstance(it.event, UnknownEvent)]
    assert [fault for event in events for fault in structure.take(event)] == []
    assert fold(here.journal.records) == session.state


@pytest.mark.parametrize("mode", ["default", "plan"])
async def test_a_finding_is_on_record_without_a_question(mode: str) -> None:
    here = world({}, {"message": "Another.", "replacement": None}, interactive=False, mode=mode)
    session, found = await reviewed(here)
    assert [it.message for it in found] == ["Division by zero.", "Another."]
    assert [it.finding for it in here.events(FindingReported)] == found
    assert len({it.id for it in found}) == 2
    check_ended(here.journal.records, session.state)
    check_record(here, session)


async def test_a_quote_that_is_wrong_reports_nothing() -> None:
    here = world({"quote": "    return 0"})
    session, found = await reviewed(here)
    (finished,) = here.events(CallFinished)
    assert (found, finished.outcome) == ([], "failed")
    assert "Line 2 of a.py is not what you quote" in finished.content
    check_ended(here.journal.records, session.state)


async def test_the_same_finding_twice_is_one() -> None:
    session, found = await reviewed(world({}, {"severity": "warning"}))
    assert [it.severity for it in found] == ["warning"]
    assert len(session.state.workflow.findings) == 1


async def test_findings_outlive_a_crash_and_a_dismissed_one_stays_away() -> None:
    here = world({}, {"message": "Another."})
    session, (first, second) = await reviewed(here)
    await session.dismiss(first.id, "test")
    with pytest.raises(ProtocolError, match="not open"):
        await session.dismiss(first.id, "test")
    session = await here.reopen()
    assert open_findings(session) == [second]
    with pytest.raises(ProtocolError, match="not open"):
        await session.apply(first.id, "test")
    assert [(it.finding_id, it.how, it.face) for it in here.events(FindingSettled)] == [
        (first.id, "dismissed", "test")
    ]
    check_record(here, session)


async def test_going_back_to_before_a_report_takes_it_back() -> None:
    here = world(
        {}, then=[says(call("report_finding", "r9", **{**GIVEN, "message": "Later."})), says("Done.")]
    )
    session, (first,) = await reviewed(here)
    second = await session.prompt(Prompt("More."))
    await session.idle()
    assert len(open_findings(session)) == 2
    plan = await session.plan(Target(turn_id=second))
    await session.rewind(Rewind(Target(turn_id=second), plan.fingerprint, conversation=True, face="test"))
    assert open_findings(session) == [first]
    check_record(here, session)


@pytest.mark.parametrize("opened", [True, False])
@pytest.mark.parametrize("mode", ["default", "plan", "no-edits"])
async def test_apply_makes_the_edit_and_undo_takes_it_back(opened: bool, mode: str) -> None:
    here = world(mode=mode)
    session, (finding,) = await reviewed(here)
    if opened:
        here.workspace.open("a.py")
    await session.apply(finding.id, "test")
    assert here.workspace.text("a.py") == FIXED
    assert here.workspace.disk[PATH] == (TEXT if opened else FIXED)
    (changed,) = here.events(FileChanged)
    assert (changed.label, changed.turn_id, changed.where) == (
        "Apply: Division by zero.", None, "buffer" if opened else "disk",
    )  # fmt: skip
    assert here.names()[-3:] == ["FindingApplying", "FileChanged", "FindingSettled"]
    assert open_findings(session) == []
    check_record(here, session)
    await session.undo(Target(change_id=changed.change_id), None, "test")
    assert here.workspace.text("a.py") == TEXT
    check_record(here, session)


async def test_apply_follows_lines_that_moved_and_keeps_what_was_typed() -> None:
    here = world()
    session, (finding,) = await reviewed(here)
    here.workspace.type("a.py", f"import os\n\n{TEXT}x = 1\n")
    await session.apply(finding.id, "test")
    assert here.workspace.text("a.py") == f"import os\n\n{FIXED}x = 1\n"


async def test_apply_refuses_where_the_lines_are_gone_or_nothing_is_proposed() -> None:
    here = world({}, {"message": "Only words.", "replacement": None})
    session, (finding, words) = await reviewed(here)
    with pytest.raises(ProtocolError, match="no text that would mend it"):
        await session.apply(words.id, "test")
    here.workspace.type("a.py", "def mean(xs):\n    return 0\n")
    with pytest.raises(ProtocolError, match="not there any more"):
        await session.apply(finding.id, "test")
    assert here.events(FindingApplying) == []
    assert open_findings(session) == [finding, words]


@pytest.mark.parametrize("path", [".vscode/settings.json", "Makefile", "a.py"])
async def test_a_quick_fix_does_not_do_what_would_be_asked_about_where_edits_are_accepted(path: str) -> None:
    here = world({"path": path}, interactive=False)
    here.workspace.disk[here.workspace.at(path)] = TEXT
    if path == "a.py":
        here.standing.fixed = [parse("Edit(a.py)", "deny", "user")]
    session, (finding,) = await reviewed(here)
    with pytest.raises(ProtocolError, match="A Quick Fix does not make this edit"):
        await session.apply(finding.id, "test")
    assert here.workspace.text(path) == TEXT
    assert here.events(FindingApplying) == []


async def test_an_edit_that_the_editor_refuses_leaves_the_finding() -> None:
    here = world()
    session, (finding,) = await reviewed(here)

    def refuse(_: FileEdit) -> None:
        raise EditRefused("The editor takes no edits.")

    here.workspace.before_apply = refuse
    with pytest.raises(ProtocolError, match=r"It was not applied\. The editor takes no edits\."):
        await session.apply(finding.id, "test")
    assert open_findings(session) == [finding]
    (settled,) = here.events(FindingSettled)
    assert (settled.how, settled.why) == ("kept", "The editor takes no edits.")
    check_record(here, session)
    here.workspace.before_apply = None
    await session.apply(finding.id, "test")
    assert here.workspace.text("a.py") == FIXED


@pytest.mark.parametrize("made", [True, False])
async def test_after_a_crash_the_file_is_looked_at_and_nothing_is_put_in_twice(made: bool) -> None:
    here = world()
    session, (finding,) = await reviewed(here)

    def crash(record: Recorded) -> None:
        if isinstance(record.event, FileChanged if made else FindingApplying):
            raise SimulatedCrash

    if made:
        here.journal.before_append = crash
    else:
        here.journal.after_append = crash
    with pytest.raises(SimulatedCrash):
        await session.apply(finding.id, "test")
    assert here.names()[-1] == "FindingApplying"
    session = await here.reopen()
    assert here.workspace.text("a.py") == (FIXED if made else TEXT)
    assert len(here.workspace.applied) == int(made)
    assert [it.how for it in here.events(FindingSettled)] == ["applied" if made else "kept"]
    assert len(here.events(FileChanged)) == int(made)
    assert open_findings(session) == ([] if made else [finding])
    check_record(here, session)


@pytest.mark.parametrize(
    ("text", "line", "quote", "replacement", "after"),
    [
        ("a\nb\nc\n", 2, "b", "B\nBB", "a\nB\nBB\nc\n"),
        ("a\nb\nc\n", 2, "b", "B\n", "a\nB\nc\n"),
        ("a\nb\nc\n", 2, "b", "\n", "a\n\nc\n"),
        ("a\nb\nc\n", 2, "b", "", "a\nc\n"),
        ("a\r\nb\r\nc\r\n", 1, "a\nb", "A\nAA", "A\r\nAA\r\nc\r\n"),
        ("a\nb", 2, "b", "B", "a\nB"),
        ("b\nx\nb\nx\n", 3, "b\nx", "y", "b\nx\ny\n"),
        ("b\nx\nnew\nb\nx\n", 3, "b\nx", "y", "b\nx\nnew\ny\n"),
        ("c\n", 1, "a", "b", None),
        ("a\n", 1, "a\nb", "x", None),
        ("", 1, "a", "x", None),
    ],
)
def test_what_mends_it_takes_the_place_of_its_lines(
    text: str, line: int, quote: str, replacement: str, after: str | None
) -> None:
    finding = Finding(
        path="/a", line=line, quote=quote, severity="info", message="m", replacement=replacement
    )
    assert mended(text, finding) == after
