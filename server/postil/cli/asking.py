"""A question to the person at the terminal, asked while nothing is open or begun."""

from __future__ import annotations

from postil.cli.streams import Unwritten


def typed(question: str) -> str:
    """Return what the person types, in small letters; nothing where the terminal has gone."""
    try:
        return input(question).strip().lower()
    except Unwritten:
        raise
    except (EOFError, OSError):
        print()
        return ""
