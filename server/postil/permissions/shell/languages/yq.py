"""Expressions of yq, which is two programs of one name: what both only read."""

from __future__ import annotations

import re

from postil.permissions.shell.languages import jq

_TEXTS = re.compile(r'"(?:[^"\\]|\\[^(])*"')
_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_KNOWN = frozenset({
    "add", "all", "and", "any", "contains", "false", "first", "flatten", "has", "join", "keys", "last", "length", "map", "max", "min", "not", "null",
    "or", "reverse", "select", "sort", "sort_by", "tag", "test", "to_entries", "true", "type", "unique", "values",
})  # fmt: skip


def faults(text: str) -> str:
    """Return what an expression does more than read; empty where it does nothing more."""
    bare = _TEXTS.sub("", text)
    unknown = next((it for it in _NAMES.findall(bare) if it not in _KNOWN), "")
    if unknown or any(mark in bare for mark in "$@=\\'"):
        return f"yq may do more than read with {unknown or 'it'}"
    return jq.faults(text)
