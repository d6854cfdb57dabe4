"""Loop: where a model is asked again and again, what its calls are carried out by, and what bounds it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code, own
from postil.tools.evidence.rules.finding import Spot, dispatches, functions_by_name, model_calls

_BOUND = re.compile(
    r"(?:^|_)(?:max|limits?|budgets?|remaining|deadline|timeout|left)(?:_|$)|(?:step|turn|iteration|round|attempt)_?(?:number|count|limit)"
)
_COUNTED = re.compile(r"step|turn|iter|round|range|count", re.IGNORECASE)
_ROUNDS = 4
"""How far who calls whom is followed within a file."""

Loop = ast.While | ast.For | ast.AsyncFor


def find(code: Code) -> Iterator[Spot]:
    """Yield calls of the model and of tools, loops around them, and those without a bound."""
    asked = list(model_calls(code))
    yield from (("loop/model-call", it.node) for it in asked)
    yield from (("loop/tool-dispatch", it.node) for it in dispatches(code))
    direct = {it.node for it in asked}
    reaching = _reaching(code, direct)
    for node in code.every(ast.While, ast.For, ast.AsyncFor):
        if isinstance(node, Loop) and _turns(node, code) and _asks(node, direct, reaching):
            yield "loop/around-model", node
            if isinstance(node, ast.While) and not code.speaks_of(code.scope_of(node), _BOUND):
                yield "loop/unbounded", node


def _reaching(code: Code, direct: set[ast.Call]) -> set[str]:
    """Return the names of the file's functions that ask a model, by themselves or through each other."""
    names = functions_by_name(code)
    found = {it.name for call in direct if (it := code.function_of(call)) is not None}
    for _ in range(_ROUNDS):
        more = {name for name, nodes in names.items() if any(_calls_any(it, found) for it in nodes)}
        if more <= found:
            break
        found |= more
    return found


def _turns(node: Loop, code: Code) -> bool:
    """Whether a loop goes round for its own sake, and not over things that are there."""
    if isinstance(node, ast.While):
        return True
    return isinstance(node, ast.For) and any(_COUNTED.search(it) for it in code.words(node.iter))


def _asks(node: Loop, direct: set[ast.Call], reaching: set[str]) -> bool:
    # What only drives a generator stands in the head of a `for`: that goes over one reply.
    parts: list[ast.AST] = [node] if isinstance(node, ast.While) else [*node.body]
    below = (it for part in parts for it in own(part))
    return any(isinstance(it, ast.Call) and (it in direct or _last(it) in reaching) for it in below)


def _calls_any(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(it, ast.Call) and _last(it) in names for it in own(node))


def _last(call: ast.Call) -> str:
    """Return the name that is called on `self` or in the module; nothing for what others are asked."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return name
        case _:
            return ""
