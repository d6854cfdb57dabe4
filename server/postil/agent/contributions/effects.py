"""What calls of a tool may do at most, in words."""

from __future__ import annotations

from postil.tools.tiers import Effects


def effect_words(effects: Effects) -> str:
    """Return what calls of a tool may do at most, in words."""
    changes = "changes, may destroy" if effects.destructive else "changes"
    words = "reads" if effects.read_only else changes
    words += ", reaches beyond named files" if effects.open_world else ""
    return f"{words}, asks" if effects.asks else words
