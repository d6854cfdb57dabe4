"""A reply gets into a document whole, whatever its user types, undoes or deletes, and whatever tries an editor skips or makes late."""

from __future__ import annotations

import random
import re

import pytest

from postil.core.ephemeral import TextDelta
from postil.core.events import ModelReplied, PermissionAsked, PermissionDecided, PromptReceived, TurnEnded
from postil.core.messages import AssistantMessage, Text, Usage
from postil.core.question import Option, Question
from postil.lsp.chat.form import marker
from postil.lsp.chat.page import page
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import Places
from postil.lsp.chat.telling import Telling
from postil.lsp.chat.writing import Pace, Writing
from postil.workspace.texts.changes import TextChange, apply_changes
from tests.support.chat_texts import ROOT

TYPED = "αβγδεζηθικλμνξοπρστυφχψω"
SPEECH = "# A heading\n\n" + "".join(f"word{number} " + "\n" * (number % 7 == 0) for number in range(60))


def question() -> Question:
    return Question(
        id="q1", kind="permission", title="Run this command?", subject="pytest -q",
        options=(Option(id="once", title="Allow once", kind="allow_once"),),
    )  # fmt: skip


def begun() -> tuple[Telling, Reply]:
    telling = Telling(Places(ROOT))
    reply = telling.apply(PromptReceived(turn_id="t1", text="Go.", face="lsp"), 0.0)
    assert reply is not None
    return telling, reply


def say(telling: Telling, text: str) -> None:
    telling.apply(TextDelta(turn_id="t1", step=1, text=text), 0.0)


def replied(telling: Telling, text: str) -> None:
    said = AssistantMessage(content=(Text(text=text),))
    telling.apply(
        ModelReplied(turn_id="t1", step=1, model="m", message=said, usage=Usage(), stop_reason="end_turn", seconds=1.0), 0.0,
    )  # fmt: skip


def end(telling: Telling) -> None:
    telling.apply(TurnEnded(turn_id="t1", reason="end_turn", steps=1), 0.0)


def document(reply: Reply) -> str:
    """Return the document as it is right after *Send*."""
    return page("s01234", "Go.", "", [Reply(reply.number, _prompt(), Places(ROOT))])


def _prompt() -> PromptReceived:
    return PromptReceived(turn_id="t1", text="Go.", face="lsp")


class Person:
    """Types letters of their own anywhere but inside of a marker, and never deletes."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        self.keys = 0

    def types(self, text: str) -> str:
        key = self.random.choice(TYPED)
        places = [it for it in range(len(text) + 1) if not _within_form(text, it)]
        at = self.random.choice(places)
        self.keys += 1
        return text[:at] + key + text[at:]


def _within_form(text: str, at: int) -> bool:
    """Whether it is inside of a line that is the document's own, or of a line end."""
    if text[at - 1 : at + 1] == "\r\n":
        return True
    start = text.rfind("\n", 0, at) + 1
    found = text.find("\n", at)
    line = text[start : found if found >= 0 else len(text)]
    return line.startswith(("<!--", "## "))


@pytest.mark.parametrize("pace", ["live", "paragraph", "final"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_when_both_write(pace: Pace, line_end: str, seed: int) -> None:
    dice = random.Random(seed)
    telling, reply = begun()
    text = document(reply).replace("\n", line_end)
    writing, person = Writing(reply), Person(dice)
    late: list[tuple[str, list[TextChange]]] = []
    pieces = re.findall(r".{1,9}", SPEECH, re.DOTALL)
    for piece in [*pieces, None, *[None] * 40]:
        if piece is not None:
            say(telling, piece)
        elif not reply.end:
            replied(telling, SPEECH)
            end(telling)
        for _ in range(dice.randrange(3) if piece is not None else 0):
            text = person.types(text)
        tried = writing.changes(text, pace) if writing.look(text) == "ready" else []
        late.append((text, tried))
        if dice.random() < 0.3:
            text = person.types(text)  # the editor skips what was made for another text
        made_for, changes = late.pop(dice.randrange(len(late)))
        if changes and made_for == text:  # the version says whether it is the same
            text = apply_changes(text, changes)
    while writing.look(text) != "written":
        text = apply_changes(text, writing.changes(text, pace))
    assert sum(text.count(key) for key in TYPED) == person.keys
    plain = re.sub(f"[{TYPED}]", "", text)
    assert plain == page("s01234", "Go.", "", [reply]).replace("\n", line_end)


def test_an_open_question_stands_behind_the_reply_and_then_within() -> None:
    telling, reply = begun()
    text, writing = document(reply), Writing(reply)
    say(telling, "I run it.")
    text = apply_changes(text, writing.changes(text, "final"))
    assert "I run it." not in text
    telling.apply(PermissionAsked(turn_id="t1", call_id="c1", fingerprint="f", question=question()), 0.0)
    text = apply_changes(text, writing.changes(text, "final"))
    asked = "I run it.\n\n### Question 1: run this command?\n    pytest -q\n\n- answer: waiting\n<!--reply 1 #1-->\n"
    assert asked in text
    assert writing.look(text) == "ready"
    assert not writing.wants("final")
    telling.apply(
        PermissionDecided(
            turn_id="t1", call_id="c1", fingerprint="f", decision="allow", by="person", why="Allowed once", question_id="q1", face="lsp",
        ),
        0.0,
    )  # fmt: skip
    (change,) = writing.changes(text, "final")
    assert text[: change.start].endswith("- answer: ")
    text = apply_changes(text, [change])
    assert "- answer: allowed once, by you in the editor, " in text
    assert "waiting" not in text


def test_what_is_typed_at_a_question_stays() -> None:
    telling, reply = begun()
    text, writing = document(reply), Writing(reply)
    telling.apply(PermissionAsked(turn_id="t1", call_id="c1", fingerprint="f", question=question()), 0.0)
    text = apply_changes(text, writing.changes(text, "live"))
    assert writing.look(text) == "ready"
    text = text.replace("- answer: waiting", "- answer: waiting for me")
    end(telling)
    text = apply_changes(text, writing.changes(text, "live"))
    assert writing.look(text) == "written"
    assert "- answer: waiting for me\n" in text
    assert "- answer: none, the turn has ended\n" in text


def test_undo_is_seen_and_what_was_undone_can_be_written_again() -> None:
    telling, reply = begun()
    texts, writing = [document(reply)], Writing(reply)
    for number in range(4):
        say(telling, f"Paragraph {number}.\n\n")
        assert writing.look(texts[-1]) == "ready"
        texts.append(apply_changes(texts[-1], writing.changes(texts[-1], "paragraph")))
    assert writing.look(texts[-1]) == "ready"
    assert writing.look(texts[2]) == "undone"
    assert writing.changes(texts[2], "paragraph") == []
    assert writing.look(texts[-1]) == "ready"  # it was redone
    assert writing.look(texts[1]) == "undone"
    writing.go_back(texts[1])
    text = apply_changes(texts[1], writing.changes(texts[1], "paragraph"))
    assert text.replace(marker(1, 5), "") == texts[-1].replace(marker(1, 4), "")
    assert writing.look(text) == "ready"


def test_a_marker_that_is_deleted_or_typed_into_is_put_back() -> None:
    telling, reply = begun()
    text, writing = document(reply), Writing(reply)
    say(telling, "One.\n\n")
    text = apply_changes(text, writing.changes(text, "live"))
    assert writing.look(text) == "ready"
    for spoilt in (text.replace(f"{marker(1, 1)}\n", ""), text.replace("#1-->", "#1λ-->")):
        assert writing.look(spoilt) == "lost"
        mended = apply_changes(spoilt, writing.anchor(spoilt))
        assert writing.look(mended) == "ready"
        assert (
            spoilt.replace("\n", "") == re.sub(r"<!--reply 1 #\d+-->", "", mended).replace("\n", "")
            or "λ" in mended
        )
        text = mended
        writing.go_back(text)
    say(telling, "Two.\n\n")
    text = apply_changes(text, writing.changes(text, "live"))
    assert text.count("One.") == text.count("Two.") == 1


def test_a_reply_that_is_deleted_goes_on_at_the_end() -> None:
    telling, reply = begun()
    text, writing = document(reply), Writing(reply)
    say(telling, "One.\n\n")
    text = "Mine.\n\n## You\nmy next words"
    assert writing.look(text) == "gone"
    text = apply_changes(text, writing.anchor(text))
    assert writing.look(text) == "ready"
    end(telling)
    text = apply_changes(text, writing.changes(text, "live"))
    assert text == f"Mine.\n\n## Postil (continued)\nOne.\n\n{reply.end}\n\n## You\nmy next words"


def test_a_number_that_nobody_gave_is_no_marker() -> None:
    telling, reply = begun()
    text, writing = document(reply), Writing(reply)
    say(telling, "One.\n\n")
    assert writing.look(text.replace("#0", "#7")) == "lost"
    assert writing.changes(text.replace("#0", "#7"), "live") == []
