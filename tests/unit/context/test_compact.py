"""What a compaction keeps word for word has room for so much of the window, however long the session was."""

from __future__ import annotations

from pathlib import Path

from postil.context.compact import kept
from postil.context.estimate import BYTES_A_TOKEN
from postil.core.compaction import Decided
from postil.core.messages import UserMessage
from postil.core.state import State
from postil.core.trail import Change

WINDOW = 20_000


def a_state(files: int, decisions: int) -> State:
    state = State.empty()
    state.conversation.messages.append(UserMessage(text="Rename the module."))
    for number in range(files):
        state.workflow.changes.append(
            Change(
                turn_id="t1", call_id=f"c{number}", change_id=f"k{number}", label=f"Edit {number}", path=f"/ws/f{number % 900}.py",
                before="a", after="b", where="disk", seq=number + 1,
            )
        )  # fmt: skip
    for number in range(decisions):
        state.workflow.decisions.append(
            Decided(question=f"Which of {number}?", answer="The first.", seq=number)
        )
    return state


def shown(state: State, window: int = WINDOW) -> str:
    return kept(state, 1, lambda path: Path(path).name, window)


def test_a_few_are_all_there() -> None:
    text = shown(a_state(3, 2))
    assert all(it in text for it in ("f0.py", "f2.py", "Which of 0?", "Which of 1?"))
    assert "left out; `recall`" not in text


def test_of_many_the_newest_are_there_and_the_others_counted() -> None:
    text = shown(a_state(1_000, 1_000))
    assert len(text) < 0.3 * WINDOW * BYTES_A_TOKEN
    assert "f99.py: edited, 2 times; last: Edit 999" in text, "the last that was changed"
    assert "f100.py" not in text, "the one that was left alone for longest"
    assert "changed files before these are left out; `recall` finds them." in text
    assert "Which of 999?" in text
    assert "Which of 0?" not in text
    assert "decisions before these are left out; `recall` finds them." in text


def test_where_the_window_is_not_known_nothing_is_left_out() -> None:
    assert "left out; `recall`" not in shown(a_state(1_000, 1_000), 0)
