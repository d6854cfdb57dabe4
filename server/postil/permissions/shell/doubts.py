"""What the reading of a line left in doubt, told by the check that each doubt belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.part import Finding, View

RULED = frozenset({"options", "operand-roles", "mini-languages", "git", "glob-injection", "wrapper", "paths"})
"""Checks about one program and its words: a rule that allows the very command may overrule them."""


def told(view: View, check: str) -> Iterator[Finding]:
    """Yield a finding for each note and doubt that belongs to `check`."""
    for note in view.notes:
        if note.check == check:
            yield Finding(check, "ask", note.reason)
    for index, part, usage in view.direct:
        if usage is None:
            # Nobody has read its words: what is not known could be anything.
            doubts = [it.unknown for it in part.argv if it.text is None and not it.free]
            if check in doubts:
                yield Finding(check, "ask", "a word of it is not known", index)
            continue
        for doubt in usage.doubts:
            if doubt.check == check:
                yield Finding(check, "ask", doubt.reason, index, by_rule=check in RULED)
