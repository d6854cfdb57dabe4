"""The lightbulb: answers to open questions, *Ask agent…*, *Ask agent to fix*, *Explain*. Kind: submitting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from postil.core.question import Anchor, PromptContext
from postil.core.submissions import Prompt
from postil.lsp.comments import mentioned_in_comments
from postil.lsp.diagnostics import SOURCE
from postil.lsp.excerpts import excerpt
from postil.lsp.face import Face
from postil.lsp.features.answers import answer_actions
from postil.lsp.features.new_chat import chat_actions
from postil.lsp.features.resuming import resume_actions
from postil.lsp.features.rewind import rewind_actions
from postil.lsp.methods import Row, by_name
from postil.lsp.positions import Position, position_at
from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument
from postil.lsp.values.place_methods import PlaceParams, Point
from postil.lsp.values.session_methods import TurnResult
from postil.workspace.files.uris import uri_to_path

_FIX_SHOWN = 60
_CONTEXT_LINES = 5


def register(server: PostilServer) -> None:
    """Offer the actions and serve their commands."""
    actions = CodeActions(server)
    options = types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor]
    )
    server.serve_feature(types.TEXT_DOCUMENT_CODE_ACTION, actions.offer, options)
    server.serve_row("ask", actions.ask)
    server.serve_row("fix", actions.fix)
    server.serve_row("explain", actions.explain)


class CodeActions:
    """What can be done at a place."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server

    def offer(self, params: types.CodeActionParams) -> Sequence[types.CodeAction | types.Command]:
        """Return the actions at a range. Nothing is preferred: an answer is never a default."""
        face = self._server.face
        face.active_uri = params.text_document.uri
        going_back = rewind_actions(face, params.text_document.uri)
        own = [it for source in self._server.actions for it in source(face, params)]
        actions = [
            *answer_actions(face, params), *own, *_fixes(params), *_asks(params), *chat_actions(face, params),
            *resume_actions(face, own), *going_back,
        ]  # fmt: skip
        if not face.capabilities.takes_code_actions:
            return [it.command for it in actions if it.command is not None]
        only = params.context.only
        if not only:
            return actions
        return [it for it in actions if any(_within(it.kind, kind) for kind in only)]

    async def ask(self, face: Face, params: PlaceParams) -> TurnResult:
        """Ask about the selection; without words of its own, the selected text says what is wanted."""
        text = params.text.strip() or (
            "Do what the selected text asks for: it may be a comment that says what is wanted, or code that is "
            "unfinished or wrong. If it is not clear, ask." + self._mentioned(params)
        )
        return await self._prompt(face, params, text)

    def _mentioned(self, params: PlaceParams) -> str:
        """Return what the selected comments mention, so that it is attached as if it had been asked for here."""
        document = self._server.open_document(params.uri)
        lines = (
            document.lines[params.range.start.line : params.range.end.line + 1]
            if document is not None
            else ()
        )
        found = mentioned_in_comments("".join(lines))
        return f"\nMentioned there: {', '.join(found)}" if found else ""

    async def fix(self, face: Face, params: PlaceParams) -> TurnResult:
        """Ask to fix what a diagnostic says."""
        text = f"Fix this problem.\n{params.text}".strip()
        return await self._prompt(face, params, text, _problem(params, face))

    async def explain(self, face: Face, params: PlaceParams) -> TurnResult:
        """Ask what the selection does; nothing is to be changed."""
        text = params.text.strip() or "Explain the selected code: what it does, why, and what to watch for."
        return await self._prompt(face, params, f"{text} Change nothing.")

    async def _prompt(
        self, face: Face, params: PlaceParams, text: str, problem: PromptContext | None = None
    ) -> TurnResult:
        document = self._server.open_document(params.uri)
        session = await face.session(params.session_id, new=params.new_session)
        context = (problem, _context(document, params, face) if document is not None else None)
        anchor = _anchor(params, document)
        prompt = Prompt(text, tuple(it for it in context if it is not None), anchor, face.name)
        return TurnResult(session_id=session.id, turn_id=await session.prompt(prompt))


def _fixes(params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    for diagnostic in params.context.diagnostics:
        if diagnostic.source == SOURCE:
            continue
        message = " ".join(diagnostic.message.split())
        shown = message if len(message) <= _FIX_SHOWN else message[: _FIX_SHOWN - 1] + "…"
        place = _place(params.text_document.uri, diagnostic.range)
        origin = " ".join(str(it) for it in (diagnostic.source, diagnostic.code) if it)
        place["diagnostic"] = f"{diagnostic.message} ({origin})" if origin else diagnostic.message
        yield _action(
            f"Ask agent to fix: {shown}", types.CodeActionKind.QuickFix, by_name["fix"], place, [diagnostic]
        )


def _asks(params: types.CodeActionParams) -> Iterable[types.CodeAction]:
    place = _place(params.text_document.uri, params.range)
    yield _action("Ask agent…", types.CodeActionKind.Refactor, by_name["ask"], place)
    yield _action("Explain", types.CodeActionKind.Refactor, by_name["explain"], place)


def _action(
    title: str,
    kind: types.CodeActionKind,
    row: Row,
    argument: dict[str, Any],
    diagnostics: list[types.Diagnostic] | None = None,
) -> types.CodeAction:
    command = types.Command(title=title, command=row.command, arguments=[argument])
    return types.CodeAction(title=title, kind=kind, command=command, diagnostics=diagnostics or None)


def _place(uri: str, span: types.Range) -> dict[str, Any]:
    def point(position: types.Position) -> dict[str, int]:
        return {"line": position.line, "character": position.character}

    return {"uri": uri, "range": {"start": point(span.start), "end": point(span.end)}}


def _within(kind: types.CodeActionKind | str | None, wanted: types.CodeActionKind | str) -> bool:
    have, want = str(getattr(kind, "value", kind)), str(getattr(wanted, "value", wanted))
    return have == want or have.startswith(f"{want}.") or not want


def _context(document: OpenDocument, params: PlaceParams, face: Face) -> PromptContext | None:
    """Return the selected lines, with some around them where little is selected."""
    path = uri_to_path(params.uri)
    if path is None:
        return None
    start, end = params.range.start.line, params.range.end.line
    if start == end:
        start, end = start - _CONTEXT_LINES, end + _CONTEXT_LINES
    lines = document.lines
    first, last = max(0, start), min(len(lines) - 1, end)
    return PromptContext(
        kind="selection",
        path=_shown(path, face),
        text=excerpt(lines, first, last).rstrip("\n"),
        first_line=first + 1,
        last_line=last + 1,
    )


def _problem(params: PlaceParams, face: Face) -> PromptContext | None:
    """Return what another source says of the place: none of it is a word of the person's."""
    if not params.diagnostic:
        return None
    path = uri_to_path(params.uri)
    return PromptContext(
        kind="diagnostic",
        path=_shown(path, face) if path is not None else params.uri,
        text=params.diagnostic,
        first_line=params.range.start.line + 1,
        last_line=params.range.end.line + 1,
    )


def _shown(path: Path, face: Face) -> str:
    root = next((root for root in face.roots if path.is_relative_to(root)), None)
    return str(path.relative_to(root)) if root is not None else str(path)


def _anchor(params: PlaceParams, document: OpenDocument | None) -> Anchor:
    """Return the place as it is kept: in UTF-16 units, whatever the client counts in."""

    def kept(point: Point) -> Position:
        here = Position(point.line, point.character)
        if document is None:
            return here
        return position_at(document.lines, document.offset_at(here), "utf-16")

    start, end = kept(params.range.start), kept(params.range.end)
    return Anchor(
        uri=params.uri,
        line=start.line,
        character=start.character,
        end_line=end.line,
        end_character=end.character,
    )
