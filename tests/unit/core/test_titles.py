"""What a prompt is called in lists of sessions and turns."""

import json

import pytest

from postil.core.event_codec import encode
from postil.core.events import PromptReceived, Recorded
from postil.core.fold import fold
from postil.core.question import PromptContext
from postil.core.titles import title, title_of


@pytest.mark.parametrize(
    ("text", "problem", "wanted"),
    [
        ("Mend it.\nAll of it.", "", "Mend it."),
        ("  \nMend", "", "Mend"),
        ("Fix this problem.\nUse make.", "add(2, 3) is -1\n(E1)", "Fix this problem: add(2, 3) is -1"),
        ("x" * 100, "", "x" * 80),
    ],
)
def test_a_title(text: str, problem: str, wanted: str) -> None:
    assert title(text, problem) == wanted


def test_of_an_event_as_it_is_recorded() -> None:
    said = PromptContext(kind="diagnostic", path="a.py", text="It is wrong.", first_line=1)
    event = PromptReceived(turn_id="t", text="Fix this problem.", context=(said,), face="test")
    assert title_of(encode(event)) == "Fix this problem: It is wrong."
    assert fold([Recorded(1, 1.0, event)]).workflow.title == "Fix this problem: It is wrong."


@pytest.mark.parametrize(
    "odd",
    ["{}", '{"context": 3}', '{"context": [3, {}]}', '{"text": null, "context": [{"kind": "diagnostic"}]}'],
)
def test_of_what_is_no_prompt(odd: str) -> None:
    assert isinstance(title_of(json.loads(odd)), str)
