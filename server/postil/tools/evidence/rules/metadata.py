"""Tool metadata: where tools are declared, and what their declarations leave out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code, Function, text_of
from postil.tools.evidence.rules.finding import Spot, dispatches

_DECORATOR = re.compile(r"(?:^|\.)(?:function_)?tool(?:_plain)?$|(?:^|\.)register_(?:tool|function)$")
_CLASS = re.compile(r"(?:^|\.)(?:Base|Structured|Function)?Tool$")
_SCHEMA = {"input_schema", "inputSchema", "parameters", "inputs"}
_SIDE_BY_SIDE = re.compile(r"(?:^|\.)(?:gather|map|submit|TaskGroup|create_task)$")
_DECLARED = re.compile(
    r"read_?only|concurren(?:t|cy_safe)|parallel_safe|side_effect|scheduler|barrier|effects?|destructive"
)


def find(code: Code) -> Iterator[Spot]:
    """Yield declarations of tools and what is missing in each."""
    for function in code.functions():
        given = [it for it in function.decorator_list if _DECORATOR.search(_name(it, code))]
        if given:
            yield "tool-metadata/declared", function
            yield from _faults(function, given)
    for node in code.classes():
        if any(_CLASS.search(code.name(it)) for it in node.bases):
            yield "tool-metadata/declared", node
            if not _has_description(node):
                yield "tool-metadata/no-description", node
    yield from _tables(code)
    yield from _parallel(code)


def _name(node: ast.expr, code: Code) -> str:
    return code.name(node.func if isinstance(node, ast.Call) else node)


def _faults(function: Function, given: list[ast.expr]) -> Iterator[Spot]:
    said = any(isinstance(it, ast.Call) and any(k.arg == "description" for k in it.keywords) for it in given)
    if not said and not ast.get_docstring(function):
        yield "tool-metadata/no-description", function
    arguments = function.args
    for it in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if it.annotation is None and it.arg not in {"self", "cls", "ctx", "context"}:
            yield "tool-metadata/untyped-parameter", it


def _has_description(node: ast.ClassDef) -> bool:
    """Whether a class of a tool says what it is for; one that is only a step to others need not."""
    if any(isinstance(it, ast.FunctionDef) and it.name == "__init__" for it in node.body):
        return True
    names = {
        target.id
        for it in node.body
        for target in (
            it.targets if isinstance(it, ast.Assign) else [it.target] if isinstance(it, ast.AnnAssign) else []
        )
        if isinstance(target, ast.Name)
    }
    return "description" in names or "name" not in names


def _tables(code: Code) -> Iterator[Spot]:
    """Yield tools that are written as dictionaries for a service."""
    for node in code.every(ast.Dict):
        if not isinstance(node, ast.Dict):
            continue
        fields = {
            key: value for it, value in zip(node.keys, node.values, strict=True) if (key := text_of(it))
        }
        if "name" in fields and fields.keys() & _SCHEMA:
            yield "tool-metadata/declared", node
            if not fields.get("description") or text_of(fields["description"]) == "":
                yield "tool-metadata/no-description", node


def _parallel(code: Code) -> Iterator[Spot]:
    run = {function for it in dispatches(code) if (function := code.function_of(it.node)) is not None}
    if not run or code.speaks_of(code.tree, _DECLARED):
        return
    names = {it.name for it in run}
    for called in code.calls:
        if not _SIDE_BY_SIDE.search(called.name):
            continue
        function = code.function_of(called.node)
        mentioned = code.words(called.node)
        if function in run or any(it in mentioned for it in names):
            yield "tool-metadata/parallel-undeclared", called.node
