"""Events and audit: types of what happens, and work with tools that leaves no record."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code
from postil.tools.evidence.rules.finding import Spot, dispatches, model_calls

_EVENT = re.compile(r"(?:Event|Delta|Update|Occurred)$")
_ROOTS = re.compile(r"(?:^|\.)(?:Base)?Event$")
_RECORDS = re.compile(
    r"(?:^|_)(?:log(?:ger|ging|s)?|emit\w*|record\w*|event\w*|audit\w*|trace\w*|span\w*|journal\w*|publish\w*|callbacks?|yield|append|steps?|intent)(?:_|$)"
)
_FACES = re.compile(r"^(?:__main__|main|cli)$")


def find(code: Code) -> Iterator[Spot]:
    """Yield types of events, runs of tools that nobody records, and what is only printed."""
    for node in code.classes():
        if _EVENT.search(node.name) or any(_ROOTS.search(code.name(it)) for it in node.bases):
            yield "events-and-audit/typed", node
    run = list(dispatches(code))
    for called in run:
        function = code.function_of(called.node)
        place = code.scope_of(called.node) if function is None else function
        near = next((it for it in code.above(called.node) if isinstance(it, ast.ClassDef)), place)
        if not code.speaks_of(place, _RECORDS) and not code.speaks_of(near, _RECORDS):
            yield "events-and-audit/dispatch-unrecorded", called.node
    if (run or any(True for _ in model_calls(code))) and not _is_face(code):
        yield from (("events-and-audit/print", it.node) for it in code.calls if it.name == "print")


def _is_face(code: Code) -> bool:
    """Whether a module is a program of its own, which may print."""
    return any(_FACES.match(it.name) for it in code.functions() if code.function_of(it) is None)
