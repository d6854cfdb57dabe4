"""Files outside the workspace that a program would read or write: no rule for the program reaches there, unless its own words name them."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.argument import as_written
from postil.permissions.shell.checks import Examples
from postil.permissions.shell.kept import is_open
from postil.permissions.shell.nameable import is_of_machine
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.spelled import inside_any
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import linked, read, written
from postil.permissions.shell.touches.touched import Target

EXAMPLES = Examples(
    ask=("tee /etc/passwd", "cp a ../b", "mkdir -p /opt/x", "ln -sf a /bin/sh", "touch ~/x", "curl -o/opt/x y", "git clone x ../y",
         "sudo tee /etc/passwd", "tar xf a -C /opt", "sed -i s/a/b/ /etc/hosts", "ln -s /etc a",
          "cp /etc/hosts a", "python3 /opt/x.py", "make -C ../x", "x --out=../a", "sed 'w ../x' a"),
    spared=("cp a b", "ln -s a b", "ln -s ../a b/c", "tee a", "mkdir -p a/b", "curl -o a x", "tee /dev/null", "git mv a b"),
)  # fmt: skip

_STREAMS = frozenset(
    {
        "/dev/null",
        "/dev/stdin",
        "/dev/stdout",
        "/dev/stderr",
        "/dev/tty",
        "/dev/fd/0",
        "/dev/fd/1",
        "/dev/fd/2",
    }
)
_SOURCES = frozenset({"/dev/zero", "/dev/random", "/dev/urandom"})


def find(view: View) -> Iterator[Finding]:
    """Ask about what is or could be read or written there, or gets a name inside; a line that is not recognised is asked about anyway."""
    if view.script is None:
        return
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        owner = view.owners[index]
        yield from _linked(view, index, part)
        if not is_open(part, usage):
            continue
        said: set[str] = set()
        for one, reads in _touched(part, view.around):
            path = _outside(one, view.around, reads=reads)
            told = _written_word(part, one.word.text or one.word.leading)
            if path and told not in said:
                said.add(told)
                how = ("reads" if reads else "writes") if one.certain else "could read or write"
                reason = f"it {how} {as_written(path)}, outside the workspace"
                yield Finding("outside", "ask", reason, owner, by_rule=True, named=told or path)


def _touched(part: Part, around: Surroundings) -> Iterator[tuple[Target, bool]]:
    """Yield what a part writes, and what it reads with a mark."""
    targets = written(part, around)
    yield from ((it, False) for it in targets)
    # What could be read and what could be written are the same words, most often.
    known = set(map(id, targets))
    yield from ((it, True) for it in read(part, around) if id(it) not in known)


def _written_word(part: Part, told: str) -> str:
    """Return the whole word of the line in which a path stands."""
    words = [it.text or it.leading for it in part.operands]
    return told if told in words else next((it for it in words if told and told in it), told)


def _linked(view: View, index: int, part: Part) -> Iterator[Finding]:
    """Ask about a link that leads there: what the line does by it later is not seen."""
    outside = {
        word.text or word.leading: path
        for word, path in linked(part, view.around)
        if not view.around.inside(path)
    }
    for told, path in outside.items():
        reason = f"it makes a name for {as_written(path)}, outside the workspace"
        yield Finding("outside", "ask", reason, view.owners[index], by_rule=True, named=told)


def _outside(one: Target, around: Surroundings, *, reads: bool) -> str:
    """Return where it lies; empty where that is in the workspace, or where it may be read."""
    told = one.word.text or one.word.leading
    if one.redirected or told in _STREAMS or (reads and told in _SOURCES):
        return ""
    if one.piece and told.startswith("/") and not is_of_machine(told):
        return ""
    allowed = (*around.roots, *around.readable) if reads and one.certain else around.roots
    return next(
        (it for it in one.paths if not inside_any(it, allowed) and _may_be_there(it, one, around)), ""
    )


def _may_be_there(path: str, one: Target, around: Surroundings) -> bool:
    """Whether there may be a file of that name: what only looks like a path begins with a folder that is not there."""
    return (
        one.certain or not around.files.complete or around.files.look("/" + path.split("/", 2)[1]) is not None
    )
