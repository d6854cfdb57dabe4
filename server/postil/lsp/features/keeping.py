"""What a client of ours keeps or shows: the key, models and modes, texts of the checkpoint, and sessions until they are deleted. Kind: reading."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from postil.core.errors import ConfigurationError, JournalError, ProtocolError
from postil.core.submissions import Rename
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.keeping_methods import (
    KeyParams,
    KeyResult,
    ModelRow,
    ModelsResult,
    ModeRow,
    ModesResult,
    TextParams,
    TextResult,
)
from postil.lsp.values.session_methods import RenameParams, RenameResult, SessionParams
from postil.lsp.wire import Nothing


def register(server: PostilServer) -> None:
    """Serve the methods."""
    server.serve_row("key", key)
    server.serve_row("models", models)
    server.serve_row("modes", modes)
    server.serve_row("session/text", text)
    server.serve_row("session/rename", rename)
    server.serve_row("session/delete", delete)


async def key(face: Face, params: KeyParams) -> KeyResult:
    """Take the key that the editor keeps, and say which one is used."""
    from postil.model.connect import key_source  # noqa: PLC0415 - loaded with the first of them

    app = await face.app()
    if params.key is not None:
        app.keys.hand_over(params.key.get_secret_value() or None)
    try:
        source = await asyncio.to_thread(key_source, app.loaded.options.base_url, app.keys)
    except ConfigurationError as error:
        return KeyResult(source=None, problem=str(error))
    return KeyResult(source=source, problem="")


async def models(face: Face, _: Nothing) -> ModelsResult:
    """List the table's models."""
    from postil.model import catalog  # noqa: PLC0415 - see above

    app = await face.app()
    rows: list[ModelRow] = []
    for name in catalog.names():
        row = catalog.entry(name)
        rows.append(
            ModelRow(
                name=name,
                window=row.limits.context_window,
                input_price=row.price.input if row.price is not None else None,
                output_price=row.price.output if row.price is not None else None,
            )
        )
    return ModelsResult(models=rows, default=app.loaded.options.model)


async def modes(face: Face, _: Nothing) -> ModesResult:
    """List the modes."""
    from postil.permissions import modes as known  # noqa: PLC0415 - see above

    app = await face.app()
    found = await asyncio.to_thread(known.choices)
    rows = [ModeRow(name=name, title=title, description=about) for name, title, about in found]
    return ModesResult(modes=rows, default=app.loaded.options.mode)


async def text(face: Face, params: TextParams) -> TextResult:
    """Return a kept text, also of a session that can only be read here."""
    app = await face.app()
    try:
        session = app.sessions.get(params.session_id)
    except ProtocolError:
        _, viewer, _ = await app.sessions.store.view(params.session_id)
        return TextResult(text=await viewer.kept(params.hash))
    return TextResult(text=await session.kept(params.hash))


async def rename(face: Face, params: RenameParams) -> RenameResult:
    """Call a session otherwise; one that is not open here is opened for that alone, and is not the one in use then."""
    wanted = params.session_id or (face.in_use.id if face.in_use is not None else None)
    if wanted is None:
        raise ProtocolError("No session is in use.", "Name one by its `sessionId`.")
    app = await face.app()
    title = await app.sessions.rename(wanted, Rename(params.title, face.name))
    return RenameResult(session_id=wanted, title=title)


async def delete(face: Face, params: SessionParams) -> Nothing:
    """Delete a session that nothing works in, out of memory first: nothing would lead to what was left there."""
    app = await face.app()
    store = app.sessions.store
    if params.session_id not in {it.session_id for it in await app.sessions.list()}:
        raise ProtocolError(f"There is no session {params.session_id!r} in this workspace.")
    open_ = next((it for it in app.sessions.open_sessions if it.id == params.session_id), None)
    if open_ is not None and open_.working:
        raise ProtocolError("The session is at work.", "Stop it first.")
    await face.forget(params.session_id)
    below = await store.below(params.session_id)
    await app.memory.drop([params.session_id])
    for name in below:
        with suppress(JournalError):  # What it leaves is of no use to anybody, and not in the way.
            await store.delete(name)
    await store.delete(params.session_id)
    return Nothing()
