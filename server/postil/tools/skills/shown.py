"""A loaded skill as the model is shown it, and whose words it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from postil.core.origin import Source
from postil.core.ports.skills import SkillText
from postil.core.revealing import one_line
from postil.core.skills import SkillRow
from postil.tools.output import both_ends

ROOM = 25_000
"""Characters of a skill, or of a file beside it, that are loaded."""


def shown(row: SkillRow, text: SkillText) -> str:
    """Return a skill's instructions with where it lies, what lies beside it and what it leaves out."""
    body, _ = both_ends(text.body, ROOM)
    folder = Path(row.path).parent
    parts = [f"Skill {row.name}, in {one_line(str(folder), 400)}", body]
    if text.files:
        parts.append(f"Files beside it, which `skill` reads with `file`: {', '.join(text.files)}")
    if text.allowed is not None:
        which = ", ".join(text.allowed) or "what every skill may use"
        parts.append(
            f"While it is active, which is until the turn ends, it leaves out every tool but: {which}."
        )
    return "\n\n".join(parts)


def sources_of(row: SkillRow, roots: Iterable[Path]) -> tuple[Source, ...]:
    """Return where a skill's words come from; nothing where they are Postil's own."""
    if row.owner == "built-in":
        return ()
    if row.owner == "user":
        return (Source(origin="user"),)
    root = next((it for it in roots if Path(row.path).is_relative_to(it)), Path(row.path).parent)
    return (Source(origin="workspace", name=str(root)),)
