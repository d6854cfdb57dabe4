"""Where code defines a name, told by its words and its indentation alone: no parser knows every language, and none is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_LINES = 400
"""Lines of a definition; a longer one is cut."""
_BEFORE = (
    "export|default|declare|async|pub|public|private|protected|internal|static|final|abstract|virtual|inline|extern|"
    "unsafe|override|open|sealed|data|partial"
)
_DEFINES = (
    "def|class|function|func|fn|fun|struct|enum|trait|interface|type|typedef|impl|module|mod|namespace|record|object|"
    "protocol|union|let|var|val|const|defp|defmodule"
)
_CLOSES = re.compile(r"\s*(?:[)\]}]|end\b|fi\b|done\b|esac\b)")
_OPENS = re.compile(r"\s*\{")
_GOES_ON = re.compile(r"[:{(\[=,]\s*$")


def defining(name: str) -> str:
    """Return the expression for lines that define what the expression `name` matches; ripgrep and Python read it alike."""
    start = (
        rf"^[ \t]*(?:(?:{_BEFORE})(?:\([a-z: ]+\))?[ \t]+)*(?:{_DEFINES})[ \t*]+(?:\([^)]*\)[ \t]*)?{name}\b"
    )
    constant = rf"^{name}[ \t]*(?::[^=]*)?=(?:[^=>]|$)"
    like_c = rf"^[A-Za-z_][\w \t*&:<>,]*[ \t*&]{name}[ \t]*\([^;]*$"
    return f"{start}|{constant}|{like_c}"


def block(lines: Sequence[str], at: int) -> tuple[int, int]:
    """Return the first and the last line of the definition at this index, both counted from 0."""
    depth = _indent(lines[at])
    first = at
    while first and lines[first - 1].lstrip().startswith("@") and _indent(lines[first - 1]) == depth:
        first -= 1
    last, open_ = at, True
    for number in range(at + 1, min(len(lines), at + MOST_LINES)):
        line = lines[number]
        if not line.strip():
            continue
        if _indent(line) > depth:
            last, open_ = number, True
        elif open_ and (_CLOSES.match(line) or (_OPENS.match(line) and last == at)):
            last = number
            # Of a signature over several lines the body is still to come.
            open_ = _GOES_ON.search(line) is not None
            if not open_:
                break
        else:
            break
    return first, last


def _indent(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())
