"""What a text of code defines and where: by a parser for the languages that have one here, else by words and indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from postil.workspace.texts.definitions import block, defining

if TYPE_CHECKING:
    import tree_sitter

LARGEST = 400_000
"""Characters that a parser is given; a larger text is looked at by words."""
MOST = 5_000
"""Definitions of one text."""
_FOREIGN = re.compile(r"[^\x01-\x7f]")
_NAMED = re.compile(defining(r"([A-Za-z_]\w*)"))
_STATEMENTS = frozenset(
    {"return", "if", "for", "while", "switch", "catch", "else", "elif", "with", "assert", "new", "not"}
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that code defines, with its lines counted from 1."""

    name: str
    kind: str
    """As its language calls it: `class`, `function`, `struct`; empty where only words told of it."""
    first: int
    last: int
    within: tuple[str, ...] = ()
    """The names of the definitions that it stands in, from the outside."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The definitions of a text in the order of their lines."""

    definitions: tuple[Definition, ...]
    parsed: bool
    """Whether a parser told of them, and not words alone."""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _Language:
    package: str
    kinds: Mapping[str, str]
    """Types of nodes that define a name, and what people call them."""
    function: str = "language"
    named_by: Mapping[str, str] = field(default_factory=dict[str, str])
    """The field with the name, where that is not `name`."""


_SCRIPT = {
    "function_declaration": "function", "generator_function_declaration": "function", "class_declaration": "class",
    "method_definition": "method", "variable_declarator": "variable",
}  # fmt: skip
_TYPED = _SCRIPT | {
    "interface_declaration": "interface", "type_alias_declaration": "type", "enum_declaration": "enum",
    "abstract_class_declaration": "class", "function_signature": "function", "internal_module": "namespace",
}  # fmt: skip
_PYTHON = _Language("tree_sitter_python", {"function_definition": "function", "class_definition": "class"})
_JAVASCRIPT = _Language("tree_sitter_javascript", _SCRIPT)
_LANGUAGES: Mapping[str, _Language] = {
    ".py": _PYTHON, ".pyi": _PYTHON,
    ".js": _JAVASCRIPT, ".jsx": _JAVASCRIPT, ".mjs": _JAVASCRIPT, ".cjs": _JAVASCRIPT,
    ".ts": _Language("tree_sitter_typescript", _TYPED, "language_typescript"),
    ".tsx": _Language("tree_sitter_typescript", _TYPED, "language_tsx"),
    ".go": _Language("tree_sitter_go", {
        "function_declaration": "function", "method_declaration": "method", "type_spec": "type", "type_alias": "type",
    }),
    ".rs": _Language("tree_sitter_rust", {
        "function_item": "function", "function_signature_item": "function", "struct_item": "struct", "enum_item": "enum",
        "union_item": "union", "trait_item": "trait", "impl_item": "impl", "mod_item": "module", "type_item": "type",
        "const_item": "constant", "static_item": "static", "macro_definition": "macro",
    }, named_by={"impl_item": "type"}),
    ".java": _Language("tree_sitter_java", {
        "class_declaration": "class", "interface_declaration": "interface", "enum_declaration": "enum",
        "record_declaration": "record", "method_declaration": "method", "constructor_declaration": "constructor",
        "annotation_type_declaration": "annotation",
    }),
}  # fmt: skip


def outline(path: PurePath, text: str) -> Outline:
    """Return what a text defines, told by its file's ending in which language. Any text has an outline, perhaps an empty one."""
    language = _LANGUAGES.get(path.suffix.lower())
    parsed = language is not None and len(text) <= LARGEST
    found: list[Definition] = []
    for it in _parsed(language, text) if parsed and language is not None else _by_words(text):
        if len(found) == MOST:
            return Outline(tuple(found), parsed, complete=False)
        found.append(it)
    return Outline(tuple(found), parsed)


def _parsed(language: _Language, text: str) -> Iterator[Definition]:
    # One byte for each character: places in the tree are places in the text, and no grammar meets a letter that its
    # tables do not have.
    root = (
        _parser(language.package, language.function).parse(_FOREIGN.sub("x", text).encode("ascii")).root_node
    )
    waiting: list[tuple[tree_sitter.Node, tuple[str, ...]]] = [(root, ())]
    while waiting:
        node, within = waiting.pop()
        kind = language.kinds.get(node.type)
        named = (
            node.child_by_field_name(language.named_by.get(node.type, "name")) if kind is not None else None
        )
        inner = within
        if named is not None and kind is not None and (node.type != "variable_declarator" or not within):
            name = text[named.start_byte : named.end_byte]
            yield Definition(name, kind, node.start_point[0] + 1, node.end_point[0] + 1, within)
            inner = (*within, name)
        waiting += [(it, inner) for it in reversed(node.named_children)]


@cache
def _parser(package: str, function: str) -> tree_sitter.Parser:
    # Loaded with the first text of its language, not with the server.
    import tree_sitter  # noqa: PLC0415

    grammar: object = getattr(import_module(package), function)()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def _by_words(text: str) -> Iterator[Definition]:
    lines = text.split("\n")
    open_: list[Definition] = []
    for at, line in enumerate(lines):
        match = _NAMED.match(line) if len(line) < 1_000 else None
        name = next((it for it in match.groups() if it), "") if match is not None else ""
        if not name or name in _STATEMENTS or line.split(maxsplit=1)[0] in _STATEMENTS:
            continue
        last = _last_line(lines, at)
        open_ = [it for it in open_ if it.last > at]
        found = Definition(name, "", at + 1, last + 1, tuple(it.name for it in open_))
        open_.append(found)
        yield found


def _last_line(lines: Sequence[str], at: int) -> int:
    return block(lines, at)[1]
