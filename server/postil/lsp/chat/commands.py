"""Prompts that a chat document carries out by itself: `/mode NAME` and `/model NAME`, and how they are completed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.errors import PostilError
from postil.core.submissions import SetMode, SetModel
from postil.lsp.face import Face
from postil.lsp.wire import Nothing

if TYPE_CHECKING:
    from postil.agent.session import Session

MODE, MODEL = "/mode", "/model"
OWN = {
    MODE: "Choose the session's mode.",
    MODEL: "Choose the session's model, from the next turn on.",
}
_NAME = re.compile(r"(/mode|/model) (\S*)\Z")


def chosen(prompt: str) -> tuple[str, str] | None:
    """Return which command a prompt is, and the name that it chooses; None where it is none of these."""
    words = prompt.split()
    return (words[0], words[1]) if len(words) == 2 and words[0] in OWN else None


async def carry_out(face: Face, session: Session, command: str, name: str) -> None:
    """Choose the mode or the model. Raises UsageError for one that there is not, ProtocolError for a model while a turn runs."""
    if command == MODE:
        await session.set_mode(SetMode(name, face.name))
    else:
        await (await face.app()).sessions.set_model(session.id, SetModel(name, face.name))


async def completed(face: Face, line: str, position: types.Position) -> Sequence[types.CompletionItem]:
    """Return what the end of a line can go on with: the commands themselves, or the names behind one."""
    found = _NAME.match(line)
    if found is None:
        return [_command(it, position) for it in OWN if line and it.startswith(line)]
    try:
        rows = await (_modes(face) if found[1] == MODE else _models(face))
    except PostilError:
        return []
    start = types.Position(position.line, position.character - len(found[2]))
    place = types.Range(start, position)
    return [
        types.CompletionItem(
            label=name,
            kind=types.CompletionItemKind.EnumMember,
            detail=detail or None,
            documentation=about or None,
            text_edit=types.TextEdit(place, name),
        )
        for name, detail, about in rows
        if name.startswith(found[2])
    ]


async def _modes(face: Face) -> list[tuple[str, str, str]]:
    from postil.lsp.features.keeping import modes  # noqa: PLC0415 - loaded with the first

    return [(it.name, it.title, it.description) for it in (await modes(face, Nothing())).modes]


async def _models(face: Face) -> list[tuple[str, str, str]]:
    from postil.lsp.features.keeping import models  # noqa: PLC0415 - loaded with the first

    found = await models(face, Nothing())
    names = dict.fromkeys((found.default, *(it.name for it in found.models)))
    about = {it.name: f"reads {it.window:,} tokens" for it in found.models}
    priced = {
        it.name: f", ${it.input_price:g} and ${it.output_price:g} for a million tokens in and out"
        for it in found.models
        if it.input_price is not None and it.output_price is not None
    }
    return [
        (it, "the settings' own" if it == found.default else "", f"{about.get(it, '')}{priced.get(it, '')}")
        for it in names
    ]


def _command(name: str, position: types.Position) -> types.CompletionItem:
    place = types.Range(types.Position(position.line, 0), position)
    return types.CompletionItem(
        label=name,
        kind=types.CompletionItemKind.Function,
        documentation=OWN[name],
        text_edit=types.TextEdit(place, f"{name} "),
    )
