"""Work-done progress for each turn: what the agent does now, with a way to stop it. Kind: reading."""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types

from postil.core.ephemeral import ModelRetrying, SessionHalted, StageChanged
from postil.core.events import (
    Compacted,
    CompactionFailed,
    ModelCalled,
    Publication,
    Routed,
    SessionClosed,
    TurnEnded,
    VerificationEnded,
)
from postil.core.meter import meter
from postil.core.retry_words import next_try
from postil.core.submissions import Cancel
from postil.core.verification import QUIET
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.server import PostilServer

log = logging.getLogger(__name__)

_WORDS = {
    "thinking": "Thinking",
    "writing": "Writing",
    "running": "Running",
    "waiting": "Waiting for your answer",
    "saving": "Saving",
    "compacting": "Compacting",
}
_METERED = (_WORDS["thinking"], _WORDS["writing"], _WORDS["compacting"])
"""The stages in which the model is called."""


def register(server: PostilServer) -> None:
    """Report progress to clients that show it, and take their cancel."""
    progress = Progress(server)
    server.on_face.append(lambda face: face.listen(progress.publish))
    server.serve_feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, progress.cancel)


class Progress:
    """The tokens of the turns in progress."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._sessions: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._stages: dict[str, str] = {}
        self._verified: dict[str, str] = {}
        self._begun: dict[str, asyncio.Task[bool]] = {}

    def publish(self, publication: Publication) -> None:
        """Begin, report or end, by what is published."""
        if not self._server.face.capabilities.can_show_progress:
            return
        match publication.event:
            case Routed(turn_id=turn_id):
                self._ensure_begun(turn_id, publication.session_id)
            case StageChanged() as event:
                # A turn that is resumed was routed long ago.
                self._ensure_begun(event.turn_id, publication.session_id)
                self._report(event, publication.session_id)
            case ModelRetrying(turn_id=turn_id, why=why) as event if turn_id in self._stages:
                self._tell(turn_id, f"{why}. {next_try(event)}", publication.session_id)
            case ModelCalled(turn_id=turn_id) if turn_id in self._stages:
                self._tell(turn_id, self._stages[turn_id], publication.session_id)
            case SessionHalted() | SessionClosed() as event:
                words = "halted" if isinstance(event, SessionHalted) else "closed"
                for turn_id in [
                    it for it, owner in self._sessions.items() if owner == publication.session_id
                ]:
                    self._end(turn_id, words)
            case Compacted(turn_id=None, compaction_id=compaction_id):
                self._end(compaction_id, "compacted")
            case CompactionFailed(turn_id=None, compaction_id=compaction_id):
                self._end(compaction_id, "not compacted")
            case VerificationEnded(turn_id=turn_id, words=words, reason=reason) if reason not in QUIET:
                self._verified[turn_id] = words
            case TurnEnded(turn_id=turn_id, reason=reason):
                verified = self._verified.pop(turn_id, "")
                self._end(turn_id, " · ".join(it for it in (reason.replace("_", " "), verified) if it))
            case _:
                pass

    async def cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Stop the turn that the token stands for."""
        session_id = self._sessions.get(str(params.token))
        if session_id is not None:
            session = await self._server.face.session(session_id)
            await session.cancel(Cancel("Stopped in the editor."))

    def _ensure_begun(self, turn_id: str, session_id: str) -> None:
        if turn_id not in self._begun:
            self._sessions[turn_id] = session_id
            self._begun[turn_id] = asyncio.create_task(self._begin(turn_id))

    async def _begin(self, turn_id: str) -> bool:
        try:
            await self._server.request(
                types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(turn_id), 10.0
            )
        except ClientRequestError as error:
            log.info("no progress: %s", error)
            return False
        message = self._last.get(turn_id, "Thinking")
        self._send(turn_id, types.WorkDoneProgressBegin(title="Postil", cancellable=True, message=message))
        return True

    def _report(self, event: StageChanged, session_id: str) -> None:
        words = event.detail if event.stage == "running" and event.detail else _WORDS[event.stage]
        self._tell(event.turn_id, f"{words} · step {event.step}", session_id)

    def _tell(self, turn_id: str, stage: str, session_id: str) -> None:
        """Say what is done now; while the model is called, with what that may use and what was used of the limits."""
        self._stages[turn_id] = stage
        message = " · ".join([stage, *self._metered(session_id)]) if stage.startswith(_METERED) else stage
        if self._last.get(turn_id) == message:
            return
        self._last[turn_id] = message
        task = self._begun[turn_id]
        if task.done() and task.result():
            self._send(turn_id, types.WorkDoneProgressReport(message=message))

    def _metered(self, session_id: str) -> list[str]:
        session = next((it for it in self._server.face.open_sessions if it.id == session_id), None)
        found = meter(session.state.workflow) if session is not None else None
        return (
            [it for it in (found.next_call(), *found.used(), found.cache()) if it]
            if found is not None
            else []
        )

    def _end(self, turn_id: str, words: str) -> None:
        self._sessions.pop(turn_id, None)
        self._last.pop(turn_id, None)
        self._stages.pop(turn_id, None)
        task = self._begun.pop(turn_id, None)
        if task is None:
            return

        def end(done: asyncio.Task[bool]) -> None:
            if not done.cancelled() and done.exception() is None and done.result():
                self._send(turn_id, types.WorkDoneProgressEnd(message=words))

        task.add_done_callback(end)

    def _send(
        self,
        token: str,
        value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
    ) -> None:
        self._server.notify(types.PROGRESS, types.ProgressParams(token, value))
