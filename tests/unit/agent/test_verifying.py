"""What is said of a check and of a turn's edits, from what is on record alone."""

from __future__ import annotations

import pytest

from postil.agent.turn import End, Verify, next_move
from postil.agent.verifying.summary import summary, tail
from postil.agent.verifying.verdict import Known, failed_text, judged, stopped
from postil.core import events as ev
from postil.core.effects import TodoItem
from postil.core.fold import fold
from postil.core.state import State, TurnState
from postil.core.verification import EDITOR, QUIET, Check, EvidenceOutcome, WantedCheck, is_plain

LIMITS = ev.Limits(steps=10, seconds=60)
CHECK = Check(name="tests", command="make test", source="Makefile")
LINT = Check(name="lint", command="make lint", source="Makefile")
CONFIGURATION = ev.ConfigurationInForce(
    agent_type="build", mode="default", model="m", tools=("edit", "shell"), limits=ev.Limits(), cause="start"
)
EDIT = ev.FileChanged(
    turn_id="t1", call_id="c1", change_id="x", label="Edit", path="/p/a.py", before="1", after="2", added=1, removed=1,
    where="disk",
)  # fmt: skip


def told(
    check: str = "tests", outcome: EvidenceOutcome = "passed", said: str = "1 passed", call: str = "v1"
) -> ev.EvidenceRecorded:
    return ev.EvidenceRecorded(
        turn_id="t1", call_id=call, check=check, command="make", by="postil", outcome=outcome, summary=said, output="out",
        changed=("/p/b.py",) if outcome == "changed" else (),
    )  # fmt: skip


def after(*events: ev.Durable) -> tuple[State, TurnState]:
    """Return the state and the turn after an edit and what came then."""
    begin: list[ev.Durable] = [
        CONFIGURATION,
        ev.PromptReceived(turn_id="t1", text="Go.", face="test"),
        ev.Routed(turn_id="t1", agent_type="build", model="m", pool=(), why=""),
        EDIT,
    ]
    state = fold(ev.Recorded(seq, float(seq), it) for seq, it in enumerate([*begin, *events], 1))
    return state, state.workflow.turns[0]


def started(call_id: str = "v1", name: str = "tests", round_: int = 1) -> list[ev.Durable]:
    wanted = WantedCheck(call_id=call_id, name=name, command="make test", source="Makefile", timeout=1)
    return [
        ev.ChecksStarted(turn_id="t1", round=round_, checks=(wanted,), held="no-edits"),
        ev.CallStarted(
            turn_id="t1", call_id=call_id, tool="shell", kind="execute", title="Run", effect_class="shell", command="make"
        ),
    ]  # fmt: skip


def finished(outcome: ev.CallOutcome = "completed", call_id: str = "v1") -> ev.CallFinished:
    return ev.CallFinished(turn_id="t1", call_id=call_id, tool="shell", outcome=outcome, content="")


def words(*events: ev.Durable, checks: tuple[Check, ...] = (CHECK,), moved: tuple[str, ...] = ()) -> str:
    state, turn = after(*events)
    return judged(state, turn, Known(checks, checks, ("a.py",)), moved).words


def test_verified_is_what_every_check_says_since_the_last_edit() -> None:
    assert words(*started(), finished(), told()) == "verified: tests (1 passed)"
    assert words(*started(), finished(), told(said="")) == "verified: tests"
    both = (CHECK, LINT)
    assert (
        words(*started(), finished(), told(), checks=both)
        == "not verified: lint was not run after the last edit"
    )
    assert (
        words(*started(), finished(), told(), told("lint", call="v1"), checks=both)
        == "verified: tests (1 passed), lint (1 passed)"
    )


def test_why_not() -> None:
    assert words(checks=()) == "not verified: no check is known"
    assert words() == "not verified: tests was not run after the last edit"
    assert words(*started(), finished(), told(), EDIT).startswith("not verified: tests ")
    assert (
        words(*started(), finished(), told(outcome="failed", said="2 failed"))
        == "not verified: tests failed (2 failed)"
    )
    assert (
        words(*started(), finished("unknown")) == "not verified: tests was interrupted, and was not run again"
    )
    assert words(*started(), finished("cancelled")) == "not verified: tests was stopped"
    assert words(*started(), finished(), told(), moved=("a.py",)).startswith(
        "not verified: a.py changed after"
    )
    changed = words(*started(), finished(), told(outcome="changed"))
    assert changed == "not verified: tests changed b.py itself, which is no evidence"


def test_without_a_shell_nothing_can_be_checked() -> None:
    state, turn = after(CONFIGURATION.model_copy(update={"tools": ("edit",)}))
    said = judged(state, turn, Known((CHECK,), (CHECK,), ("a.py",)))
    assert said.reason == "no_shell"


def test_what_is_said_where_the_turn_breaks_off() -> None:
    assert stopped(*after()).words == "not verified: the turn ended before its checks"
    assert (
        stopped(*after(*started(), finished(), told(outcome="failed", said=""))).words
        == "not verified: tests failed"
    )
    assert not stopped(*after(*started(), finished(), told())).verified


def test_a_command_in_doubt_makes_all_evidence_old_until_it_is_known_to_have_changed_nothing() -> None:
    state, _ = after(*started(), finished(), told(), *started("v2", "lint", 2))
    assert state.workflow.verifying.fresh("tests") is None
    state, _ = after(
        *started(),
        finished(),
        told(),
        *started("v2", "lint", 2),
        finished(call_id="v2"),
        told("lint", call="v2"),
    )
    assert state.workflow.verifying.fresh("tests") is not None
    state, _ = after(
        *started(),
        finished(),
        told(),
        *started("v2", "lint", 2),
        finished(call_id="v2"),
        told("lint", "changed", call="v2"),
    )
    assert state.workflow.verifying.fresh("tests") is None
    assert state.workflow.verifying.fresh("lint") is not None


def test_a_later_edit_takes_the_evidence_from_the_plan() -> None:
    items = (TodoItem(text="Mend", status="completed", evidence="tests"),)
    state, _ = after(ev.TodoUpdated(turn_id="t1", items=items))
    assert state.workflow.todo == items
    state, _ = after(ev.TodoUpdated(turn_id="t1", items=items), EDIT)
    assert state.workflow.todo[0].evidence == ""


def test_the_last_word_is_followed_by_verifying_where_something_was_edited_once() -> None:
    def move(state: State, turn: TurnState, verifies: bool = True) -> object:
        turn.last_stop = "end_turn"
        return next_move(state, turn, LIMITS, 0.0, verifies=verifies)

    assert move(*after()) == Verify()
    assert move(*after(), False) == End("end_turn")
    done = ev.VerificationEnded(turn_id="t1", verified=True, words="")
    assert move(*after(done)) == End("end_turn")
    state, turn = after(*started(), finished())
    assert move(state, turn) == Verify(), "a check that has ended is no call that the model waits for"
    turn.edited = 0
    assert move(state, turn) == End("end_turn")


def test_what_the_model_is_told_is_material_between_marks() -> None:
    state, _ = after(*started(), finished(), told(outcome="failed", said="1 failed"))
    evidence = state.workflow.verifying.fresh("tests")
    assert evidence is not None
    text, sources = failed_text([evidence], "/p", "t1")
    assert "tests failed (1 failed) (`make`):\n<material" in text
    assert [it.origin for it in sources] == ["workspace"]


@pytest.mark.parametrize(
    ("printed", "want"),
    [
        ("....\n\x1b[32m=== \x1b[1m12 passed\x1b[0m in 0.03s ===\x1b[0m\nexit code 0", "12 passed"),
        ("FAILED a\n= 1 failed, 11 passed, 2 skipped in 1s =\nexit code 1", "1 failed, 11 passed, 2 skipped"),
        ("no tests ran in 0.01s\nexit code 5", "no tests ran"),
        ("All checks passed!\nexit code 0", "All checks passed!"),
        (
            "Success: no issues found in 3 source files\nexit code 0",
            "Success: no issues found in 3 source files",
        ),
        ("test result: ok. 5 passed; 0 failed; 0 ignored\n\n\nexit code 0", "5 passed; 0 failed"),
        ("ok  \texample.org/x\t0.01s\nexit code 0", "ok  \texample.org/x\t0.01s"),
        ("(no output)\nexit code 0", ""),
        ("compiled\n[Changed on disk: failed.py.]\nexit code 0", ""),
        ("nothing that tells", ""),
    ],
)
def test_what_a_check_said_in_a_few_words(printed: str, want: str) -> None:
    assert summary(printed).split() == want.split()


def test_what_is_long_is_cut() -> None:
    assert len(summary("x failed " * 100)) <= 80
    assert tail("x" * 5_000 + "end").endswith("end")
    assert len(tail("x" * 5_000)) == 4_001


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (("a.py",), "verified: pytest (1 passed)"),
        (("a.py", "README.md"), "verified: pytest (1 passed); no check is about README.md"),
        (("a.py", "other.go"), "not verified: no check is about other.go; of the rest: pytest (1 passed)"),
        (
            ("a.py", "README.md", "other.go"),
            "not verified: no check is about other.go; of the rest: pytest (1 passed)",
        ),
        (("other.go",), "not verified: no check is about other.go"),
    ],
)
def test_what_no_check_is_about_is_not_verified_by_a_check_of_something_else(
    edited: tuple[str, ...], expected: str
) -> None:
    check = Check(name="pytest", command="pytest", covers=("*.py",), source="pyproject.toml")
    state, turn = after(*started(name="pytest"), finished(), told("pytest"))
    concerned = (check,) if "a.py" in edited else ()
    event = judged(state, turn, Known((check,), concerned, edited, tuple(f"/p/{it}" for it in edited)))
    assert (event.words, event.verified) == (expected, expected.startswith("verified"))
    assert event.reason == (None if event.verified else "not_covered")
    assert event.reason not in QUIET


def test_prose_that_no_check_is_about_is_nobodys_fault() -> None:
    check = Check(name="pytest", command="pytest", covers=("*.py",), source="pyproject.toml")
    state, turn = after()
    event = judged(state, turn, Known((check,), (), ("docs/text.md",), ("/p/docs/text.md",)))
    assert (event.words, event.reason) == ("not verified: no check is about docs/text.md", "no_check")
    assert event.reason in QUIET


def test_what_the_editor_reports_of_counts_beside_a_check() -> None:
    check = Check(name="pytest", command="pytest", covers=("*.py",), source="pyproject.toml")
    editor = ev.EvidenceRecorded(
        turn_id="t1", check=EDITOR, by="editor", outcome="passed", summary="no errors in 2 edited files",
        versions={"/p/a.py": "1", "/p/other.go": "2"},
    )  # fmt: skip
    state, turn = after(*started(name="pytest"), finished(), told("pytest"), editor)
    known = Known((check,), (check,), ("a.py", "other.go"), ("/p/a.py", "/p/other.go"))
    assert (
        judged(state, turn, known).words
        == "verified: pytest (1 passed), editor (no errors in 2 edited files)"
    )


def test_a_programs_text_is_no_prose_whatever_it_is_called() -> None:
    prose = ("README", "docs/README.md", "LICENSE", "LICENSE.txt", "a/.gitignore", "logo.png")
    programs = ("README.py", "NOTICE.c", "LICENSES.go", "CHANGELOG_gen.sh", "LICENSE-check", "COPYING.rs")
    assert [it for it in (*prose, *programs) if is_plain(it)] == list(prose)
