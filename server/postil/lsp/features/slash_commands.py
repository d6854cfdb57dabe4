"""Slash commands: the list of them, and completion where a prompt begins in a document. Kind: reading.

A prompt is written in a file below `.postil/chat/`; it begins in its first line, below a heading, or after an empty line.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import PostilError
from postil.lsp.chat.uris import is_chat
from postil.lsp.face import Face
from postil.lsp.positions import Position
from postil.lsp.server import PostilServer
from postil.lsp.text_document import OpenDocument
from postil.lsp.values.skill_methods import SlashCommandRow, SlashCommandsResult
from postil.lsp.wire import Nothing

if TYPE_CHECKING:
    from postil.agent.commanding.listing import CommandRow

_HEADING = re.compile(r"#{1,6}[ \t]")


def register(server: PostilServer) -> None:
    """Serve both."""
    server.completions.append(complete)
    server.serve_row("slashCommands", slash_commands)


async def slash_commands(face: Face, _: Nothing) -> SlashCommandsResult:
    """List the slash commands."""
    return SlashCommandsResult(commands=[_row(it) for it in await _rows(face)])


async def complete(
    face: Face, params: types.CompletionParams, document: OpenDocument
) -> Sequence[types.CompletionItem]:
    """Return the slash commands that count, where the name of one is being written at the beginning of a prompt."""
    if not is_chat(document.uri):
        return []
    typed = _typed(document, document.offset_at(Position(params.position.line, params.position.character)))
    if typed is None:
        return []
    try:
        rows = await _rows(face)
    except PostilError:
        return []  # Without a folder or with settings that cannot be read nothing is offered; a prompt says why.
    start = types.Position(params.position.line, params.position.character - len(typed))
    place = types.Range(start, params.position)
    counting = [it for it in rows if it.state == "in force" and f"/{it.name}".startswith(typed)]
    return [_item(it, number, place) for number, it in enumerate(counting)]


def _typed(document: OpenDocument, at: int) -> str | None:
    """Return what is written of a slash command up to the cursor, its slash included; None where no prompt begins there."""
    from postil.agent.commanding.written import unfinished  # noqa: PLC0415 - loaded with the first

    before = document.source[:at]
    above, _, line = before.rpartition("\n")
    last = above.rpartition("\n")[2].strip()
    name = unfinished(line) if not last or _HEADING.match(last) else None
    return f"/{name}" if name is not None else None


async def _rows(face: Face) -> list[CommandRow]:
    from postil.agent.commanding.listing import command_rows  # noqa: PLC0415 - loaded with the first

    app = await face.app()
    trusted = app.trust.now.trusted

    def look() -> list[CommandRow]:
        return command_rows(app.commands.inventory(trusted=trusted), app.skills.inventory(trusted=trusted))

    return await asyncio.to_thread(look)


def _row(it: CommandRow) -> SlashCommandRow:
    return SlashCommandRow(
        name=it.name, kind=it.kind, description=it.description, hint=it.hint, agent=it.agent, source=it.owner,
        file=it.path, state=it.state, why=it.why,
    )  # fmt: skip


def _item(row: CommandRow, number: int, place: types.Range) -> types.CompletionItem:
    name = f"/{row.name}"
    return types.CompletionItem(
        label=name,
        kind=types.CompletionItemKind.Function,
        detail=row.hint or None,
        documentation=row.description or None,
        sort_text=f"{number:04}",
        text_edit=types.TextEdit(place, f"{name} "),
    )
