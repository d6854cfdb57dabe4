"""Signals by names: where in a file something is called what a principle would call it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from postil.tools.evidence.code import Code, text_of
from postil.tools.evidence.source import snake
from postil.tools.evidence.table import meant_by

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,60}")
_REMARK = re.compile(r"^\s*(?://|#|\*|/\*)")
_FIELD = re.compile(r"^\s*([A-Za-z][\w-]*)\s*:")
LONGEST = 1_000
"""Characters of a line of another language; what is longer was not written by hand."""
_SHORT = 100
"""Characters of a name, and of a text in code that may be one or a piece of what is sent."""
_FAR = {"definition": 0, "field": 0, "argument": 1, "text": 1, "call": 2, "import": 2}
"""Of all rows that show the same those are kept first that define it."""


def in_code(code: Code) -> Iterator[tuple[str, ast.AST, int]]:
    """Yield the names of a Python file that are signals, each with the node whose line has it, and how far it is from a definition."""
    for where, name, node in _named(code):
        for rule in meant_by(snake(name)) if len(name) <= _SHORT else ():
            if where in rule.where:
                yield rule.id, node, _FAR[where]


def in_lines(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the signals in lines of another language; remarks are passed over."""
    for number, line in enumerate(lines, 1):
        if len(line) <= LONGEST and not _REMARK.match(line):
            for name in dict.fromkeys(_NAME.findall(line)):
                yield from ((rule.id, number) for rule in meant_by(snake(name)))


def in_front_matter(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the signals among the fields of a Markdown file's front matter."""
    if not lines or lines[0].rstrip() != "---":
        return
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return
        if (match := _FIELD.match(line)) is not None:
            yield from ((rule.id, number) for rule in meant_by(snake(match[1])) if "field" in rule.where)


def _named(code: Code) -> Iterator[tuple[str, str, ast.AST]]:
    for it in (*code.functions(), *code.classes()):
        yield "definition", it.name, it
    for node in code.every(ast.arg, ast.keyword):
        if isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            yield "argument", node.arg, node
    for called in code.calls:
        if called.last != "?":
            yield "call", called.last, called.node
    for node in code.every(ast.alias):
        if isinstance(node, ast.alias):
            yield from (("import", it, node) for it in dict.fromkeys(node.name.split(".")))
    for node in code.every(ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (("import", it, node) for it in dict.fromkeys(node.module.split(".")))
    for node in code.every(ast.Constant):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, (str, bytes))
            and len(node.value) <= _SHORT
        ):
            text = node.value if isinstance(node.value, str) else node.value.decode("ascii", "replace")
            yield from (("text", it, node) for it in dict.fromkeys(_NAME.findall(text)))
    yield from _fields(code)


def _fields(code: Code) -> Iterator[tuple[str, str, ast.AST]]:
    """Yield fields of classes, what `self` is given, and the keys of dictionaries."""
    for node in code.every(ast.AnnAssign, ast.Assign):
        in_class = isinstance(code.parents.get(node), ast.ClassDef)
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        for it in targets:
            if in_class and isinstance(it, ast.Name):
                yield "field", it.id, it
            elif isinstance(it, ast.Attribute) and isinstance(it.value, ast.Name) and it.value.id == "self":
                yield "field", it.attr, it
            elif isinstance(it, ast.Subscript) and (key := text_of(it.slice)) and key.isidentifier():
                yield "field", key, it
    for node in code.every(ast.Dict):
        if isinstance(node, ast.Dict):
            yield from (
                ("field", key, it)
                for it in node.keys
                if it is not None and (key := text_of(it)) and key.isidentifier()
            )
