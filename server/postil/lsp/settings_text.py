"""A file of settings as an editor asks about it: what may be written at a place, what stands there, and how a rule is taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel

from postil.config.options import RULES, CheckOptions, Layer, LimitOptions, Options, RuleTest, setters
from postil.config.positions import Positions, Span, Way
from postil.config.server_options import ServerOptions
from postil.core.docstrings import field_docs
from postil.core.errors import ConfigurationError
from postil.permissions.meaning import meaning
from postil.permissions.modes import modes
from postil.permissions.rule import Source, parse

_TOKEN = re.compile(
    r'#[^\n]*|"""(?:[^\\]|\\.)*?(?:"""|$)|\'\'\'.*?(?:\'\'\'|$)|"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'?|[\n\[\]=]|[^\n\[\]=#"\']+',
    re.DOTALL,
)
_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([\w.-]+)[ \t]*\]?\]?")
_STARTS = {
    "Bash(": "a command and its words, as in `Bash(npm test:*)`",
    "Edit(": "files by a pattern as in .gitignore, as in `Edit(src/**)`",
    "Read(": "files by a pattern as in .gitignore, as in `Read(secrets/**)`",
    "WebFetch(domain:": "a host, as in `WebFetch(domain:example.org)`",
}


@dataclass(frozen=True, slots=True)
class Here:
    """What is being written at a place."""

    section: str
    """The table, such as `test`; empty above all tables."""
    key: str
    """The option whose value it is; empty where an option's name is being written."""
    typed: str
    """What is written of it so far."""
    in_string: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be written there."""

    label: str
    text: str
    """What takes the place of what is typed."""
    says: str
    kind: Literal["option", "value", "rule"]


def here(before: str) -> Here:
    """Return what is being written at the end of a text, which need not be whole."""
    section, key, written = "", "", ""
    depth, in_value, position = 0, False, 0
    last = ""
    while position < len(before):
        header = _HEADER.match(before, position) if not in_value and not written.strip() else None
        if header is not None and "\n" not in header.group():
            section, position, last = header[1], header.end(), ""
            continue
        found = _TOKEN.match(before, position)
        last = found.group() if found is not None else before[position]
        position += len(last)
        if last == "\n" and not depth:
            key, written, in_value = "", "", False
        elif last == "=" and not in_value:
            key, in_value = written.strip().strip("\"'"), True
        elif last in ("[", "]") and in_value:
            depth = max(0, depth + (1 if last == "[" else -1))
        elif not in_value and not last.startswith("#"):
            written += last
    typed, in_string = _typed(last)
    if last.startswith("#"):
        return Here(section, "#", "", in_string=False)
    return (
        Here(section, key, typed, in_string)
        if in_value
        else Here(section, "", written.lstrip(), in_string=False)
    )


def _typed(last: str) -> tuple[str, bool]:
    """Return what is typed of a value, and whether that is within quotes which are still open."""
    quote = last[:1]
    if quote in ('"', "'"):
        open_ = len(last) == 1 or not last.endswith(quote) or last.endswith(f"\\{quote}")
        return (last[1:], True) if open_ else ("", False)
    return last.rsplit(maxsplit=1)[-1] if last.strip(" \t[],") and not last[-1:].isspace() else "", False


def offers(place: Here, layer: Layer, table: Mapping[str, Any], rules: Iterable[str]) -> Iterator[Offer]:
    """Yield what may be written at a place of a file that has `table` and `rules` already."""
    if place.key == "#":
        return
    if not place.key:
        yield from _names(place.section, layer, table)
    elif place.key == "mode":
        yield from (_value(place, it.name, f"{it.title}: {it.summary}") for it in modes().values())
    elif place.key == "rule" and place.section == "test":
        yield from (_value(place, it, "a rule of this file") for it in dict.fromkeys(rules) if it.strip())
    elif place.key in RULES and not place.section and "(" not in place.typed:
        yield from (_start(place, text, says) for text, says in _STARTS.items())
    elif place.section == "limits" and place.key in LimitOptions.model_fields:
        yield _value(place, "none", "without limit")
    elif place.key in Options.model_fields and not place.section:
        choices = get_args(Options.model_fields[place.key].annotation)
        yield from (_value(place, it, "") for it in choices if isinstance(it, str))


_FIELDS: Mapping[str, type[BaseModel]] = {
    "test": RuleTest, "check": CheckOptions, "limits": LimitOptions, "mcp": ServerOptions
}  # fmt: skip
"""What may stand in each table."""
_HEADS = {
    "limits": ("[limits]", "[limits]\n"),
    "mcp": ("[mcp.NAME]", "[mcp."),
    "hooks": ("[[hooks.PreToolUse]]", "[[hooks.PreToolUse]]\n"),
    "test": ("[[test]]", "[[test]]\n"),
    "check": ("[[check]]", "[[check]]\n"),
}
"""How each table is written, and what is put in for it."""


def _names(section: str, layer: Layer, table: Mapping[str, Any]) -> Iterator[Offer]:
    if not section:
        docs = field_docs(Options)
        for name in Options.model_fields:
            if layer in setters(name) and name not in table and name not in _HEADS:
                yield Offer(name, f"{name} = ", docs[name], "option")
    elif (fields := _FIELDS.get(section.partition(".")[0])) is not None:
        docs = field_docs(fields)
        written = table.get(section, ()) if section == "limits" else ()
        yield from (
            Offer(it, f"{it} = ", docs[it], "option") for it in fields.model_fields if it not in written
        )
    for name, (label, text) in _HEADS.items():
        if layer in setters(name) and (name != "limits" or name not in table):
            yield Offer(label, text, field_docs(Options)[name], "option")


def _value(place: Here, value: str, says: str) -> Offer:
    return Offer(value, value if place.in_string else json.dumps(value, ensure_ascii=False), says, "value")


def _start(place: Here, text: str, says: str) -> Offer:
    return Offer(text, text if place.in_string else f'"{text}', says, "rule")


def said_at(line: int, column: int, places: Positions, table: Mapping[str, Any], layer: Layer) -> list[str]:
    """Return what there is to say of an option or a rule that stands at a place, one paragraph each; in plain words."""
    for way, span in places.keys.items():
        if len(way) == 1 and _covers(span, line, column):
            return _of_option(str(way[0]))
        if len(way) == 2 and way[0] == "limits" and _covers(span, line, column):
            return _of_limit(str(way[1]))
    for way, span in places.values.items():
        text = _text_at(table, way)
        if text is not None and _covers(span, line, column) and _is_rule(way):
            return _of_rule(text, way, table, layer)
    return []


def _of_option(name: str) -> list[str]:
    if name not in Options.model_fields:
        return []
    default = Options.model_fields[name].default
    who = {
        "user": "your own file",
        "workspace": "a workspace's own file",
        "administrator": "the machine's file",
    }
    may = [words for layer, words in who.items() if layer in setters(name)]
    said = [f"{name}: {field_docs(Options)[name]}", f"May be set in {', '.join(may)}."]
    plain = isinstance(default, str | int | float)
    return [*said, f"Default: {json.dumps(default)}."] if plain else said


def _of_limit(name: str) -> list[str]:
    if name not in LimitOptions.model_fields:
        return []
    default = json.dumps(LimitOptions.model_fields[name].default)
    return [
        f"limits.{name}: {field_docs(LimitOptions)[name]}",
        f'"none" is without limit. Default: {default}.',
    ]


def _of_rule(text: str, way: Way, table: Mapping[str, Any], layer: Layer) -> list[str]:
    verdict = way[0] if way[0] in RULES else _verdict_of(text, table)
    source: Source = "user" if layer in ("editor", "environment", "call") else layer
    if verdict not in RULES:
        return []
    try:
        found = meaning(parse(text, verdict, source))
    except ConfigurationError:
        return []
    return [f"{verdict} {text}", found.effect, *(f"Never: {it}." for it in found.never), found.order]


def _verdict_of(text: str, table: Mapping[str, Any]) -> str:
    return next((it for it in RULES if text.strip() in _texts(table.get(it))), "")


def _texts(value: object) -> list[str]:
    return [it for it in value if isinstance(it, str)] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]  any TOML


def _is_rule(way: Way) -> bool:
    return (len(way) == 2 and way[0] in RULES) or (len(way) == 3 and way[0] == "test" and way[2] == "rule")


def _text_at(table: Mapping[str, Any], way: Way) -> str | None:
    found: Any = table
    for step in way:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return None
    return found if isinstance(found, str) else None


def _covers(span: Span, line: int, column: int) -> bool:
    return (span.line, span.column) <= (line, column) < (span.end_line, span.end_column)


def without(text: str, span: Span) -> Span:
    """Return what is to be taken out with an element of a list, so that a list is left: its comma, and a line of its own."""
    lines = text.split("\n")
    head, tail = lines[span.line][: span.column], lines[span.end_line][span.end_column :]
    comma = re.match(r"[ \t]*,", tail)
    rest = tail[comma.end() :] if comma is not None else tail
    if not head.strip() and (not rest.strip() or rest.lstrip().startswith("#")):
        if span.end_line + 1 < len(lines):
            return Span(span.line, 0, span.end_line + 1, 0)
        return Span(span.line, 0, span.end_line, len(lines[span.end_line]))
    if comma is not None:
        end = span.end_column + comma.end() + len(rest) - len(rest.lstrip(" \t"))
        return Span(span.line, span.column, span.end_line, end)
    before = re.search(r",[ \t]*$", head)
    start = before.start() if before is not None else span.column
    return Span(span.line, start, span.end_line, span.end_column)
