"""Verification: tests, and those that cannot fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code, Function
from postil.tools.evidence.rules.finding import Spot

_EXPECTS = re.compile(
    r"(?:^|_)(?:assert\w*|raises|warns|fails?|expect\w*|check\w*|verif\w*|must|should|same|equal\w*|compare\w*|match(?:es)?|snapshot|golden|agree\w*|holds?)(?:_|$)"
)


def find(code: Code) -> Iterator[Spot]:
    """Yield the first test of a file, and tests in which nothing can go wrong by their own words."""
    tests = [it for it in code.functions() if _is_test(it, code)]
    yield from (("verification/test", it) for it in tests[:1])
    yield from (("verification/cannot-fail", it) for it in tests if _cannot_fail(it, code))


def _is_test(function: Function, code: Code) -> bool:
    parent = code.parents.get(function)
    return function.name.startswith("test") and (
        parent is code.tree or (isinstance(parent, ast.ClassDef) and parent.name.startswith("Test"))
    )


def _cannot_fail(function: Function, code: Code) -> bool:
    if any(isinstance(it, (ast.Assert, ast.Raise)) for it in ast.walk(function)):
        return False
    return not any(_EXPECTS.search(it) for it in code.words(function) if it != function.name)
