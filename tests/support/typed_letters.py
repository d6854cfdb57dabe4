"""A document letter by letter, with who wrote each of them and who took it out: what a person and an agent did in it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Who = Literal["person", "agent"]


@dataclass(eq=False, slots=True)
class Letter:
    """One character. It keeps its place among the others when it is taken out."""

    text: str
    by: Who
    gone: Who | None = None


class Letters:
    """A document that two write in."""

    def __init__(self, text: str) -> None:
        """What stands there at first is the agent's."""
        self.all = [Letter(it, "agent") for it in text]

    @property
    def there(self) -> list[Letter]:
        """Those that stand there now."""
        return [it for it in self.all if it.gone is None]

    @property
    def text(self) -> str:
        """What is to be read."""
        return "".join(it.text for it in self.there)

    @property
    def agents(self) -> str:
        """What the agent wrote and left: as if there were no person."""
        return "".join(it.text for it in self.all if it.by == "agent" and it.gone != "agent")

    def put(self, start: int, end: int, new: str, by: Who) -> tuple[list[Letter], list[Letter]]:
        """Replace what stands between two offsets; returns what was taken out and what was put in, right before what stands behind."""
        there = self.there
        out, behind = there[start:end], there[start : start + 1]
        place = self.all.index(behind[0]) if behind else len(self.all)
        for it in out:
            it.gone = by
        letters = [Letter(it, by) for it in new]
        self.all[place:place] = letters
        return out, letters

    def undo(self, out: Sequence[Letter], put: Sequence[Letter], by: Who) -> None:
        """Have what was taken out stand where it stood, and what was put in gone."""
        for it in out:
            it.gone = None
        for it in put:
            it.gone = by

    def offset(self, letter: Letter) -> int:
        """Return how many letters stand before one, be it gone or not."""
        place = self.all.index(letter)
        return sum(it.gone is None for it in self.all[:place])
