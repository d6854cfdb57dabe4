"""Figures as people read them."""

from __future__ import annotations


def size_in_words(count: int) -> str:
    """Return a number of bytes, such as `812 bytes`, `14.2 kB` or `3.1 GB`."""
    if count < 1000:
        return counted(count, "byte")
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:,.1f} TB"


def counted(count: int, word: str) -> str:
    """Return a number with its word, such as `1 session` or `3 sessions`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
