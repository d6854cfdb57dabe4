"""Where the keys and values of a TOML text stand, so that what is wrong with one can be shown in its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

Way = tuple[str | int, ...]
"""The way to a value: keys, and places in arrays from 0."""

_AT = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text. Lines and columns count from 0, columns in characters; the end is the first that is not in it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Where things stand in one text."""

    values: Mapping[Way, Span]
    keys: Mapping[Way, Span]
    """Of what has a key."""

    def of(self, way: Way) -> Span:
        """Return where something stands; where that is not known, where the next larger thing does."""
        while way:
            if way in self.values:
                return self.values[way]
            way = way[:-1]
        return Span(0, 0, 0, 0)

    def of_key(self, way: Way) -> Span:
        """Return where the key of something stands, or the thing itself where it has none."""
        return self.keys.get(way) or self.of(way)


def positions(text: str) -> Positions:
    """Return where things stand in a text. What is no TOML is left out, as far as it goes."""
    lines = [it.encode("utf-8", "surrogatepass") for it in text.split("\n")]
    found = _Found({}, {}, lines)
    root = _parser().parse(text.encode("utf-8", "surrogatepass")).root_node
    counted: dict[Way, int] = {}
    for node in root.named_children:
        if node.type == "pair":
            found.pair(node, ())
        elif node.type in ("table", "table_array_element") and node.named_children:
            _table(node, found, counted)
    return Positions(found.values, found.keys)


def syntax_error(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, Span]:
    """Return what a parser says of a text, and where."""
    message = str(error)
    match = _AT.search(message)
    told = _AT.sub("", message).strip()
    lines = text.split("\n")
    if match is None or match["line"] is None:
        last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
        end = len(lines[last].rstrip())
        return told, Span(last, max(0, end - 1), last, end)
    line, column = int(match["line"]) - 1, int(match["column"]) - 1
    return told, Span(line, column, line, column + 1)


@dataclass(frozen=True, slots=True)
class _Found:
    values: dict[Way, Span]
    keys: dict[Way, Span]
    lines: list[bytes]

    def pair(self, node: tree_sitter.Node, above: Way) -> None:
        inside = _meant(node)
        if len(inside) < 2:
            return
        key, value = inside[0], inside[-1]
        way = (*above, *_names(key))
        self.keys[way] = self.span(key)
        self.value(value, way)

    def value(self, node: tree_sitter.Node, way: Way) -> None:
        self.values[way] = self.span(node)
        inside = _meant(node)
        if node.type == "array":
            for number, child in enumerate(inside):
                self.value(child, (*way, number))
        elif node.type == "inline_table":
            for child in inside:
                self.pair(child, way)

    def span(self, node: tree_sitter.Node) -> Span:
        (line, column), (end_line, end_column) = node.start_point, node.end_point
        return Span(line, self._characters(line, column), end_line, self._characters(end_line, end_column))

    def _characters(self, line: int, column: int) -> int:
        if line >= len(self.lines):
            return 0
        return len(self.lines[line][:column].decode("utf-8", "surrogatepass"))


def _table(node: tree_sitter.Node, found: _Found, counted: dict[Way, int]) -> None:
    """Take in a table. Within the elements of an array, a name means the last of them."""
    key, *pairs = _meant(node)
    *above, last = _names(key)
    is_element = node.type == "table_array_element"
    way: Way = ()
    for name in above if is_element else (*above, last):
        way = (*way, name)
        if way in counted:
            way = (*way, counted[way])
    if is_element:
        way = (*way, last)
        counted[way] = counted.get(way, -1) + 1
        way = (*way, counted[way])
    found.keys[way] = found.values[way] = found.span(key)
    for pair in pairs:
        if pair.type == "pair":
            found.pair(pair, way)


def _meant(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """Return what is in a node but for comments: one at the end of a line belongs to what is before it."""
    return [it for it in node.named_children if it.type != "comment"]


def _names(key: tree_sitter.Node) -> tuple[str, ...]:
    return tuple(_name(it) for it in _leaves(key))


def _leaves(key: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    if key.type == "dotted_key":
        for child in key.named_children:
            yield from _leaves(child)
    else:
        yield key


def _name(key: tree_sitter.Node) -> str:
    text = (key.text or b"").decode("utf-8", "surrogatepass")
    if key.type != "quoted_key":
        return text
    try:
        return next(iter(tomllib.loads(f"{text} = 0")))
    except tomllib.TOMLDecodeError:
        return text


@cache
def _parser() -> tree_sitter.Parser:
    import tree_sitter  # noqa: PLC0415 (with the first text that is looked at)
    import tree_sitter_toml  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
