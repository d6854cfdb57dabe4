"""*Resume*, for editors without a client of ours: what was left is said once, and one code action goes on with it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from postil.core.errors import PostilError
from postil.lsp.chat.uris import is_chat
from postil.lsp.face import Face, Left
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.app import App
    from postil.journal.listing import Summary

log = logging.getLogger(__name__)

_SHOWN = 60
_LEFT = {
    "interrupted": "was interrupted",
    "question": "waits for your answer",
}
"""What is said of the newest session when the editor starts; of others nothing is."""


async def look_for_left(server: PostilServer) -> None:
    """Find out whether the newest session was left with something to go on with, and say so. Never raises."""
    face = server.face
    if face.capabilities.takes_updates or not face.roots:
        return
    try:
        app = await face.app()
        newest = next(iter(await app.sessions.list()), None)
        rewind = await _interrupted_rewind(app, newest)
    except (PostilError, OSError) as error:
        log.info("not looked for what was left: %s", error)
        return
    if newest is None or newest.status not in (*_LEFT, "stopped") or face.open_sessions:
        return
    face.left = Left(newest.session_id, newest.title)
    if newest.status in _LEFT and (rewind or not _is_open(server, newest.session_id)):
        words = f"“{_short(newest.title)}” {_LEFT[newest.status]}. The code action “Resume” goes on with it."
        if rewind:
            words = f"{rewind} The code action “Resume” opens it."
        server.tell(words)


def _is_open(server: PostilServer, session_id: str) -> bool:
    """Whether its chat document is open where a message has to be sent away by a key: *Resume* is offered there."""
    named = f"<!-- postil {session_id} "
    chats = (it.source for it in server.open_documents() if is_chat(it.uri))
    return server.face.capabilities.messages_wait and any(named in it for it in chats)


async def _interrupted_rewind(app: App, newest: Summary | None) -> str:
    """Return what a crash left of going back in the newest session; nothing where it came into no such thing."""
    if newest is None or newest.status != "interrupted":
        return ""
    from postil.agent.rewinding.rewind import broken_off  # noqa: PLC0415 - loaded with Postil itself by now

    state, _, _ = await app.sessions.store.view(newest.session_id)
    return await broken_off(state, app.workspace)


def resume_actions(face: Face, own: Iterable[types.CodeAction]) -> Iterator[types.CodeAction]:
    """Return what goes on with a session that stopped short, or that an earlier process left; not where it is among a document's `own`."""
    if face.capabilities.takes_updates:
        return
    left = [Left(it.id, it.state.workflow.title) for it in face.open_sessions if it.resumable]
    if face.left is not None and not face.open_sessions:
        left.append(face.left)
    command_of = by_name["session/resume"].command
    own_commands = [it.command for it in own if it.command is not None]
    arguments: list[Any] = [
        one for it in own_commands if it.command == command_of for one in it.arguments or ()
    ]
    for it in left:
        argument = {"sessionId": it.session_id}
        if argument in arguments:
            continue
        title = f"Postil: Resume: {_short(it.title)}"
        command = types.Command(title, command_of, None, [argument])
        yield types.CodeAction(title, types.CodeActionKind.Refactor, command=command)


def tell_found(server: PostilServer, session: Session, note: str) -> None:
    """Say what was found of a session that its last process had not closed."""
    if server.face.capabilities.takes_updates or not note:
        return
    lines = [f"{note} Everything up to then is here, and nothing was run again."]
    calls = session.state.workflow.calls.values()
    unknown = [it.intent for it in calls if it.outcome == "unknown" and it.intent is not None]
    lines += [f"Outcome unknown: {_short(it.command or it.title)}" for it in unknown]
    if session.broken_off is not None:
        lines += session.told(session.broken_off, conversation=False)
    server.tell("\n".join(lines))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
