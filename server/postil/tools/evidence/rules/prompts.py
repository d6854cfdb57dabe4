"""Cache boundary and memory: what makes a prompt new each time, and conversations that only grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code, Function
from postil.tools.evidence.rules.finding import Spot, dispatches, model_calls
from postil.tools.evidence.source import snake

_CLOCK = re.compile(
    r"(?:^|\.)(?:datetime\.(?:now|utcnow|today)|date\.today|time\.(?:time|time_ns|strftime|ctime|asctime)|uuid\.uuid[14]|uuid[14]|random\.\w+|secrets\.token_\w+)$"
)
_UNORDERED = re.compile(r"^(?:set|frozenset|os\.listdir|os\.scandir|glob\.i?glob)$|\.(?:iterdir|glob|rglob)$")
_PROMPT = re.compile(
    r"(?:^|_)(?:system(?:_(?:prompt|message|text|blocks))?|prompts?|instructions?|preamble)$"
)
_MESSAGES = re.compile(r"(?:^|_)(?:messages|history|conversation|transcript|chat_history)$")
_SHORTER = re.compile(
    r"(?:^|_)(?:compact\w*|summar\w*|condens\w*|trim\w*|truncat\w*|window|prune\w*|fade\w*|max_(?:messages|history|context)\w*|forget\w*)(?:_|$)"
)


def find(code: Code) -> Iterator[Spot]:
    """Yield clocks and unordered things in prompts, and conversations without a cut."""
    for called in code.calls:
        if _CLOCK.search(called.name) and _goes_into_prompt(called.node, code):
            yield "cache-boundary/clock-in-prompt", called.node
        elif (
            _UNORDERED.search(called.name)
            and _goes_into_prompt(called.node, code)
            and not _is_sorted(called.node, code)
        ):
            yield "cache-boundary/unordered", called.node
    yield from _growing(code)


def _goes_into_prompt(node: ast.AST, code: Code) -> bool:
    """Whether a value becomes a part of a text that is called a prompt."""
    is_part = False
    for it in code.above(node):
        match it:
            case ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
                is_part = True
            case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace" | "render" | "substitute")):
                is_part = True
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                targets = it.targets if isinstance(it, ast.Assign) else [it.target]
                if is_part and any(_PROMPT.search(snake(_target(target))) for target in targets):
                    return True
            case ast.keyword() if is_part and it.arg and _PROMPT.search(snake(it.arg)):
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return is_part and bool(_PROMPT.search(snake(it.name)))
            case _:
                pass
    return False


def _target(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case _:
            return ""


def _is_sorted(node: ast.AST, code: Code) -> bool:
    return any(
        isinstance(it, ast.Call) and code.name(it.func) in {"sorted", "len", "max", "min"}
        for it in code.above(node)
    )


def _growing(code: Code) -> Iterator[Spot]:
    """Yield where a conversation is added to in a module that asks a model and never makes it shorter."""
    if not any(True for _ in (*model_calls(code), *dispatches(code))) or code.speaks_of(code.tree, _SHORTER):
        return
    for called in code.calls:
        owner, _, last = called.name.rpartition(".")
        if (
            last in {"append", "extend"}
            and _MESSAGES.search(snake(owner.rpartition(".")[2]))
            and _in_loop(called.node, code)
        ):
            yield "memory-tiers/grows", called.node


def _in_loop(node: ast.AST, code: Code) -> bool:
    for it in code.above(node):
        if isinstance(it, ast.While):
            return True
        if isinstance(it, Function):
            return False
    return False
