"""What a command would do that a person wants to read first: install, delete, write, send. It is told, and decides nothing."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Part, Redirection
from postil.permissions.shell.programs import tables
from postil.permissions.shell.reads import matches
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.shell.touches.words import doing_of

DeedKind = Literal["installs", "deletes", "writes", "sends"]
"""In the order in which they are told."""

_TO: dict[DeedKind, str] = {"sends": "to "}
_MOST = 12
"""How many things one deed names."""
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s]+)", re.IGNORECASE)
_REMOTE = re.compile(r"^(?:[\w.-]+@)?([A-Za-z0-9][\w.-]*):(?!//)")
_HOST = re.compile(r"^(?:[\w.-]+@)?((?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+|localhost)(?:[:/].*)?$")
_BARE_HOST = frozenset({"ssh", "sftp", "nc", "ncat", "telnet", "ftp"})
"""Programs whose first operand is a machine, whatever it looks like."""


class Forms(BaseModel):
    """Some forms of programs that do the same, and what is told of their words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forms: tuple[str, ...]
    tell: Literal["", "words", "paths", "last", "hosts"] = ""
    otherwise: str = "what is not known before it runs"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a part does."""

    kind: DeedKind
    text: str
    """To what, and by which program."""
    part: int
    """The part that does it, as an index in all parts."""


def deeds_of(parts: Sequence[Part], around: Surroundings) -> list[Deed]:
    """Return what the parts of a line would do, in the order of kinds and then of the line."""
    found = {(it.kind, it.text): it for it in reversed(list(_found(parts, around)))}
    order = get_args(DeedKind)
    return sorted(found.values(), key=lambda it: (order.index(it.kind), it.part))


def shown_path(text: str, part: Part, around: Surroundings) -> str:
    """Return where a path of a part leads, as people write it: below the workspace, below the home, or whole."""
    led = {posixpath.normpath(_led(text, folder, around)) for folder in part.cwds or {None}}
    return " or ".join(sorted(_short(it, around) for it in led))


def _led(text: str, folder: str | None, around: Surroundings) -> str:
    if folder is None and not text.startswith("/"):
        return text
    place = around.place(text, folder or "/")
    return place.physical if place is not None else text


def _short(path: str, around: Surroundings) -> str:
    relative = around.relative(path) if path.startswith("/") else path
    if relative is not None:
        return "the workspace" if relative == "." else relative
    if is_below(path, around.home) and around.home != "/":
        return "~" + path[len(around.home) :]
    return path


def _found(parts: Sequence[Part], around: Surroundings) -> Iterator[Deed]:
    for index in told_parts(parts):
        part = parts[index]
        for kind in get_args(DeedKind):
            text = _by_table(part, kind, around)
            if text:
                by = " ".join((*_reached_by(part), _named(part, kind)))
                yield Deed(kind, f"{_TO.get(kind, '')}{text}, by {by}", index)
        if part.base == "find" and any(it.text == "-delete" for it in part.operands):
            yield Deed("deletes", "what find finds", index)
        yield from (Deed("writes", it, index) for it in _overwritten(part, around))


def told_parts(parts: Sequence[Part]) -> list[int]:
    """Return the parts that the line starts, and of what may stand behind others those that are most likely meant.

    Behind a wrapper the guard sees a command at every word. Told is the first whose program has a name that is known.
    """
    told: list[int] = []
    for index, part in enumerate(parts):
        direct = not part.through or part.through == ("?",)
        within = any(_ends_with(parts[it].argv, part.argv) for it in told if parts[it].through)
        if direct or (_is_known(part.base) and not within):
            told.append(index)
    return told


def _is_known(program: str) -> bool:
    return program in tables() or program in STARTERS or program in _programs()


def _ends_with(argv: Sequence[Argument], end: Sequence[Argument]) -> bool:
    return len(end) < len(argv) and [it.text for it in argv[-len(end) :]] == [it.text for it in end]


def _reached_by(part: Part) -> tuple[str, ...]:
    return tuple(it for it in part.through if it != "?")


@cache
def table() -> dict[DeedKind, dict[tuple[str, ...], Forms]]:
    """Return the forms by kind and by their words."""
    data = tomllib.loads(
        resources.files("postil.permissions.shell").joinpath("summary.toml").read_text("utf-8")
    )
    found: dict[DeedKind, dict[tuple[str, ...], Forms]] = {}
    for kind in get_args(DeedKind):
        rows = [Forms.model_validate(it) for it in data.pop(kind)]
        found[kind] = {tuple(form.split()): row for row in rows for form in row.forms}
    if data:
        raise ValueError(f"summary.toml: no deeds of kind {', '.join(data)}")
    return found


@cache
def _programs() -> frozenset[str]:
    return frozenset(words[0] for rows in table().values() for words in rows)


def _form(part: Part, kind: DeedKind) -> tuple[tuple[str, ...], Forms] | None:
    """Return the longest form that the part has."""
    rows = table()[kind]
    fitting = [words for words in rows if words[0] == part.base and _rest(part, words) is not None]
    words = max(fitting, key=len, default=None)
    return (words, rows[words]) if words is not None else None


def _rest(part: Part, words: Sequence[str]) -> list[Argument] | None:
    """Return what follows the words of a form, options between them left out; None where the part has another form."""
    rest = list(part.operands)
    for word in words[1:]:
        while rest and rest[0].known != word and (rest[0].text or "").startswith("-"):
            rest.pop(0)
        if not rest or rest[0].known != word:
            return None
        rest.pop(0)
    return rest


def _named(part: Part, kind: DeedKind) -> str:
    found = _form(part, kind)
    return " ".join(found[0]) if found is not None else part.base


def _by_table(part: Part, kind: DeedKind, around: Surroundings) -> str:
    found = _form(part, kind)
    if found is None:
        return ""
    words, row = found
    rest = _rest(part, words) or []
    plain = [it for it in rest if not (it.text or "").startswith("-")]
    if row.tell == "words":
        texts = [_word(it) for it in rest] if plain else []
        return " ".join(_cut(texts)) or row.otherwise
    if row.tell == "paths":
        return ", ".join(_cut(_paths(plain, part, around))) or row.otherwise
    if row.tell == "last":
        return ", ".join(_cut(_paths(plain[-1:], part, around))) or row.otherwise
    if row.tell == "hosts":
        # rsync and git reach another machine only where one is named.
        hosts = _cut(list(dict.fromkeys(_hosts(plain, part))))
        local = part.base == "rsync" and not hosts
        return "" if local else ", ".join(hosts) or row.otherwise
    return row.otherwise


def _cut(texts: Sequence[str]) -> list[str]:
    more = len(texts) - _MOST
    return [*texts[:_MOST], f"and {more} more"] if more > 0 else list(texts)


def _word(argument: Argument) -> str:
    if argument.text is not None:
        return argument.text
    return argument.source.raw if argument.source is not None else argument.leading + "…"


def _paths(arguments: Iterable[Argument], part: Part, around: Surroundings) -> list[str]:
    return [_path(it, part, around) for it in arguments]


def _path(argument: Argument, part: Part, around: Surroundings) -> str:
    if argument.text is None:
        return f"{_word(argument)} (known only when it runs)"
    if argument.text == "{}" and part.through:
        return "each file that is found"
    if argument.pattern and part.cwds:
        found = [it for folder in part.cwds for it in matches(argument.text, folder, around)]
        return f"{argument.text} ({len(found) - len(part.cwds)} now)" if None not in found else argument.text
    return shown_path(argument.text, part, around)


def _hosts(arguments: Sequence[Argument], part: Part) -> Iterator[str]:
    for position, argument in enumerate(arguments):
        text = argument.text
        if text is None:
            yield f"{_word(argument)} (known only when it runs)"
            continue
        found = _URL.match(text) or _REMOTE.match(text) or _HOST.match(text)
        if found is not None:
            yield found[1]
        elif position == 0 and (part.base in _BARE_HOST or part.base == "git"):
            yield text.rpartition("@")[2]
        if position == 0 and part.base in _BARE_HOST:
            return


def _overwritten(part: Part, around: Surroundings) -> Iterator[str]:
    for one in part.redirections:
        if one.writes and one.target is not None and not _is_stream(one):
            yield _path(one.target, part, around)
    told = any(_form(part, kind) is not None for kind in ("writes", "deletes"))
    if told or part.base in ("git", "find"):
        return
    names = [
        it.argument
        for it in doing_of(part).written
        if it.certain and not _REMOTE.match(it.argument.text or "")
    ]
    if names:
        yield ", ".join(_cut(_paths(names, part, around)))


def _is_stream(one: Redirection) -> bool:
    text = one.target.text if one.target is not None else None
    return text == "/dev/null" or (one.operator == ">&" and text in ("1", "2", "-"))
