"""`docs/protocol.md`: what Postil speaks beside the language server protocol."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from postil.cli.generate.markdown import code, document, table
from postil.cli.generate.models import nested_models
from postil.cli.generate.typescript import fields
from postil.core import events as ev
from postil.core.docstrings import class_doc, field_docs
from postil.lsp.capabilities import PROTOCOL, Capabilities
from postil.lsp.methods import METHODS, UPDATE
from postil.lsp.values.client_methods import CLIENT_METHODS
from postil.lsp.values.session_methods import Update

_INTRO = f"""
An editor needs none of this page: questions, answers and prompts are code actions, diagnostics and commands of plain LSP.
A client of Postil's own uses it to show a conversation. This is version {PROTOCOL} of it. Types are written as in
TypeScript; `clients/vscode/src/protocol_gen.ts` has them as code. An unknown field of
params is ignored; within the values that events are made of (`Anchor`, `PromptContext`) it is refused.
"""
_ERRORS = """
## Errors

| code | when |
|---|---|
| -32602 InvalidParams | the params do not fit; the message names the field |
| -32803 RequestFailed | the request fits and cannot be done; the message says what happened and what to do, for a person |

Every request gets exactly one answer. The codes of LSP for everything else are unchanged.
"""
_COMMANDS = """
## Commands

For `workspace/executeCommand`. A command takes one object, the same params as the request of its name, and returns the same
result, so that an editor without a client of Postil's reaches everything.
"""
_EVENTS = """
## Events

Each has `type` (its name) and `v` (the version of its shape). Fields are spelled as in the journal, all are written out, and a
`type` that a client does not know is to be ignored.
"""


def render() -> str:
    """Return the whole page."""
    return document(
        "Protocol",
        _INTRO,
        _capabilities(),
        _requests(),
        _client_requests(),
        _update(),
        _ERRORS,
        _commands(),
        _EVENTS + "\n### Durable\n\n" + _rows(ev.durable_types),
        "### Ephemeral\n\n" + _rows(ev.ephemeral_types),
        _types(),
    )


def _capabilities() -> str:
    docs = field_docs(Capabilities)
    offered = {
        "protocol": ("number", docs["protocol"]),
        "save": ("boolean", f"Serves {docs['can_save']}"),
        "diagnostics": ("boolean", f"Serves {docs['can_report_diagnostics']}"),
        "symbols": ("boolean", f"Serves {docs['can_tell_symbols']}"),
        "words": ("boolean", docs["takes_words"]),
        "documents": ("boolean", docs["takes_documents"]),
    }
    return (
        "## Capabilities\n\nA client says in `capabilities.experimental.postil` of `initialize` what it offers. All of it is optional.\n\n"
        + table(("field", "type", "meaning"), [(code(name), code(kind), doc) for name, (kind, doc) in offered.items()])
        + "\n\nThe server answers with `experimental.postil = {protocol, version}` in its own capabilities. Versions that do not fit "
        "are told to the person in one sentence."
    )  # fmt: skip


def _requests() -> str:
    rows = [
        (code(it.method), code(it.params.__name__), code(it.result.__name__), it.doc)
        for it in METHODS
        if it.request
    ]
    return "## Requests\n\n" + table(("method", "params", "result", "what it does"), rows)


def _client_requests() -> str:
    rows = [
        (code(it.method), code(it.offered), code(it.params.__name__), code(it.result.__name__), it.doc)
        for it in CLIENT_METHODS
    ]
    return (
        "## Requests to the client\n\nSent to a client that offers them. Null, an error or no answer in time is no result.\n\n"
        + table(("method", "offered as", "params", "result", "what is asked"), rows)
    )


def _fields(model: type[BaseModel]) -> str:
    """Return what a value is and its fields, one a line."""
    lines = [
        f"* {code(it.name + it.mark)}: {code(it.type)}" + (f". {it.doc}" if it.doc else "")
        for it in fields(model)
    ]
    return "\n".join([class_doc(model), "", *lines])


def _update() -> str:
    return (
        f"## Updates\n\nThe notification `{UPDATE}` carries one publication of a session:\n\n{_fields(Update)}\n\n"
        "`seq` counts from 1 without gaps; a client that sees one twice drops it. A client that reads slowly is sent the durable events "
        "that it missed and no old pieces of text. After a new connection it attaches with the last `seq` it has as `after`."
    )


def _commands() -> str:
    rows = [
        (code(row.command), code(row.params.__name__), code(row.result.__name__), row.doc) for row in METHODS
    ]
    return _COMMANDS + "\n" + table(("command", "params", "result", "what it does"), rows)


def _rows(variants: Iterable[type[BaseModel]]) -> str:
    def written(model: type[BaseModel]) -> str:
        own = [it for it in fields(model) if it.name not in {"v", "type"}]
        return ", ".join(f"{code(it.name)}: {code(it.type)}" for it in own)

    return table(
        ("event", "meaning", "fields"), [(code(it.__name__), class_doc(it), written(it)) for it in variants]
    )


def _types() -> str:
    told: set[type[BaseModel]] = {Update, *ev.durable_types, *ev.ephemeral_types}
    every = nested_models(
        [
            *(model for row in (*METHODS, *CLIENT_METHODS) for model in (row.params, row.result)),
            *ev.durable_types,
            *ev.ephemeral_types,
        ]
    )
    parts = [f"### `{model.__name__}`\n\n{_fields(model)}" for model in every if model not in told]
    return "## Types\n\n`?` marks what params may leave out.\n\n" + "\n\n".join(parts)
