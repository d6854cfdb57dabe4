"""What programs that change files would change, as far as their words say: wide, because it is only used to deny."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.files import Place
from postil.permissions.shell.part import Part
from postil.permissions.shell.spelled import spelled
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.touches.touched import Doing, Target, Targets, Touched
from postil.permissions.shell.touches.words import doing_of
from postil.workspace.files.paths import PROTECTED_PLACES

_VALUE = re.compile(r"^[A-Za-z_-]*=(.*)$", re.DOTALL)
_HOME = re.compile(r"^(?:~|\$\{?HOME\}?)(?=/|$)")
_GLOBBED = re.compile(r"/(?:\*/*|\.\*|\.\?\?\*|\.\[[^/]*|\{[^/]*)$")


def targets(part: Part, around: Surroundings) -> Iterator[str]:
    """Yield every place that an operand of the part may name, and the value after `=` in it; links followed and not."""
    for argument in part.operands:
        yield from _led(argument, part.cwds, around)
        value = _VALUE.match(argument.text if argument.text is not None else argument.leading)
        if value and value[1]:
            yield from resolved(value[1], part.cwds, around)


def written(part: Part, around: Surroundings) -> tuple[Target, ...]:
    """Return what a part writes: where it redirects to, and what its program's table says of its words."""
    return _touched(part, around).written


def redirected(part: Part, around: Surroundings) -> tuple[Target, ...]:
    """Return where a part redirects to."""
    return tuple(
        Target(one.target, _led(one.target, part.cwds, around), whole=False, certain=True, redirected=True)
        for one in part.redirections
        if one.writes and one.target is not None
    )


def read(part: Part, around: Surroundings) -> tuple[Target, ...]:
    """Return what the program of a part reads by its words, as its table says."""
    return _touched(part, around).read


_NOTHING = Targets((), ())


def _touched(part: Part, around: Surroundings) -> Targets:
    if len(part.argv) < 2 and not part.redirections:
        return _NOTHING
    if around.memory is None:
        return _worked_out(part, around)
    if not part.led or part.led[0][0] is not around.memory:
        part.led[:] = [(around.memory, _worked_out(part, around))]
    return part.led[0][1]


def _worked_out(part: Part, around: Surroundings) -> Targets:
    doing = doing_of(part)
    further = _below(part, doing) if doing.below else []
    told = tuple(_target(it, part, further, around) for it in doing.written)
    if doing.read and doing.read is doing.written:
        return Targets((*redirected(part, around), *told), told)
    reads = [_target(it, part, further, around) for it in doing.read]
    if doing.linked:
        reads += (Target(word, (path,), whole=False, certain=True) for word, path in linked(part, around))
    return Targets((*redirected(part, around), *told), tuple(reads))


def _target(one: Touched, part: Part, further: list[frozenset[str]], around: Surroundings) -> Target:
    paths = _led(one.argument, part.cwds, around)
    for cwds in further:
        paths += tuple(path for path in _led(one.argument, cwds, around) if path not in paths)
    return Target(one.argument, paths, one.whole, one.certain, one.piece)


def linked(part: Part, around: Surroundings) -> Iterator[tuple[Argument, str]]:
    """Yield each word of which a part makes another name, with every place where that may lead."""
    doing = doing_of(part)
    if not doing.linked:
        return
    holding = frozenset(_holding(part, doing, around))
    for word in doing.linked:
        # What a symbolic link says counts from the folder that it lies in.
        relative = doing.symbolic and not (word.text or word.leading).startswith("/")
        yield from ((word, it) for it in _led(word, holding if relative and holding else part.cwds, around))


def _holding(part: Part, doing: Doing, around: Surroundings) -> Iterator[str]:
    """Yield the folders in which new names come to lie."""
    if not doing.written:
        yield from part.cwds or ()
    for path in (path for it in doing.written for path in _led(it.argument, part.cwds, around)):
        place = around.place(path, "/")
        is_folder = place is not None and place.entry is not None and place.entry.kind == "dir"
        yield path if is_folder else posixpath.dirname(path)


def _below(part: Part, doing: Doing) -> list[frozenset[str]]:
    """Return the further folders from which it names what it writes."""
    base = part.cwds or frozenset({"/"})
    return [frozenset(posixpath.normpath(posixpath.join(it, below)) for it in base) for below in doing.below]


def _led(argument: Argument, cwds: frozenset[str] | None, around: Surroundings) -> tuple[str, ...]:
    if argument.text is not None:
        return resolved(argument.text, cwds, around)
    texts = ((spelled(argument, folder), folder) for folder in cwds or {"/"})
    return tuple(
        path
        for text, folder in texts
        if text
        for path in resolved(text, frozenset({folder}) if cwds else None, around)
    )


def resolved(text: str, cwds: frozenset[str] | None, around: Surroundings) -> tuple[str, ...]:
    """Return where a path leads from each folder; of a pattern that stands for all in a folder, the folder as well."""
    if around.memory is None:
        return tuple(dict.fromkeys(_resolved(text, cwds, around)))
    key = (text, cwds)
    if key not in around.memory.resolved:
        around.memory.resolved[key] = tuple(dict.fromkeys(_resolved(text, cwds, around)))
    return around.memory.resolved[key]


def _resolved(text: str, cwds: frozenset[str] | None, around: Surroundings) -> Iterator[str]:
    text = _HOME.sub(around.home.replace("\\", ""), text)
    if text in ("*", ".*", "./*"):
        text = "."
    while (shorter := _GLOBBED.sub("/", text)) != text:
        text = shorter
    if not text or (cwds is None and not text.startswith("/")):
        return
    for folder in cwds or {"/"}:
        yield posixpath.normpath(posixpath.join(folder, text)).replace("//", "/")
        place = around.place(text, folder)
        if place is not None:
            yield place.physical
            yield from _other_names(place, around)


def _other_names(place: Place, around: Surroundings) -> Iterator[str]:
    """Yield the protected files that are the same file by another name."""
    identity = place.entry.identity if place.entry is not None else None
    if identity is None:
        return
    for root in around.roots:
        for name in PROTECTED_PLACES:
            entry = around.files.look(posixpath.join(root, name))
            if entry is not None and entry.identity == identity:
                yield posixpath.join(root, name)


def mentioned(part: Part, around: Surroundings) -> Iterator[str]:
    """Yield the protected places that the text of a small program names, as `sed -n 'w .git/config'` does."""
    if _SCRIPTERS.fullmatch(part.base):
        for argument in part.operands:
            for word in _PATH_IN_TEXT.findall(argument.text or ""):
                yield from resolved(word, part.cwds, around)


_SCRIPTERS = re.compile(r"g?sed|[gmn]?awk|perl|python[0-9.]*|ruby|node|php|ed|ex|vim?|lua|jq|tclsh")
_PATH_IN_TEXT = re.compile(r"[\w.~@+-]*(?:/[\w.@+-]+)+|\.[\w.-]+")
