"""What a chat document has to say where a person types at random and an answer comes in: each letter has its place, and each edit its leave.

An edit of the agent's may take out its own marker and what stands there for now, the title and the header, and words of the person's
that were used, all of them or none. It may put its words in the marker's place, right behind a prompt that was sent, above the
draft, and in the header. So every letter of the person's stands where it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postil.lsp.chat.page import asked, told
from postil.lsp.chat.reply import Reply
from tests.support.typed_letters import Letter, Letters

MARKER = re.compile(r"\n?<!--reply \d+ #\d+-->")
BEGUN = re.compile(r"\n\n## Postil\n<!--reply (\d+) #\d+-->\n\n## You(\n?)")
ELSEWHERE = re.compile(r"## You\n.*\n\n## Postil\n<!--reply (\d+) #\d+-->\n\n", re.DOTALL)
HEADER = re.compile(r"^<!-- postil .*-->\n?", re.MULTILINE)
TITLE = re.compile(r"\A# .*")
FRESH = "# Chat\n\n## You\n"
Spans = Sequence[tuple[int, int, str]]


@dataclass(eq=False)
class Used:
    """Words below the last heading that were sent, or used as an answer."""

    words: str
    letters: list[Letter]
    touched: bool = False
    """Whether somebody typed within them or right beside them since."""
    done: bool = False
    """Whether they are a prompt with its answer below, or were taken out."""


class ChatModel:
    """The reference of one document."""

    def __init__(self) -> None:
        self.letters = Letters(FRESH)
        self.used: list[Used] = []
        self.ways: dict[int, str] = {}
        """How the reply of each turn began: with the line end behind the next heading, or `elsewhere`."""

    @property
    def text(self) -> str:
        return self.letters.text

    # What the person does

    def typed(self, start: int, end: int, words: str) -> tuple[list[Letter], list[Letter]]:
        """Take note of what a person did; returns what went out and what came in."""
        out, put = self.letters.put(start, end, words, "person")
        for it in self.used:
            it.touched |= not it.done and self._is_at(it, out, put)
        return out, put

    def undone(self, out: Sequence[Letter], put: Sequence[Letter]) -> None:
        """Take note that the person undid that."""
        self.letters.undo(out, put, "person")
        for it in self.used:
            it.touched |= not it.done and self._is_at(it, out, put)

    def uses(self) -> Used:
        """Take note that what stands below the last heading is used now."""
        there, text = self.letters.there, self.text
        start = text.rindex("## You\n") + len("## You\n")
        draft = text[start:]
        words = draft.strip()
        first = start + draft.index(words)
        self.used.append(Used(words, there[first : first + len(words)]))
        return self.used[-1]

    def _is_at(self, used: Used, out: Sequence[Letter], put: Sequence[Letter]) -> bool:
        places = {it: place for place, it in enumerate(self.letters.all)}
        first, last = places[used.letters[0]], places[used.letters[-1]]
        there = [place for place, it in enumerate(self.letters.all) if it.gone is None]
        before = max((it for it in there if it < first), default=-1)
        behind = min((it for it in there if it > last), default=len(places))
        return any(before <= places[it] <= behind for it in (*out, *put))

    # What the agent does

    def edited(self, spans: Spans) -> None:
        """Take note of an edit of the agent's, whose places are all meant in the text as it is: it has leave for all that it does."""
        for start, end, words in sorted(spans, reverse=True):
            out = self.letters.there[start:end]
            if out and all(it.by == "person" for it in out):
                self._takes_out(out, words)
            elif out:
                self._replaces(start, end)
            else:
                self._puts_in(start, words)
            self.letters.put(start, end, words, "agent")

    def _takes_out(self, out: list[Letter], words: str) -> None:
        used = next((it for it in self.used if not it.done and it.letters == out), None)
        assert used is not None, (
            f"words of the person's that nobody used: {_read(out)!r}",
            [
                (it.words, it.done, it.touched, _read([one for one in it.letters if one.gone is None]))
                for it in self.used
            ],
            self.text[-400:],
        )
        assert not words
        used.done = True

    def _replaces(self, start: int, end: int) -> None:
        out, text = self.letters.there[start:end], self.text
        assert all(it.by == "agent" for it in out), f"words of the person's: {_read(out)!r}"
        assert any(a <= start and end <= b for a, b in _passing(text)), f"what was to stay: {_read(out)!r}"

    def _puts_in(self, at: int, words: str) -> None:
        there = self.letters.there
        if (begun := BEGUN.fullmatch(words)) is not None:
            self._begins(there, at, begun[2])
            self.ways[int(begun[1])] = begun[2]
        elif (elsewhere := ELSEWHERE.fullmatch(words)) is not None:
            assert at == self.text.rindex("## You\n"), "not above the draft"
            self.ways[int(elsewhere[1])] = "elsewhere"
        else:
            assert HEADER.fullmatch(words), f"put in: {words!r}"
            assert at == self.text.index("\n") + 1

    def _begins(self, there: list[Letter], at: int, rest: str) -> None:
        """An answer begins right behind the last letter of what was sent, and what was typed behind that is the next draft."""
        used = next((it for it in self.used if not it.done and there[at - 1] is _last(it)), None)
        assert used is not None, (
            f"not right behind what was sent: {self.text[:at][-200:]!r}",
            [
                (it.words, it.done, it.touched, _read([one for one in it.letters if one.gone is None]))
                for it in self.used
            ],
        )
        behind = self.text[at : at + 1]
        assert rest == ("" if behind == "\n" else "\n"), (rest, behind)
        used.done = True

    # What is to be read in the end

    def check(self, text: str, replies: Sequence[Reply], title: str) -> None:
        """Hold the document against the record, byte for byte."""
        assert text == self.text
        found = HEADER.sub("<header>\n", self.letters.agents, count=1)
        assert found == self._page(replies, title)
        for it in self.used:
            assert it.done or it.touched, f"used, and not touched since: {it.words!r}"

    def _page(self, replies: Sequence[Reply], title: str) -> str:
        """Return what the record says, without the person's own letters."""
        parts, heading = [f"# {title}\n<header>\n\n"], "## You\n"
        for it in replies:
            way = self.ways[it.number]
            if way == "elsewhere":
                parts.append(f"{asked(it.prompt)}{told(it)}\n")
            else:
                parts.append(f"{heading}\n\n{told(it)}\n")
                heading = f"## You{way}"
        return "".join([*parts, heading])


def _passing(text: str) -> list[tuple[int, int]]:
    """Return the places of what stands in a document for now."""
    found = [it.span() for it in (TITLE.search(text), HEADER.search(text)) if it is not None]
    return found + [(_open_questions(text, it.start()), it.end()) for it in MARKER.finditer(text)]


def _open_questions(text: str, end: int) -> int:
    """Return where the open questions above a marker begin."""
    start = end
    while (at := text.rfind("\n### Question", 0, start)) >= 0 and "- answer: waiting" in text[at:start]:
        start = at
    return start


def _read(letters: Sequence[Letter]) -> str:
    return "".join(it.text for it in letters)


def _last(used: Used) -> Letter | None:
    return next((it for it in reversed(used.letters) if it.gone is None), None)
