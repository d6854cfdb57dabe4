"""What a source file has to say where a person types at random and an agent edits: a text of its own that the same is done to."""

from __future__ import annotations

import re
from collections import Counter

SLOTS = 6


def old(slot: int) -> str:
    """Return what an edit of the agent's replaces."""
    return f"slot_{slot} = 'old'"


def new(slot: int) -> str:
    """Return what it puts there: a line more in every other place."""
    return f"slot_{slot} = 'new'" + (f"\nmore_{slot} = 'added'" if slot % 2 else "")


def original() -> str:
    """Return the file as it begins."""
    return "".join(f"{old(it)}\nfiller {it}\n" for it in range(SLOTS))


class SourceModel:
    """The reference: it makes the agent's edits by itself, from what they were to replace, wherever typing has moved that."""

    def __init__(self) -> None:
        self.text = original()
        self.made: Counter[int] = Counter()
        """How often the edit of each slot was made."""
        self.touched: set[int] = set()
        """The slots whose words somebody changed, or wrote once more."""
        self._starts = {it: self.text.index(old(it)) for it in range(SLOTS)}
        """Where the line of each slot begins by now."""
        self._pieces = {it: self._starts[it] + old(it).index("old'") for it in range(SLOTS)}
        """Where the letters that each edit changes begin by now, as long as nobody has touched them."""

    def typed(self, start: int, end: int, words: str) -> None:
        """Take note of what a person did."""
        for slot, at in self._starts.items():
            line = _line_end(self.text, at)
            if (at < end and start < line) or at < start <= line:
                self.touched.add(slot)
            if at >= end and (at > start or start == end):
                self._starts[slot] = at + len(words) - (end - start)
        for slot, at in [*self._pieces.items()]:
            if end <= at:
                self._pieces[slot] = at + len(words) - (end - start)
            elif start < at + len("old'"):
                del self._pieces[slot]
        self.text = self.text[:start] + words + self.text[end:]
        self.touched |= {it for it in range(SLOTS) if self.text.count(old(it)) > 1}

    def edited(self, now: str) -> None:
        """Take note that the agent has made an edit, after which the editor says `now`."""
        slot = next((it for it in range(SLOTS) if now in self._possible(it)), None)
        assert slot is not None, f"no edit of one slot makes this of {self.text!r}: {now!r}"
        self.made[slot] += 1
        at = self._starts[slot]
        if now == self._after(slot, at):
            for other, it in self._starts.items():
                self._starts[other] = it + (len(new(slot)) - len(old(slot)) if it > at else 0)
        more, changed = len(now) - len(self.text), self._pieces.pop(slot, at)
        self._pieces = {other: it + (more if it > changed else 0) for other, it in self._pieces.items()}
        self.text = now

    def _possible(self, slot: int) -> list[str]:
        """Return what the edit of a slot may make of the text: of the slot's own line as long as that is whole.

        Else it is made in another such line, or was carried over to what was typed beside the letters that it changes.
        """
        at, piece = self._starts[slot], self._pieces.get(slot)
        if self.text.startswith(old(slot), at):
            return [self._after(slot, at)]
        found = [self._after(slot, it.start()) for it in re.finditer(re.escape(old(slot)), self.text)]
        if piece is not None and slot in self.touched:
            changed = new(slot)[old(slot).index("old'") :]
            found.append(self.text[:piece] + changed + self.text[piece + len("old'") :])
        return found

    def _after(self, slot: int, at: int) -> str:
        return self.text[:at] + new(slot) + self.text[at + len(old(slot)) :]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)
