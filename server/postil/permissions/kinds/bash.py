"""`Bash(…)`: an exact command, or a prefix that ends at a word, written `pytest:*`.

Only commands of plain words are ever matched: anything that the shell would expand, join, redirect or
substitute is nobody's match, so that a rule for one command never covers a second one.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"^[A-Za-z0-9_./:=@%+,^-]+(?: [A-Za-z0-9_./:=@%+,^-]+)*$")
_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*=")


def is_plain(line: str) -> bool:
    """Whether the command is one program with literal words, with no assignment before it."""
    return _PLAIN.match(line) is not None and _ASSIGNMENT.match(line) is None


def matches(pattern: str, line: str) -> bool:
    """Whether `pattern` covers the command `line`."""
    line = line.strip()
    if not is_plain(line):
        return False
    if pattern.endswith(":*"):
        prefix = pattern[:-2].rstrip()
        return bool(prefix) and (line == prefix or line.startswith(prefix + " "))
    return line == pattern.strip()
