"""One session and two windows: taking it over, and letting go of it when another window asks. Kind: submitting.

Who lets go stops what runs and closes the session, as when the editor is left: nothing is repeated by whoever goes on.
"""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types

from postil.core.errors import PostilError
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.lsp.values.session_methods import SessionParams, SessionResult

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How long a window that asks waits to be noticed at most: a small file is looked for that often while a session is open."""


def register(server: PostilServer) -> None:
    """Serve the method, and look whether somebody asks."""
    handing = HandingOver(server)
    server.on_ready.append(handing.begin)
    server.on_end.append(handing.end)
    server.serve_row("session/takeOver", take_over)


async def take_over(face: Face, params: SessionParams) -> SessionResult:
    """Have the session here, and its turn, if one was open, suspended."""
    session = await face.take_over(params.session_id)
    return SessionResult(session_id=session.id, seq=session.state.seq)


class HandingOver:
    """The look at what others ask for."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._watching: asyncio.Task[None] | None = None

    def begin(self, face: Face) -> None:
        """Look from now on."""
        self._watching = asyncio.create_task(self._watch(face), name="postil-handing-over")

    def end(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self, face: Face) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            opened = {it.id: it.state.workflow.title for it in face.open_sessions}
            if not opened:
                continue
            try:
                app = await face.app()
                for session_id in await app.sessions.store.asked_for(list(opened)):
                    await face.hand_over(session_id)
                    self._tell(face, opened[session_id])
            except PostilError as error:
                log.info("not looked for who asks for a session: %s", error)
            except Exception:
                log.exception("letting go of a session")

    def _tell(self, face: Face, title: str) -> None:
        """Tell the person; a client of ours shows it where the session is."""
        if face.capabilities.takes_updates:
            return
        words = f"Postil: another window has taken over “{' '.join(title.split())[:60]}”. What ran here was stopped."
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, words))
