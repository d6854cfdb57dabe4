"""Which files a part reaches: every operand and value that is a path, from every folder it may run in."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.files import Place
from postil.permissions.shell.part import Part
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.usage import Usage
from postil.permissions.shell.wildcards import is_pattern, wildcard

MOST_MATCHES = 4_096


@dataclass(frozen=True, slots=True)
class Reached:
    """One path that a part reads, and how."""

    written: str
    place: Place | None
    """None where it is not known where it leads."""
    role: str
    recursive: bool = False
    follows: bool = False
    """Whether links on the way are followed."""
    skips_hidden: bool = False
    """Whether hidden files on the way are left out."""
    left_out: tuple[str, ...] = ()
    """Patterns for names of folders on the way that are left out."""
    word: str = ""
    """The word that names it, which may be a pattern."""
    redirected: bool = False
    """Whether the shell opens it, whatever program is started."""


def reached(part: Part, usage: Usage | None, around: Surroundings) -> Iterator[Reached]:
    """Yield every path among the redirections of a part, and among its arguments where its program is known."""
    left_out = _left_out(usage)
    skips = usage is not None and usage.skips_hidden
    follows = usage is not None and usage.follows
    for use in usage.uses if usage is not None else ():
        if use.role in ("text", "text*") and use.argument.pattern and not use.option:
            # The names of files that are there take its place, and are shown.
            yield from _places(use.argument, part, around, "list", recursive=False)
        elif (
            use.role in ("read", "local", "list", "folder")
            and use.argument.text is not None
            and (use.argument.text != "-" or use.role == "folder")
        ):
            deep = usage is not None and usage.recursive and not use.option
            for found in _places(use.argument, part, around, use.role, recursive=deep):
                plain = not (skips or follows or left_out)
                yield (
                    found if plain else replace(found, skips_hidden=skips, follows=follows, left_out=left_out)
                )
    for one in part.redirections:
        if one.operator == "<" and one.target is not None and one.target.text is not None:
            for found in _places(one.target, part, around, "read", recursive=False):
                yield replace(found, redirected=True)


def _left_out(usage: Usage | None) -> tuple[str, ...]:
    """Return what is left out by the names of folders, as far as that is known."""
    uses = usage.uses if usage is not None else ()
    texts = (it.argument.text for it in uses if it.option == "exclude-dir")
    return tuple(it for it in texts if it and "/" not in it and "\\" not in it)


def _places(
    argument: Argument, part: Part, around: Surroundings, role: str, *, recursive: bool
) -> Iterator[Reached]:
    text = argument.text or ""
    if text == "/dev/null":
        return
    if text == "-" or (part.cwds is None and not text.startswith("/")):
        yield Reached(text, None, role, recursive, word=text)
        return
    for folder in part.cwds or {"/"}:
        for path in matches(text, folder, around) if argument.pattern else [text]:
            place = around.place(path, folder) if path is not None else None
            yield Reached(text, place, role, recursive, word=text)


def matches(pattern: str, folder: str, around: Surroundings) -> Iterator[str | None]:
    """Yield the paths that a pattern may stand for, itself among them; None where that is not known."""
    if _goes_up(pattern):
        yield None
        return
    fixed, dynamic = _split(pattern)
    # The name before any file is found: a program gets it as it is where nothing matches.
    yield posixpath.join(fixed, *dynamic) if fixed else posixpath.join(*dynamic)
    found = [fixed]
    for part in dynamic:
        step: list[str] = []
        for base in found:
            if not is_pattern(part):
                step.append(posixpath.join(base, part))
                continue
            place = around.place(base or ".", folder)
            if place is None or place.entry is None or place.entry.kind != "dir":
                continue
            names = around.files.names(place.physical, MOST_MATCHES)
            if names is None:
                yield None
            step += [posixpath.join(base, it) for it in names or () if _matches(it, part)]
            if len(step) > MOST_MATCHES:
                break
        found = step[:MOST_MATCHES]
    yield from found


def _split(pattern: str) -> tuple[str, list[str]]:
    parts = pattern.split("/")
    first = next(index for index, it in enumerate(parts) if is_pattern(it))
    return "/".join(parts[:first]) + ("/" if first else ""), parts[first:]


def _goes_up(pattern: str) -> bool:
    """Whether `..` follows a pattern, or a pattern may itself be `..`, which only one that begins with a dot may."""
    _, dynamic = _split(pattern)
    return any(it == ".." or (it.startswith(".") and _matches("..", it)) for it in dynamic)


def _matches(name: str, pattern: str) -> bool:
    if name.startswith(".") and not pattern.startswith((".", "[")):
        return False
    return wildcard(pattern).may_be(name)
