"""What is kept of each file once it was looked at, to judge the tree as a whole: who is there, and who names whom."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from postil.tools.evidence.code import Code, Function, body_of, names_of, text_of
from postil.tools.evidence.source import Part

_WORD = re.compile(r"[A-Za-z_]\w*")
_LONGEST_TEXT = 400
"""Characters of a text in which names are looked for: longer ones are words for people."""
_OPTIONS = re.compile(r"(?:Config|Configuration|Settings|Options)$")
_SEAM = re.compile(r"(?:^|\.)(?:ABC|ABCMeta)$")
_FEWEST = 3
"""Methods that a class has to hand on before it is called a layer."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name, and where it is given."""

    name: str
    line: int
    quote: str


@dataclass(slots=True)
class Facts:
    """One file of the tree."""

    path: str
    part: Part
    is_program: bool = False
    """Whether it runs by itself."""
    imports: set[str] = field(default_factory=set[str])
    """Full names of what it imports, in all ways in which they can be meant."""
    uses: Counter[str] = field(default_factory=Counter[str])
    """Every name that it uses or gives, also in texts, and how often."""
    definitions: list[Place] = field(default_factory=list[Place])
    seams: list[Place] = field(default_factory=list[Place])
    bases: list[str] = field(default_factory=list[str])
    """What its classes are made from, by their last names."""
    options: list[Place] = field(default_factory=list[Place])
    forwarders: list[Place] = field(default_factory=list[Place])
    first: str = ""
    """Its first line."""
    loads: bool = False
    """Whether it loads modules by names or folders."""

    @property
    def module(self) -> str:
        """Its name as a module, from the top of the tree."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


_LOADERS = re.compile(
    r"^(?:import_module|iter_modules|walk_packages|__import__|entry_points|find_spec|spec_from_file_location|exec_module)$"
)


def facts_of(path: str, part: Part, code: Code, lines: list[str]) -> Facts:
    """Return what is to be known of a Python file later."""
    facts = Facts(path, part, first=lines[0] if lines else "")
    facts.imports.update(_imported(code, facts.module, is_package=path.endswith("__init__.py")))
    for kind, nodes in code.kinds.items():
        if kind is ast.Constant:
            facts.uses.update(_worded(nodes))
        else:
            facts.uses.update(name for it in nodes for name in names_of(it))
    facts.is_program = any(_is_main(it) for it in code.tree.body)
    facts.loads = any(_LOADERS.match(it) for it in facts.uses)
    for it in code.tree.body:
        if isinstance(it, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not it.decorator_list:
            facts.definitions.append(_place(it.name, it.lineno, lines))
    for it in code.classes():
        _add_class(it, code, facts, lines)
    return facts


def _place(name: str, line: int, lines: list[str]) -> Place:
    return Place(name, line, lines[line - 1] if line <= len(lines) else "")


def _worded(nodes: list[ast.AST]) -> Iterator[str]:
    for it in nodes:
        text = text_of(it)
        if text is not None and len(text) <= _LONGEST_TEXT:
            yield from _WORD.findall(text)


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and any(
        isinstance(it, ast.Name) and it.id == "__name__" for it in ast.walk(node.test)
    )


def _imported(code: Code, module: str, *, is_package: bool) -> Iterator[str]:
    for node in code.every(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from (it.name for it in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                parts = module.split(".")
                above = parts[: len(parts) - node.level + is_package]
                start = ".".join([*above, *([node.module] if node.module else [])])
            yield start
            yield from (f"{start}.{it.name}" if start else it.name for it in node.names)


def _add_class(node: ast.ClassDef, code: Code, facts: Facts, lines: list[str]) -> None:
    names = [code.name(it.value if isinstance(it, ast.Subscript) else it) for it in node.bases]
    facts.bases += [it.rpartition(".")[2] for it in names]
    metas = [code.name(it.value) for it in node.keywords if it.arg == "metaclass"]
    place = _place(node.name, node.lineno, lines)
    if any(_SEAM.search(it) for it in (*names, *metas)):
        facts.seams.append(place)
    if _OPTIONS.search(node.name):
        facts.options += [
            _place(it.target.id, it.lineno, lines)
            for it in node.body
            if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name) and it.target.id[0] != "_"
        ]
    if _forwards(node):
        facts.forwarders.append(place)


def _forwards(node: ast.ClassDef) -> bool:
    """Whether all that a class does is to hand on what it is given to one other object."""
    methods = [it for it in node.body if isinstance(it, Function) and not it.name.startswith("__")]
    if len(methods) < _FEWEST:
        return False
    owners = {_handed_to(it) for it in methods}
    return len(owners) == 1 and None not in owners


def _handed_to(method: Function) -> str | None:
    """Return to which field of `self` a method hands on its own arguments and nothing else; None where it does more."""
    body = body_of(method)
    if len(body) != 1 or not isinstance(body[0], (ast.Return, ast.Expr)):
        return None
    value = body[0].value
    call = value.value if isinstance(value, ast.Await) else value
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=owner))):
            given = [*call.args, *(it.value for it in call.keywords)]
        case _:
            return None
    plain = (it.value if isinstance(it, ast.Starred) else it for it in given)
    return owner if all(isinstance(it, ast.Name) for it in plain) else None
