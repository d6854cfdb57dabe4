"""The files that instructions import: `@path` in their prose, code left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CODE = re.compile(r"^(`{3,}|~{3,}).*?(?:^\1|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(r"(?<![\w@/.])@((?:~/|\.{1,2}/|/)?[\w.\-+]+(?:/[\w.\-+]+)*)")


def imports(text: str) -> Iterator[tuple[str, int]]:
    """Yield each path that a text imports as it is written, once, with its line from 1. Whether there is such a file is for the
    caller to see."""
    prose = _CODE.sub(lambda found: "\n" * found[0].count("\n"), text)
    seen: set[str] = set()
    for found in _IMPORT.finditer(prose):
        written = found[1].rstrip(".")
        if written.strip("./") and written not in seen:
            seen.add(written)
            yield written, prose.count("\n", 0, found.start()) + 1
