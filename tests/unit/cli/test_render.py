"""What a terminal is given of events: each thing once, and nothing that steers it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from postil.cli.render import Renderer
from postil.core.ephemeral import CallProgress, TextDelta
from postil.core.event import Event
from postil.core.events import FileChanged, Publication, QuestionAsked
from postil.core.question import Option, Question
from tests.support import golden_parts as make
from tests.unit.cli.asked import place

BAD = "\x1b]0;title\x07\x1b[2J\u202e"
NOBODY = "Nobody is there to answer. Go on with what is most likely right, and say what you assumed."


def written(*events: Event, options: bool = True) -> str:
    out = io.StringIO()
    renderer = Renderer(Console(file=out, width=200, force_terminal=False, highlight=False), options=options)
    for event in events:
        renderer.show(Publication("s1", None, 0, event))  # pyright: ignore[reportArgumentType] - any event here
    return out.getvalue()


def changed(**more: str) -> FileChanged:
    (event,) = (it for it in make.edited("t1", "c1") if isinstance(it, FileChanged))
    return event.model_copy(update=more)


@pytest.mark.parametrize(
    "events",
    [
        [TextDelta(turn_id="t1", step=1, text=f"So {BAD}")],
        [TextDelta(turn_id="t1", step=1, text="\x1b"), TextDelta(turn_id="t1", step=1, text="[2J")],
        [CallProgress(call_id="c1", text=f"{BAD}\nrest {BAD}"), make.finished("t1", "c1", "shell", "")],
        [changed(diff=f"+{BAD}\n")],
        [changed(path=f"/project/{BAD}\nb")],
        [make.asked("t1", "c1", "q1", f"echo {BAD}")],
        [QuestionAsked(turn_id="t1", question=Question(
            id="q1", kind="ask_user", title="The agent asks", subject=BAD,
            options=(Option(id="choice_1", title=BAD, kind="choice"),),
        ))],
        [*make.shell_started("t1", "c1", BAD), make.finished("t1", "c1", "shell", BAD, "failed")],
        [make.decided("t1", "c1", "deny", why=BAD)],
        [make.ended("t1", "failed", message=BAD, mend=BAD)],
    ],
)  # fmt: skip
def test_nothing_from_outside_steers_the_terminal(events: list[Event]) -> None:
    said = written(*events)
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert "\\x1b" in said


def test_text_and_output_with_line_ends_of_windows_keep_their_lines() -> None:
    said = written(
        TextDelta(turn_id="t1", step=1, text="one\r\ntwo\n"),
        CallProgress(call_id="c1", text="three\r\nfour\n"),
    )
    assert said == "one\ntwo\n    three\n    four\n"


@pytest.mark.parametrize(
    ("by", "tail"), [("rule", ""), ("nobody", "; nobody is here to ask, which is a denial")]
)
def test_a_denial_is_one_line(by: str, tail: str) -> None:
    wanted = make.call("c1", "edit", path="a.txt")
    said = written(
        make.replied("t1", 1, wanted, stop="tool_use"),
        make.decided("t1", "c1", "deny", by, why="no rule allows this edit"),
        make.finished("t1", "c1", "edit", "Denied: no rule allows this edit.", "denied"),
    )
    assert said == f'  edit {{"path": "a.txt"}} denied: no rule allows this edit{tail}\n'


def test_a_question_lists_its_answers_unless_the_face_shows_them_itself() -> None:
    event = make.asked("t1", "c1", "q1", "pytest")
    assert "    1 Allow once" in written(event).splitlines()
    assert "Allow once" not in written(event, options=False)


async def test_a_question_that_nobody_could_answer_is_written_with_what_the_model_was_told(
    tmp_path: Path,
) -> None:
    here = place(tmp_path)
    script = [{"tool": "ask_user", "input": {"question": "Which port?"}}, "I took 80."]
    said = await here.ask(script, "ask", "Go.")
    assert said.status == 0
    lines = said.out.splitlines()
    at = lines.index("  ? Which port?")
    assert lines[at + 1] == f"    {NOBODY}"
