"""Prompts that wait: taken back or sent, by methods, and by code actions in an editor without a client of ours. Kind: submitting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.core.events import PromptQueued, PromptTakenBack, Publication
from postil.core.revealing import one_line
from postil.lsp.face import Face
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import SendWaitingParams, TurnResult, WaitingParams
from postil.lsp.wire import Nothing

if TYPE_CHECKING:
    from postil.agent.session import Session

_SHOWN = 60


def register(server: PostilServer) -> None:
    """Serve the methods, offer the actions, and say what waits where there is no view for it."""
    waiting = Waiting(server)
    server.serve_row("session/takeBack", take_back)
    server.serve_row("session/sendWaiting", send)
    server.actions.append(actions)
    server.on_face.append(lambda face: face.listen(waiting.publish))


async def take_back(face: Face, params: WaitingParams) -> Nothing:
    """Let a prompt wait no longer."""
    session = await face.session(params.session_id)
    await session.take_back(params.prompt_id, face.name)
    return Nothing()


async def send(face: Face, params: SendWaitingParams) -> TurnResult:
    """Send it now."""
    session = await face.session(params.session_id)
    turn_id = await session.send(params.prompt_id)
    waits = params.prompt_id is not None and session.state.workflow.waiting(params.prompt_id) is not None
    return TurnResult(session_id=session.id, turn_id=turn_id, queued=waits)


def actions(face: Face, _: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """Return what can be done with each prompt that waits."""
    if face.capabilities.takes_updates:
        return
    for session in face.open_sessions:
        yield from _of(session)


def _of(session: Session) -> Iterator[types.CodeAction]:
    for it in session.state.workflow.queue:
        argument = {"sessionId": session.id, "promptId": it.id}
        words = one_line(it.prompt.text, _SHOWN)
        if not it.steers or not session.working:
            verb = "Steer with" if session.working else "Send"
            yield _action(f"{verb}: {words}", "session/sendWaiting", argument)
        yield _action(f"Take back: {words}", "session/takeBack", argument)


def _action(title: str, row: str, argument: dict[str, str]) -> types.CodeAction:
    command = types.Command(title=title, command=by_name[row].command, arguments=[argument])
    return types.CodeAction(title=f"Postil: {title}", kind=types.CodeActionKind.Refactor, command=command)


class Waiting:
    """What is said of prompts that wait."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server

    def publish(self, publication: Publication) -> None:
        """Say that a prompt waits, and when one is not sent that nobody took back."""
        event = publication.event
        if self._server.face.capabilities.takes_updates:
            return
        if isinstance(event, PromptQueued):
            when = "before the next step" if event.steers else "when the turn has ended"
            words = f"It is sent {when}. Code actions take it back."
            self._server.tell(words, session_id=publication.session_id)
        elif isinstance(event, PromptTakenBack) and event.why:
            self._server.tell(event.why)
