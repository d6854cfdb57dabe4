"""Filters of jq that see only their input: no environment, no modules, no files."""

from __future__ import annotations

import re

_STRING = re.compile(r'"(?:[^"\\]|\\[^(])*"')
_WORDS = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*")
_FIELD = re.compile(r"(?<![.0-9])\.[A-Za-z_][A-Za-z0-9_]*")
"""The name of a field of the input, whatever else it is called like."""
_APART = re.compile(r"\$\s+")
"""Of a variable, some versions take the sign and the name apart."""
_FORBIDDEN = frozenset({
    "env", "$ENV", "input_filename", "import", "include", "input", "inputs", "debug", "stderr", "$__loc__", "$__prog_args", "modulemeta",
    "get_search_list", "halt_error", "input_line_number", "repeat", "until",
    "while", "$__prog_name",
    "get_jq_origin", "get_prog_origin",
})  # fmt: skip


def faults(program: str) -> str:
    """Return what in a filter reaches beyond its input, or may not end; empty where nothing does."""
    # What stands in the brackets of a string is a filter again: then its words are looked at as if there were no string.
    text = program if "\\(" in program else _STRING.sub('""', program)
    if text.count('"') % 2:
        return "jq: a string has no end"
    if "#" in text:
        return "jq: a comment"
    found = next(
        (it for it in _WORDS.findall(_FIELD.sub(".", _APART.sub("$", text))) if it in _FORBIDDEN), None
    )
    return f"jq: {found} reaches beyond the input" if found is not None else ""
