"""Files of settings as a language: problems as one types, completion, hover, and taking out a rule that never decides. Kind: reading."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.looking import Looking
from postil.lsp.markdown import escaped
from postil.lsp.positions import Position, offset_at, position_at
from postil.lsp.server import PostilServer
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from postil.config.options import Layer
    from postil.config.positions import Span
    from postil.lsp.text_document import OpenDocument
    from postil.permissions.policy_file import PolicyFile, Problem

NAME = "settings.toml"
REMOVE = "Postil: Remove this rule"
_DEAD = frozenset({"never-decides", "duplicate"})
_KINDS = {
    "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "rule": types.CompletionItemKind.Function,
}


def register(server: PostilServer) -> None:
    """Look at every file of settings that is open."""
    settings = Settings(server)
    server.on_document.append(settings.look)
    server.completions.append(settings.complete)
    server.hovers.append(settings.hover)
    server.actions.append(settings.actions)
    server.on_end.append(settings.looking.end)


class Settings:
    """The files of settings that are open, and what was found in them."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._open: dict[str, tuple[int | None, PolicyFile]] = {}
        """What was found in each document, and in which version."""
        self.looking = Looking("files of settings", self._look)

    def look(self, uri: str) -> None:
        """Look at all of them when one was opened, changed, saved or closed: they are in force together."""
        if uri.endswith(NAME):
            self.looking.again()

    async def complete(
        self, _: Face, params: types.CompletionParams, document: OpenDocument
    ) -> Sequence[types.CompletionItem]:
        """Return the names of options, the values that an option takes, and how a rule begins."""
        if await self._looked_at(params.text_document.uri) is None:
            return []
        at = document.offset_at(Position(params.position.line, params.position.character))
        return await asyncio.to_thread(_completed, document.source, at, document, _layer(document))

    async def hover(self, face: Face, params: types.HoverParams) -> str:
        """Say what an option is for, or what a rule matches and what it never covers."""
        document = await self._looked_at(params.text_document.uri)
        if document is None:
            return ""
        at = document.offset_at(Position(params.position.line, params.position.character))
        place = position_at(document.lines, at, "utf-32")
        said = await asyncio.to_thread(_said, document.source, place, _layer(document))
        if not face.capabilities.takes_markdown:
            return "\n".join(said)
        first, *rest = [escaped(it) for it in said] or [""]
        return "\n\n".join([f"**{first}**", *rest]) if rest else first

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
        """Yield *Remove this rule* for rules on the lines of the range that never decide."""
        document = self._server.open_document(params.text_document.uri)
        version, found = self._open.get(params.text_document.uri, (None, None))
        if document is None or found is None or document.version != version:
            return
        for problem in found.problems:
            shown = _range(problem.span, document)
            if problem.code in _DEAD and _on_its_lines(shown, params.range):
                yield self._removal(problem, document, params)

    def _removal(
        self, problem: Problem, document: OpenDocument, params: types.CodeActionParams
    ) -> types.CodeAction:
        from postil.lsp.settings_text import without  # noqa: PLC0415 - loaded with the first file of settings

        gone = types.TextEdit(_range(without(document.source, problem.span), document), "")
        edit = types.WorkspaceEdit(changes={params.text_document.uri: [gone]})
        own = [it for it in params.context.diagnostics if it.source == SOURCE and it.code == problem.code]
        return types.CodeAction(
            title=REMOVE, kind=types.CodeActionKind.QuickFix, edit=edit, diagnostics=own or None
        )

    async def _looked_at(self, uri: str) -> OpenDocument | None:
        """Return a document that is a file of our settings; many a project has some of that name of its own."""
        if uri.endswith(NAME):
            await self.looking.settled()
        return self._server.open_document(uri) if uri in self._open else None

    async def _look(self) -> None:
        documents = {it.uri: it for it in self._server.open_documents() if it.uri.endswith(NAME)}
        texts = {uri: (it.version, it.source) for uri, it in documents.items()}
        roots = self._server.face.roots
        found = await asyncio.to_thread(_looked_at, {uri: text for uri, (_, text) in texts.items()}, roots)
        self._open = {uri: (texts[uri][0], it) for uri, it in found.items()}
        said = {
            uri: [_diagnostic(problem, documents[uri]) for problem in it.problems]
            for uri, it in found.items()
            if documents[uri].version == texts[uri][0]
        }
        self._server.diagnostics.say("settings", said)


def _looked_at(texts: Mapping[str, str], roots: tuple[Path, ...]) -> dict[str, PolicyFile]:
    """Look at the open files of settings, together with those that are in force and closed. Blocking."""
    from postil.config.load import settings_files  # noqa: PLC0415 - loaded with the first file of settings
    from postil.permissions.policy_file import look, look_together  # noqa: PLC0415

    by_path = {os.path.realpath(path): uri for uri in texts if (path := uri_to_path(uri)) is not None}
    in_force: list[tuple[Layer, str, str]] = []
    whose: list[str | None] = []
    for layer, path in settings_files(roots):
        uri = by_path.get(os.path.realpath(path))
        text = texts[uri] if uri is not None else _text(path)
        if text is not None:
            in_force.append((layer, str(path), text))
            whose.append(uri)
    found = {uri: it for uri, it in zip(whose, look_together(in_force), strict=True) if uri is not None}
    for path, uri in by_path.items():
        if uri not in found and Path(path).parent.name == ".postil":
            found[uri] = look(texts[uri], "workspace", path)
    return found


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return None


def _layer(document: OpenDocument) -> Layer:
    """Return whose file it is, by its name: only a workspace's own lies in a folder `.postil`."""
    from postil.config.load import ADMINISTRATOR_FILE  # noqa: PLC0415 - loaded with the first file of settings

    path = uri_to_path(document.uri)
    if path is not None and path.parent.name == ".postil":
        return "workspace"
    return "administrator" if path == ADMINISTRATOR_FILE else "user"


def _completed(text: str, at: int, document: OpenDocument, layer: Layer) -> list[types.CompletionItem]:
    from postil.lsp.settings_text import here, offers  # noqa: PLC0415 - loaded with the first file of settings

    place = here(text[:at])
    start, end = (types.Position(*document.position_at(it)) for it in (at - len(place.typed), at))
    table, rules = _table(text)
    return [
        types.CompletionItem(
            label=it.label,
            kind=_KINDS[it.kind],
            documentation=it.says or None,
            text_edit=types.TextEdit(types.Range(start, end), it.text),
        )
        for it in offers(place, layer, table, rules)
    ]


def _said(text: str, place: Position, layer: Layer) -> list[str]:
    from postil.config.positions import positions  # noqa: PLC0415 - loaded with the first file of settings
    from postil.lsp.settings_text import said_at  # noqa: PLC0415

    return said_at(place.line, place.character, positions(text), _table(text)[0], layer)


def _table(text: str) -> tuple[dict[str, Any], list[str]]:
    """Return what a text says and the rules in it; of one that is not whole yet, the options that are."""
    import tomllib  # noqa: PLC0415

    from postil.config.options import RULES  # noqa: PLC0415
    from postil.config.positions import positions  # noqa: PLC0415

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        places = positions(text)
        lines = text.split("\n")
        shown = [
            lines[it.line][it.column : it.end_column] for way, it in places.values.items() if way[0] in RULES
        ]
        return {str(way[0]): None for way in places.keys if len(way) == 1}, [
            it.strip("\"'") for it in shown if it[:1] in "\"'"
        ]
    return table, [it for name in RULES for it in table.get(name, ()) if isinstance(it, str)]


def _diagnostic(problem: Problem, document: OpenDocument) -> types.Diagnostic:
    severity = (
        types.DiagnosticSeverity.Error if problem.severity == "error" else types.DiagnosticSeverity.Warning
    )
    related = None
    if problem.about is not None:
        place = types.Location(document.uri, _range(problem.about, document))
        related = [types.DiagnosticRelatedInformation(place, "The rule that it has to do with.")]
    return types.Diagnostic(
        range=_range(problem.span, document),
        message=f"{problem.message}.",
        severity=severity,
        code=problem.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if problem.code in _DEAD else None,
        related_information=related,
    )


def _range(span: Span, document: OpenDocument) -> types.Range:
    def point(line: int, column: int) -> types.Position:
        offset = offset_at(document.lines, Position(line, column), "utf-32")
        return types.Position(*document.position_at(offset))

    return types.Range(point(span.line, span.column), point(span.end_line, span.end_column))


def _on_its_lines(one: types.Range, other: types.Range) -> bool:
    """Whether the second range touches the lines of the first: some editors ask with the cursor wherever it is in the line."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line
