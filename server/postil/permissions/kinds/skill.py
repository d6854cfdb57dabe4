"""`Skill(name)`: one skill by its name, `Skill(docs-*)` all whose names begin so."""

from __future__ import annotations

from postil.permissions.kinds import starred


def fault(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and how to mend it."""
    return None if starred.is_name(pattern) else ("it names no skill", "Write Skill(name).")


def matches(pattern: str | None, name: str, *, allowing: bool) -> bool:
    """Whether a rule means the skill."""
    return pattern is None or starred.matches(pattern.strip(), name, allowing=allowing)


def names(pattern: str | None, name: str) -> bool:
    """Whether a rule means this very skill and no other."""
    return pattern is not None and pattern.strip() == name and "*" not in name


def examples(pattern: str | None) -> tuple[str, ...]:
    """Return skills that stand for all that a pattern means."""
    return ((pattern or "*").strip().replace("*", starred.STRANGE),)
