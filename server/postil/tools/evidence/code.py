"""One Python file as rules look at it: its tree, who calls what under which full name, and what a place lies in."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from postil.tools.evidence.source import snake

NAMED = "<evidence>"
"""The name under which texts are parsed: warnings about them are nobody's."""

_LONE = re.compile(r"\r(?!\n)")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef | ast.Module


@dataclass(frozen=True, slots=True)
class Called:
    """A call, with the full name of what is called as far as the file tells it."""

    node: ast.Call
    name: str

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def keyword(self, name: str) -> ast.expr | None:
        """Return what is given under a keyword; None where nothing is."""
        return next((it.value for it in self.node.keywords if it.arg == name), None)

    @property
    def open_ended(self) -> bool:
        """Whether it is given more keywords than can be read."""
        return any(it.arg is None for it in self.node.keywords)


@dataclass(slots=True)
class Code:
    """A parsed file. Everything is found in one walk, and rules ask for kinds of nodes."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict[ast.AST, ast.AST])
    kinds: dict[type[ast.AST], list[ast.AST]] = field(default_factory=dict[type[ast.AST], list[ast.AST]])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    calls: list[Called] = field(default_factory=list[Called])
    _words: dict[ast.AST, frozenset[str]] = field(default_factory=dict[ast.AST, frozenset[str]])

    def every(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Yield all nodes of these kinds."""
        for kind in kinds:
            yield from self.kinds.get(kind, ())

    def functions(self) -> Iterator[Function]:
        """Yield all functions and methods."""
        for it in self.every(ast.FunctionDef, ast.AsyncFunctionDef):
            if isinstance(it, Function):
                yield it

    def classes(self) -> Iterator[ast.ClassDef]:
        """Yield all classes."""
        for it in self.every(ast.ClassDef):
            if isinstance(it, ast.ClassDef):
                yield it

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node lies in, from the nearest on."""
        while (node := self.parents.get(node, self.tree)) is not self.tree:
            yield node

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the function that a node lies in."""
        return next((it for it in self.above(node) if isinstance(it, Function)), None)

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the outermost class or function that a node lies in, or the module."""
        found: Scope = self.tree
        for it in self.above(node):
            if isinstance(it, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found = it
        return found

    def words(self, node: ast.AST) -> frozenset[str]:
        """Return the names that are used or given below a node, as words joined by underscores."""
        known = self._words.get(node)
        if known is None:
            known = self._words[node] = frozenset(
                snake(name) for it in ast.walk(node) for name in names_of(it)
            )
        return known

    def speaks_of(self, node: ast.AST, pattern: re.Pattern[str]) -> bool:
        """Whether a name below a node matches."""
        return any(pattern.search(it) for it in self.words(node))

    def name(self, node: ast.expr) -> str:
        """Return `a.b.c` with imported names in full; what is no name, such as a call, is `?`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        parts.append(self.aliases.get(node.id, node.id) if isinstance(node, ast.Name) else "?")
        return ".".join(reversed(parts))


def parse(text: str) -> Code | None:
    """Return a text as code; None where it is no Python that this interpreter reads. Nothing of it runs."""
    warnings.filterwarnings("ignore", module=re.escape(NAMED))
    try:
        # A carriage return by itself ends a line for Python and for nobody else.
        tree = ast.parse(_LONE.sub(" ", text), filename=NAMED)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    code = Code(tree)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        code.kinds.setdefault(type(node), []).append(node)
        below = list(ast.iter_child_nodes(node))
        for it in below:
            code.parents[it] = node
        waiting += reversed(below)
    code.aliases.update(_imports(code))
    for node in code.every(ast.Call):
        if isinstance(node, ast.Call):
            code.calls.append(Called(node, code.name(node.func)))
    return code


def _imports(code: Code) -> Iterator[tuple[str, str]]:
    for node in code.every(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from ((it.asname, it.name) for it in node.names if it.asname)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((it.asname or it.name, f"{node.module}.{it.name}") for it in node.names)


def names_of(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node itself uses or gives."""
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.arg():
            yield node.arg
        case ast.keyword() if node.arg:
            yield node.arg
        case ast.alias():
            yield node.name.rpartition(".")[2]
        case ast.Constant() if isinstance(node.value, str) and node.value.isidentifier():
            yield node.value
        case _:
            return


def is_constant(node: ast.AST | None, *values: object) -> bool:
    """Whether a node is one of these values as they stand in the source."""
    return isinstance(node, ast.Constant) and any(
        type(node.value) is type(it) and node.value == it for it in values
    )


def text_of(node: ast.AST | None) -> str | None:
    """Return the text that a node is; None where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def body_of(function: Function) -> list[ast.stmt]:
    """Return what a function does, without its docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and text_of(first.value) is not None
    return function.body[1:] if documented else function.body


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one, without what functions inside of it do."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        it = waiting.pop()
        yield it
        if not isinstance(it, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(it)
