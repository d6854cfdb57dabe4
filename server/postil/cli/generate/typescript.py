"""TypeScript types of everything that crosses the wire, from the pydantic models that Python itself uses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from postil.cli.generate.models import nested_models
from postil.core import events as ev
from postil.core.docstrings import class_doc, field_docs
from postil.lsp.capabilities import PROTOCOL
from postil.lsp.methods import METHODS, UPDATE
from postil.lsp.values.client_methods import CLIENT_DIAGNOSTICS, CLIENT_METHODS, CLIENT_SAVE, CLIENT_SYMBOLS
from postil.lsp.values.session_methods import Update

Schema = Mapping[str, Any]

HEADER = """\
// Generated from server/postil by `make gen`. Do not edit.

"""
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_EVENT_FIELD = ("Update", "event")


def render() -> str:
    """Return the whole file.

    Raises ValueError where two classes have one name: in TypeScript they would become one, silently.
    """
    events = [*ev.durable_types, *ev.ephemeral_types]
    values = [model for model in nested_models(events) if model not in events]
    wire = [model for row in (*METHODS, *CLIENT_METHODS) for model in (row.params, row.result)] + [Update]
    written = {*events, *values}
    requests = [it for it in nested_models(wire) if it not in written]
    named = Counter(it.__name__ for it in (*written, *requests))
    if twice := sorted(name for name, times in named.items() if times > 1):
        raise ValueError(f"two classes have one name; rename one of each: {', '.join(twice)}")
    parts = [
        HEADER + _constants(),
        _section("Values that events are made of. Every field is written out, defaults too.", values),
        _section("Durable events: lines of the journal, sent with their `seq`.", ev.durable_types),
        _section("Ephemeral events: sent with the `seq` that they came `after`.", ev.ephemeral_types),
        _unions(),
        _section("Params and results of requests.", requests),
        _methods(),
    ]
    return "\n".join(parts)


def _section(title: str, models: Iterable[type[BaseModel]]) -> str:
    return f"// {title}\n\n" + "\n".join(interface(model) for model in models)


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it is on the wire."""

    name: str
    mark: str
    """`?` where it may be left out."""
    type: str
    doc: str


def fields(model: type[BaseModel]) -> list[Field]:
    """Return the fields of a model as TypeScript has them."""
    # What a client sends may leave its defaults out; everything that the server sends is whole.
    optional = model.__name__.endswith("Params") or model in nested_models(it.result for it in CLIENT_METHODS)
    schema = model.model_json_schema(mode="validation", by_alias=True)
    required = set(schema.get("required", ()))
    docs = field_docs(model)
    found: list[Field] = []
    for name, (wire_name, form) in zip(model.model_fields, schema.get("properties", {}).items(), strict=True):
        mark = "?" if optional and wire_name not in required else ""
        written = "PostilEvent" if (model.__name__, name) == _EVENT_FIELD else type_of(form)
        found.append(Field(wire_name, mark, written, re.sub(r"\bNone\b", "null", docs.get(name, ""))))
    return found


def interface(model: type[BaseModel]) -> str:
    """Return one model as an exported type with its documentation."""
    name, members = model.__name__, fields(model)
    doc = f"/** {class_doc(model)} */"
    if not members:
        return f"{doc}\nexport type {name} = Record<string, never>;\n"
    lines = [doc, f"export interface {name} {{"]
    for member in members:
        if member.doc:
            lines.append(f"  /** {member.doc} */")
        lines.append(f"  {member.name}{member.mark}: {member.type};")
    return "\n".join([*lines, "}", ""])


def type_of(form: Schema) -> str:
    """Return the TypeScript type of a JSON schema, as far as our models use JSON schema."""
    if "$ref" in form:
        name = form["$ref"].rpartition("/")[2]
        return "unknown" if name == "JsonValue" else name
    if "const" in form:
        return json.dumps(form["const"])
    if "enum" in form:
        return " | ".join(json.dumps(member) for member in form["enum"])
    if forms := form.get("anyOf") or form.get("oneOf"):
        return " | ".join(dict.fromkeys(type_of(each) for each in forms))
    if form.get("type") == "array":
        inner = type_of(form.get("items", {}))
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if form.get("type") == "object":
        values: Any = form.get("additionalProperties")
        return f"Record<string, {type_of(values) if values and values is not True else 'unknown'}>"
    return _SCALARS.get(form.get("type", ""), "unknown")


def _constants() -> str:
    return (
        "/** The version of Postil's own methods. */\n"
        f"export const PROTOCOL = {PROTOCOL};\n\n"
        "/** The notification that carries a session's events. */\n"
        f'export const UPDATE = "{UPDATE}";\n\n'
        "/** Requests to a client that offers them in `experimental.postil`. */\n"
        f'export const CLIENT_SAVE = "{CLIENT_SAVE}";\n'
        f'export const CLIENT_DIAGNOSTICS = "{CLIENT_DIAGNOSTICS}";\n'
        f'export const CLIENT_SYMBOLS = "{CLIENT_SYMBOLS}";\n'
    )


def _unions() -> str:
    def union(name: str, doc: str, variants: Iterable[type]) -> Iterator[str]:
        yield f"/** {doc} */"
        yield f"export type {name} ="
        yield from (f"  | {variant.__name__}" for variant in variants)
        yield ""

    lines = [
        "// The one vocabulary of events. A later version may send a `type` that is not listed here: ignore it.",
        "",
        *union("DurableEvent", "What the journal holds.", ev.durable_types),
        *union("EphemeralEvent", "What is only shown.", ev.ephemeral_types),
        "/** Any event. */",
        "export type PostilEvent = DurableEvent | EphemeralEvent;",
        "",
    ]
    # The last variant of a union ends its declaration.
    ended = [
        f"{line};" if line.startswith("  | ") and following == "" else line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
    ]
    return "\n".join(ended)


def _methods() -> str:
    rows = ["// Requests and commands.", "", "/** Requests to the server, by method. */"]
    rows.append("export interface Requests {")
    rows += [
        f'  /** {row.doc} */\n  "{row.method}": {{ params: {row.params.__name__}; result: {row.result.__name__} }};'
        for row in METHODS
        if row.request
    ]
    rows += ["}", "", "/** Requests to the client, by method. */", "export interface ClientRequests {"]
    rows += [
        f'  /** {row.doc} */\n  "{row.method}": {{ params: {row.params.__name__}; result: {row.result.__name__} | null }};'
        for row in CLIENT_METHODS
    ]
    rows += ["}", "", "/** Commands of the server; each takes its params as the one argument. */"]
    rows.append("export interface Commands {")
    rows += [
        f'  /** {row.doc} */\n  "{row.command}": {{ params: {row.params.__name__}; result: {row.result.__name__} }};'
        for row in METHODS
    ]
    return "\n".join([*rows, "}", ""])
