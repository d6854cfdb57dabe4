"""Formats of printf: what they only show."""

from __future__ import annotations

import re

_BINDS = re.compile(r"%[-+ #0'I*.\d]*[hlLjztq]*n")


def faults(text: str) -> str:
    """Return what a format does more than show; empty where it does nothing more."""
    return "%n sets a variable, which may be any" if _BINDS.search(text.replace("%%", "")) else ""
