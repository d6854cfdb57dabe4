"""Paths that lead out of the workspace, by their words or by a link, or of which that is not known."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.argument import as_written
from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.files import walk
from postil.permissions.shell.part import Finding, View
from postil.permissions.shell.reads import Reached, reached
from postil.permissions.shell.surroundings import Surroundings, is_below

EXAMPLES = Examples(
    ask=("cat /etc/passwd", "ls ..", "cat ../x", "ls ~", "cat src/../../x", "cd /; ls", "cd - && ls", 'cd "$X"; ls', "grep -rn x /",
         "wc < ../a", "cd src; cat ../../x", "cat */../../x", "cat .*/x", "cd ..; ls", "find / -name x", "cat //etc/passwd",
         "grep -f /etc/passwd a", "cat ~root/x", "cat ~+/../x", "cat ~-/x", "cd src; cat ../../a"),
    auto=("cat src/../a", "ls /ws/src", "cd src && ls", "cd src && cat ../a", "cat ./a", "ls .", "cat 'a b'"),
)  # fmt: skip

MOST_ENTRIES = 20_000


def find(view: View) -> Iterator[Finding]:
    """Ask about every path that a known program would read and that does not lead into the workspace."""
    yield from told(view, "paths")
    for index, part, usage in view.direct:
        if part.argv and not (usage is not None and usage.program.builtin):
            if part.cwds is None:
                yield Finding("paths", "ask", "in which folder it runs is not known", index, by_rule=True)
            elif not all(view.around.inside(it) for it in part.cwds):
                yield Finding("paths", "ask", "it runs outside the workspace", index, by_rule=True)
        said: set[str] = set()
        for one in reached(part, usage, view.around):
            reason = _reason(one, view.around) if one.word not in said else ""
            if reason:
                said.add(one.word)
                # As for what is written there: a rule for the program alone does not reach that far.
                yield Finding("paths", "ask", reason, index, by_rule=not one.redirected, named=one.word)


def _reason(one: Reached, around: Surroundings) -> str:
    place, told = one.place, as_written(one.written)
    if place is None:
        return f"where {told} leads is not known"
    allowed = (*around.roots, *around.readable)
    if not any(is_below(place.physical, it) for it in allowed):
        return f"{told} lies outside the workspace"
    if not any(is_below(place.lexical, it) for it in allowed):
        return f"{told} leads through a link"
    if one.follows and _leads_out(place.physical, around):
        return f"a link below {told} leads out of the workspace, or there are too many to look at"
    identity = place.entry.identity if place.entry is not None else None
    if isinstance(identity, str) and not any(is_below(identity, it) for it in allowed):
        return f"{told} is another name of a file outside the workspace"
    return ""


def _leads_out(folder: str, around: Surroundings) -> bool:
    """Whether a link below the folder leads out of the workspace."""
    try:
        links = (path for path, entry in walk(folder, around.files, MOST_ENTRIES) if entry.kind == "link")
        places = (around.place(path, folder) for path in links)
        return any(it is None or not around.inside(it.physical) for it in places)
    except OverflowError:
        return True
