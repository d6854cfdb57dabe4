"""Durability: what is on the disk before work goes on, and files of state that are written over in place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Called, Code, text_of
from postil.tools.evidence.rules.finding import Spot

_SYNCED = re.compile(
    r"^(?:os\.(?:fsync|fdatasync)|sqlite3\.connect|aiosqlite\.connect)$|(?:^|[._])(?:fsync|fdatasync)$"
)
_SAVES = re.compile(
    r"(?:^|_)(?:save|persist|checkpoint|store|dump|write)_?(?:state|session|memory|history|checkpoint|conversation|messages|thread)"
)
_SAFE = re.compile(
    r"^(?:replace|rename|fsync|fdatasync|named_temporary_file|mkstemp|atomic\w*|execute|executemany)$"
)


def find(code: Code) -> Iterator[Spot]:
    """Yield what syncs, and what writes state in place."""
    yield from (("durability/synced", it.node) for it in code.calls if _SYNCED.search(it.name))
    for called in code.calls:
        function = code.function_of(called.node)
        if function is None or not _SAVES.search(function.name) or not _overwrites(called):
            continue
        if not any(_SAFE.match(it) for it in code.words(function)):
            yield "durability/torn-write", called.node


def _overwrites(called: Called) -> bool:
    if called.last in {"write_text", "write_bytes"}:
        return True
    if called.last != "open":
        return False
    place = 0 if isinstance(called.node.func, ast.Attribute) and called.name != "io.open" else 1
    given = called.node.args[place] if len(called.node.args) > place else called.keyword("mode")
    return (text_of(given) or "r")[0] == "w"
