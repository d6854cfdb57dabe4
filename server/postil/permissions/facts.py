"""What a person is told of a command before deciding: what it would do, and each of its commands with where its paths lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from postil.core.effects import Command, Fact, FactName
from postil.core.question import CommandPart, NamedPath
from postil.core.revealing import exact
from postil.permissions.policy import Policy
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.guard import Judgement
from postil.permissions.shell.part import Part
from postil.permissions.shell.summary import Deed, deeds_of
from postil.permissions.shell.surroundings import Surroundings

MOST_PARTS = 64
_MOST_PATHS = 64
_VALUE = re.compile(r"^-[A-Za-z_-]*=?(?=[/.~])|^[\w-]+=")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one command line."""

    facts: tuple[Fact, ...] = ()
    parts: tuple[CommandPart, ...] = ()


def told_of(command: Command, judgement: Judgement, policy: Policy) -> Told:
    """Return what a person reads of a command line; it looks at links, so call it in a thread."""
    roots = tuple(map(str, policy.roots))
    around = replace(policy.around, roots=roots, cwd=str(command.cwd))
    deeds = deeds_of(judgement.every, around)
    facts = tuple(Fact(name=it.kind, text=_line(it.text)) for it in deeds)
    return Told(facts, _parts(judgement.every, deeds, around))


def _line(text: str) -> str:
    return exact(text).replace("\n", " ⏎ ")


def _parts(every: Sequence[Part], deeds: Sequence[Deed], around: Surroundings) -> tuple[CommandPart, ...]:
    """Return the commands that the line itself starts, each text once."""
    dangers = _dangers(every, deeds)
    found: dict[str, CommandPart] = {}
    for index, part in enumerate(every):
        if part.through or not part.text:
            continue
        text = exact(part.text)
        before = found.get(text)
        paths = dict.fromkeys((*(before.paths if before is not None else ()), *_paths(part, around)))
        danger = before.danger if before is not None and before.danger is not None else dangers.get(index)
        found[text] = CommandPart(text=text, paths=tuple(paths)[:_MOST_PATHS], danger=danger)
    return tuple(found.values())[:MOST_PARTS]


def _dangers(every: Sequence[Part], deeds: Sequence[Deed]) -> Mapping[int, FactName]:
    """Return the worst of each part that the line starts; what stands behind a wrapper is the wrapper's."""
    dangers: dict[int, FactName] = {}
    for deed in deeds:
        through = every[deed.part].through
        index = deed.part
        if through:
            starts = (at for at, it in enumerate(every) if not it.through and it.base == through[0])
            index = next(starts, deed.part)
        dangers.setdefault(index, deed.kind)
    return dangers


def _paths(part: Part, around: Surroundings) -> Iterator[NamedPath]:
    targets = (one.target for one in part.redirections if one.target is not None)
    for argument in (*part.operands, *targets):
        for text in _path_texts(argument):
            leads_to = _leads_to(text, part, around)
            if leads_to is not None:
                yield NamedPath(written=_line(text), leads_to=_line(leads_to))


def _path_texts(argument: Argument) -> Iterator[str]:
    text = argument.text
    if text is None or argument.pattern or not text or "://" in text:
        return
    if not text.startswith("-"):
        yield text
    value = _VALUE.match(text)
    if value is not None and text[value.end() :]:
        yield text[value.end() :]


def _leads_to(text: str, part: Part, around: Surroundings) -> str | None:
    """Return where a word leads, empty where that is open; None where it is no path, by its look and by the disk."""
    looks = "/" in text or text.startswith((".", "~"))
    if part.cwds is None or len(part.cwds) != 1:
        return "" if looks else None
    place = around.place(text, next(iter(part.cwds)))
    if place is None:
        return "" if looks else None
    return place.physical if looks or place.entry is not None else None
