"""Files that a rule denies to be edited, and that a command would write."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.kept import Kept, is_open, kept
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import redirected, written

EXAMPLES = Examples(spared=("rm a", "echo x > a"))
"""What fires it is a rule: see the corpus of rules."""


def find(view: View) -> Iterator[Finding]:
    """Deny what would or could write them; ask about folders that hold them."""
    if not view.around.closed_below:
        return
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        yield from _of(part, view.owners[index], view.around, counts=is_open(part, usage))


def _of(part: Part, owner: int | None, around: Surroundings, *, counts: bool) -> Iterator[Finding]:
    for one in written(part, around) if counts else redirected(part, around):
        found = kept(one, "write", part, around)
        if found is not None and found.denies:
            if not one.certain and around.closed(around.roots[0]) is not None:
                return  # A rule for all files says nothing of this one.
            how = "would" if one.certain else "could"
            yield Finding(
                "closed-files", "deny", f"it {how} write {found.path}, which is denied by {found.rule}"
            )
            return
        if found is not None:
            lost = one.whole and one.certain
            yield Finding("closed-files", "deny" if lost else "ask", _around(found, lost=lost), owner)


def _around(found: Kept, *, lost: bool) -> str:
    does = "would take away or move" if lost else "could write in"
    return f"it {does} {found.path}, which holds what is denied by {found.rule}"
