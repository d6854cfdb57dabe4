"""YAML front matter of a Markdown file, with the line of each field; a field that is there twice is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import yaml

_YAML: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where the library was built with it."""
_FENCE = "---\n"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says of itself, and what follows."""

    data: object
    body: str
    lines: dict[str, int] = field(default_factory=dict[str, int])
    """The line of each field, from 1."""


class BadFrontMatter(ValueError):
    """A file whose front matter cannot be read; says why, and in which line, from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def front_matter(text: str) -> FrontMatter:
    """Return the front matter of a text and its body; raises BadFrontMatter."""
    front, closing, body = text.removeprefix(_FENCE).partition("\n---\n")
    if not closing and text.endswith("\n---"):
        front, closing = text.removeprefix(_FENCE).removesuffix("\n---"), _FENCE
    if not text.startswith(_FENCE) or not closing:
        raise BadFrontMatter("it does not open with front matter between two lines of `---`")
    try:
        return _read(front, body.strip())
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 2 if error.problem_mark is not None else 1
        raise BadFrontMatter(f"the front matter is not YAML: {error.problem or error}", at) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadFrontMatter(f"the front matter is not YAML: {error}") from error


def _read(front: str, body: str) -> FrontMatter:
    loader = _YAML(front)
    try:
        node = loader.get_single_node()
        lines = _lines(node)
        return FrontMatter(_data(loader, node), body, lines)
    except ValueError as error:  # a date that is none, a number of too many digits
        if isinstance(error, BadFrontMatter):
            raise
        raise BadFrontMatter(f"the front matter is not YAML: {error}") from error
    finally:
        loader.dispose()  # pyright: ignore[reportUnknownMemberType]  the library has no types


def _data(loader: yaml.SafeLoader, node: yaml.Node | None) -> object:
    construct = cast("Callable[[yaml.Node], object]", loader.construct_document)
    return construct(node) if node is not None else None


def _lines(top: yaml.Node | None) -> dict[str, int]:
    """Return the line of each field; raises BadFrontMatter for one that is there twice: YAML would take the last."""
    lines: dict[str, int] = {}
    seen: set[int] = set()
    waiting = [(top, "")]
    while waiting:
        node, prefix = waiting.pop()
        if not isinstance(node, yaml.MappingNode) or id(node) in seen:
            continue
        seen.add(id(node))
        for key, value in node.value:
            name, line = f"{prefix}{key.value}", key.start_mark.line + 2
            if name in lines:
                raise BadFrontMatter(f"`{name}` is there twice", line)
            lines[name] = line
            waiting.append((value, f"{name}."))
    return lines
