"""What was used of a draft is taken out once, where it stands, whatever is typed around it: a model of characters with names says what is left."""

from __future__ import annotations

import random

import pytest

from postil.lsp.chat.form import parse
from postil.lsp.chat.passage import Passage
from postil.workspace.texts.changes import apply_changes

TOP = "# Chat\n\n## Postil\n<!--reply 1 #1-->\n\n## You\n"


def passage_of(body: str) -> Passage:
    draft = parse(f"{TOP}{body}").draft
    assert draft is not None
    return Passage(draft)


def left(passage: Passage, body: str) -> str:
    """Return what is left below the last heading."""
    text = f"{TOP}{body}"
    made = apply_changes(text, passage.changes(text))
    assert made.startswith(TOP)
    passage.note(made)
    assert passage.settled
    assert passage.changes(made) == []
    return made.removeprefix(TOP)


def lines(text: str) -> list[str]:
    return [it for it in text.split("\n") if it]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("go\ngood going, gopher: go on, ago\n", "\ngood going, gopher: go on, ago\n"),
        ("good going, gopher: go on, ago\n", "good going, gopher: go on, ago\n"),
        ("ago\n", "ago\n"),
        ("go_on\n", "go_on\n"),
        ("gx go\n", "gx \n"),
        ("logo\ngo\nlogo\n", "logo\n\nlogo\n"),
        ("Something else.\n", "Something else.\n"),
        ("", ""),
    ],
)
def test_only_the_words_that_were_used_are_taken_out(typed: str, expected: str) -> None:
    assert left(passage_of("go\n"), typed) == expected


def test_the_same_words_typed_again_stay() -> None:
    passage = passage_of("go\n")
    for it in ("g\n", "go\n"):  # Somebody deleted a letter, and typed it again: another text.
        passage.note(f"{TOP}{it}")
    assert left(passage, "go\n") == "go\n"
    again = passage_of("go\n")
    assert left(again, "go\n\ngo\n") == "\n\ngo\n"


def test_one_sign_of_two_goes() -> None:
    assert left(passage_of("?\n"), "??\n") == "?\n"


def test_several_lines_go_together_also_with_other_line_ends_and_other_sections_above() -> None:
    passage = passage_of("A.\r\n\r\nB.\r\n")
    passage.note(f"More above.\r\n{TOP}A.\r\n\r\nB.\r\nA.\r\n")
    assert left(passage, "A.\r\n\r\nB.\r\nA.\r\n") == "\r\nA.\r\n"


def test_a_heading_that_is_typed_ends_it() -> None:
    passage = passage_of("go\n")
    assert left(passage, "## You\ngo\n## Postil\n") == "## You\ngo\n## Postil\n"


@pytest.mark.parametrize("seed", range(40))
def test_what_is_typed_around_it_is_left_in_order(seed: int) -> None:
    dice = random.Random(seed)
    sent = dice.choice(["go", "a\n\nb", "Queued thing.\nOf two parts."])
    # Each character with whether it was sent.
    model = [*((it, True) for it in sent), ("\n", False)]
    passage = passage_of(f"{sent}\n")
    for _ in range(dice.randrange(1, 12)):
        first = next(number for number, it in enumerate(model) if it[1])
        last = max(number for number, it in enumerate(model) if it[1])
        words = dice.choice(["go\n", "a\n", "b\n", "Queued thing.\n", "x\n"])
        places = [
            *(it for it in range(first + 1) if it == 0 or model[it - 1][0] == "\n"),
            *(it for it in range(last + 2, len(model) + 1) if model[it - 1][0] == "\n"),
        ]
        at = dice.choice(places)
        model[at:at] = [(it, False) for it in words]
        passage.note(TOP + "".join(it for it, _ in model))
    expected = "".join(it for it, was_sent in model if not was_sent)
    # Which of two equal lines went cannot be told; a blank line stays in the place of the one that did.
    assert lines(left(passage, "".join(it for it, _ in model))) == lines(expected)
