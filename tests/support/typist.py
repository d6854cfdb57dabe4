"""A person who writes in a chat document and a source file at random: words and lines, what the agent writes as well, deletions and undo."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import text_edits
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor, fits, make
from tests.support.typed_chat import ChatModel, Used
from tests.support.typed_letters import Letter
from tests.support.typed_source import SLOTS, SourceModel, new, old

KEYS = "αβγδεζηθικλμνξοπρστυφχψω"
PROMPT = "Edit the slots."
NEXT = "Then edit the rest."
COLLIDING = (
    "word1 ", "word12 word13 ", "Last word0", " word89 ", PROMPT, f"{NEXT}\n", "Done.", "filler 2", "filler 3\nfiller 4\n",
    "'new'", "'old'", "more_1 = 'added'", f"# {new(0)}", f"# {new(1)}", "go", "not that",
)  # fmt: skip
"""What the agent writes, or what is sent."""


@dataclass
class _Last:
    """The person's last edit of a document, as undo needs it."""

    uri: str
    start: int
    out: str
    put: str
    letters: tuple[Sequence[Letter], Sequence[Letter]] | None


class Typist:
    """A person with an editor whose habits change from one edit to the next."""

    def __init__(self, editor: Editor, dice: random.Random, *, lies: bool) -> None:
        self.editor, self.dice, self.lies = editor, dice, lies
        self.bursts = 0
        self.done: dict[str, int] = {}
        """How often each kind of edit was made."""
        self.chat = self.source = Buffer("", Path(), "")
        self.chat_model, self.source_model = ChatModel(), SourceModel()
        self.open: list[Buffer] = []
        """Those that are typed in."""
        self.untold: set[str] = set()
        """Documents with an edit that is made and not announced: their changes are told in order."""
        self.fault: Exception | None = None
        self._last: _Last | None = None
        editor.habit = self.apply
        editor.serve("workspace/codeLens/refresh", lambda _: None)

    # What the person does

    def burst(self) -> None:
        """Do something in one of the documents."""
        told = [it for it in self.open if it.uri not in self.untold]
        if not told:
            return
        self.bursts += 1
        buffer = self.dice.choice(told)
        ways: list[Callable[[Buffer], str]] = [self._keys, self._words, self._lines, self._delete, self._undo]
        weights = [4, 4, 2, 3, 2]
        if buffer is self.source:
            ways, weights = [*ways, self._spoil], [*weights, 1]
        (way,) = self.dice.choices(ways, weights)
        kind = way(buffer)
        self.done[kind] = self.done.get(kind, 0) + 1

    def _keys(self, buffer: Buffer) -> str:
        for _ in range(self.dice.randrange(1, 5)):
            key = "\n" if self.dice.random() < 0.15 else self.dice.choice(KEYS)
            at = self._place(buffer)
            self.write(buffer, at, at, key)
        return "keys"

    def _words(self, buffer: Buffer) -> str:
        at = self._place(buffer)
        words = self.dice.choice((*COLLIDING, self._word(), f" {self._word()} "))
        if buffer is self.source and self.dice.random() < 0.05:
            words = old(self.dice.randrange(SLOTS))
        self.write(buffer, at, at, words)
        return "words"

    def _lines(self, buffer: Buffer) -> str:
        at = self._place(buffer)
        lines = [self.dice.choice((*COLLIDING, self._word(), "")) for _ in range(self.dice.randrange(2, 5))]
        self.write(buffer, at, at, "\n".join(lines))
        return "lines"

    def _delete(self, buffer: Buffer) -> str:
        runs = [it for it in _runs(buffer.text) if it[0] < it[1]]
        if not runs:
            return "nothing"
        first, last = self.dice.choice(runs)
        start = self.dice.randrange(first, last)
        end = min(last, start + self.dice.choice((1, 1, 2, 5, 12, 30)))
        self.write(buffer, start, end, "")
        return "deletion"

    def _undo(self, buffer: Buffer) -> str:
        """Undo the last edit, where that is the person's own."""
        last, self._last = self._last, None
        if last is None or last.uri != buffer.uri:
            return self._keys(buffer)
        self._change(buffer, last.start, last.start + len(last.put), last.out)
        if last.letters is not None:
            self.chat_model.undone(*last.letters)
        else:
            self.source_model.typed(last.start, last.start + len(last.put), last.out)
        return "undo"

    def _spoil(self, buffer: Buffer) -> str:
        """Change what the agent is to edit, or what it has just edited."""
        slot = self.dice.randrange(SLOTS)
        at = buffer.text.find(f"slot_{slot} = '")
        end = buffer.text.find("\n", at)
        if at < 0:
            return "nothing"
        start = self.dice.randrange(at, end)
        if self.dice.random() < 0.5:
            self.write(buffer, start, min(end, start + 3), "")
        else:
            self.write(buffer, start, start, self.dice.choice(("'new'", "x", "old")))
        return "spoilt slot"

    def _word(self) -> str:
        return "".join(self.dice.choices(KEYS, k=self.dice.randrange(2, 9)))

    def _place(self, buffer: Buffer) -> int:
        """Return where to type: often near the end, where what is sent stands."""
        runs = [*_runs(buffer.text)]
        first, last = runs[-1] if self.dice.random() < 0.3 else self.dice.choice(runs)
        return self.dice.randint(first, last)

    # Their edits, and the agent's

    async def until(self, seen: Callable[[], Any]) -> None:
        """Wait for something, or raise what the reference had against an edit meanwhile."""
        try:
            await self.editor.until(lambda: self.fault is not None or seen())
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.chat.text}") from None
        if self.fault is not None:
            raise self.fault

    def write(self, buffer: Buffer, start: int, end: int, words: str) -> None:
        """Have the person replace what stands between two offsets."""
        out = buffer.text[start:end]
        self._change(buffer, start, end, words)
        letters = None
        if buffer is self.chat:
            letters = self.chat_model.typed(start, end, words)
        else:
            self.source_model.typed(start, end, words)
        self._last = _Last(buffer.uri, start, out, words, letters)

    def draft(self, words: str) -> None:
        """Write the next prompt, in the place of what stands below the last heading."""
        start = self.chat.text.rindex("## You\n") + len("## You\n")
        self.write(self.chat, start, len(self.chat.text), f"{words}\n")

    def uses(self) -> Used:
        """Take note that what stands below the last heading is used now."""
        self._last = None
        self.editor.tell()
        return self.chat_model.uses()

    def _change(self, buffer: Buffer, start: int, end: int, words: str) -> None:
        place = {
            "start": text_edits.position_of(buffer.text, start, self.editor.encoding),
            "end": text_edits.position_of(buffer.text, end, self.editor.encoding),
        }
        self.editor.change(buffer, [{"range": place, "newText": words}])()

    async def apply(self, editor: Editor, params: Json) -> Json:
        """Take an edit of the agent's; what the reference has against it is kept for the test, which is elsewhere."""
        try:
            return await self._apply(editor, params)
        except Exception as error:
            self.fault = self.fault or error
            raise

    async def _apply(self, editor: Editor, params: Json) -> Json:
        """Type before, between or after; skip what is stale, and say so or not."""
        if self.dice.random() < 0.5:
            self.burst()
        if not fits(editor, params):
            return {"applied": self.lies}
        tell = self._make(params)
        if self.dice.random() < 0.5:
            (change,) = params["edit"]["documentChanges"]
            uri = change["textDocument"]["uri"]
            self.untold.add(uri)
            editor.client.after_reply += [tell, lambda: self.untold.discard(uri)]
        else:
            tell()
            if self.dice.random() < 0.4:
                self.burst()
        return {"applied": True}

    def _make(self, params: Json) -> Callable[[], None]:
        """Make an edit of the agent's, in the editor and in the reference."""
        (change,) = params["edit"]["documentChanges"]
        buffer = self.editor.buffers[change["textDocument"]["uri"]]
        edits = change["edits"]
        spans = [
            (*text_edits.span_of(buffer.text, it["range"], self.editor.encoding), it["newText"])
            for it in edits
        ]
        tell = make(self.editor, params)
        if buffer is self.chat:
            self.chat_model.edited(spans)
        else:
            self.source_model.edited(buffer.text)
        if self._last is not None and self._last.uri == buffer.uri:
            self._last = None
        return tell


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where somebody may type: lines beside each other that are neither the document's own nor what the agent is to edit."""
    start: int | None = None
    end = place = 0
    asked = False
    for line in text.split("\n"):
        asked = (asked or line.startswith("### Question")) and not line.startswith(("- answer", "<!--"))
        if asked or line.startswith(("<!--", "#", "slot", "- ", "    ")):
            if start is not None:
                yield start, end
            start = None
        else:
            start = place if start is None else start
            end = place + len(line)
        place += len(line) + 1
    if start is not None:
        yield start, end
