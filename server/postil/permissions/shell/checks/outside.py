"""Files outside the workspace that a program would write: no rule for the program reaches there, unless its own words name them."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doing import Target
from postil.permissions.shell.harm import linked, written
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.surroundings import Surroundings

EXAMPLES = Examples(
    ask=("tee /etc/passwd", "cp a ../b", "mkdir -p /opt/x", "ln -sf a /bin/sh", "touch ~/x", "curl -o/opt/x y", "git clone x ../y",
         "sudo tee /etc/passwd", "tar xf a -C /opt", "sed -i s/a/b/ /etc/hosts", "ln -s /etc a"),
    spared=("cp a b", "ln -s a b", "ln -s ../a b/c", "cp /etc/hosts a", "tee a", "mkdir -p a/b", "curl -o a x", "tee /dev/null", "git mv a b"),
)  # fmt: skip

_STREAMS = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/dev/fd/2"})


def find(view: View) -> Iterator[Finding]:
    """Ask about what is known to be written there, or to get a name inside; a line that is not recognised is asked about anyway."""
    if view.script is None:
        return
    for index, part in enumerate(view.parts):
        yield from _linked(view, index, part)
        for one in written(part, view.around):
            path = _outside(one, view.around)
            if path:
                told = one.word.text or one.word.leading
                yield Finding(
                    "outside",
                    "ask",
                    f"it writes {path}, outside the workspace",
                    view.owners[index],
                    by_rule=True,
                    named=told or path,
                )


def _linked(view: View, index: int, part: Part) -> Iterator[Finding]:
    """Ask about a link that leads there: what the line does by it later is not seen."""
    outside = {
        word.text or word.leading: path
        for word, path in linked(part, view.around)
        if not view.around.inside(path)
    }
    for told, path in outside.items():
        reason = f"it makes a name for {path}, outside the workspace"
        yield Finding("outside", "ask", reason, view.owners[index], by_rule=True, named=told)


def _outside(one: Target, around: Surroundings) -> str:
    """Return where it lies; empty where that is in the workspace."""
    if one.redirected or not one.certain or (one.word.text or one.word.leading) in _STREAMS:
        return ""
    return next((it for it in one.paths if not around.inside(it)), "")
