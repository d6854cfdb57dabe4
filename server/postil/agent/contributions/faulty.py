"""What is wrong in files of settings, with its line, for those who list what there is: nobody asks "off, why" more than then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.config.load import Problem


@dataclass(frozen=True, slots=True)
class Faulty:
    """Something that stands in a file of settings and is not used."""

    option: str
    """The option that it stands in; empty where the whole file cannot be read."""
    name: str
    """What it would be, where that can be told: a server, the moment of a hook."""
    file: str
    line: int
    """From 1; 0 where it stands in no file."""
    why: str
    """Without a full stop."""
    blocks: bool
    """Whether no session begins before it is mended."""

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.file}:{self.line}" if self.line else self.file


def faulty(problems: Sequence[Problem]) -> Sequence[Faulty]:
    """Return what is wrong, with where it stands. Blocking: it reads the files."""
    return [_one(it) for it in problems]


def _one(it: Problem) -> Faulty:
    name = str(it.way[1]) if len(it.way) > 1 else ""
    said = it.message.removesuffix(".")
    return Faulty(it.option, name, it.path, _line(it), said, it.blocks)


def _line(it: Problem) -> int:
    if not it.way:
        return 0  # the message of the parser says it
    from postil.config.positions import positions  # noqa: PLC0415 - loaded where something is wrong

    try:
        text = Path(it.path).read_text("utf-8")
    except (OSError, ValueError):
        return 0  # it is no file, such as the environment
    found = positions(text).keys
    way = tuple(part for part in it.way if part != "[key]")
    prefixes = (way[:size] for size in range(len(way), 0, -1))
    places = (found.get(part) or found.get((*part, 0)) for part in prefixes)
    return next((place.line + 1 for place in places if place is not None), 0)
