"""Whose the sessions of chat documents are: one that another window writes is read here, and can be taken over."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from postil.core.errors import Locked, PostilError

if TYPE_CHECKING:
    from collections.abc import Callable

    from postil.agent.session import Session
    from postil.lsp.face import Face

log = logging.getLogger(__name__)


class Whose:
    """What is known of it, on one connection."""

    def __init__(self, face: Face, changed: Callable[[], None]) -> None:
        self._face = face
        self._changed = changed
        """Told when something else can be done."""
        self._elsewhere: set[str] = set()
        self._stale: set[str] = set()
        """Those that were elsewhere since their record was read: there may be more on it now."""

    def is_elsewhere(self, session_id: str | None) -> bool:
        """Whether another window has a session, as far as was looked."""
        return session_id in self._elsewhere

    def is_stale(self, session_id: str | None) -> bool:
        """Whether another window may have gone on with it since it was read here."""
        return session_id in self._stale

    def is_back(self, session_id: str | None) -> bool:
        """Whether it is stale and open here; where it was taken over from here, that is taken note of."""
        if session_id is None:
            return False
        if session_id in self._face.handed:
            self._note(session_id, elsewhere=True)
        return session_id in self._stale and self._is_here(session_id)

    def read(self, session_id: str | None) -> None:
        """Take note that its record is read anew from now on."""
        self._stale -= {session_id}

    async def look(self, session_id: str | None) -> None:
        """Look who has a session now; of one that is open here that is known."""
        if session_id is None:
            return
        if self._is_here(session_id):
            self._note(session_id, elsewhere=False)
            return
        try:
            holder = await (await self._face.app()).sessions.store.holder(session_id)
        except PostilError as error:
            log.info("not looked who has %s: %s", session_id, error)
            return
        if not self._is_here(session_id):  # Nor by now.
            self._note(session_id, elsewhere=holder is not None and not holder.here)

    async def session(self, session_id: str | None) -> Session:
        """Return a session, opened if need be, or a new one; where another window has it that is taken note of. Raises Locked."""
        if session_id is None:
            return await self._face.new_session()
        try:
            return await self._face.session(session_id)
        except Locked:
            self._note(session_id, elsewhere=True)
            raise

    def _is_here(self, session_id: str) -> bool:
        return any(it.id == session_id for it in self._face.open_sessions)

    def _note(self, session_id: str, *, elsewhere: bool) -> None:
        self._stale |= {session_id} if elsewhere else set()
        if elsewhere != (session_id in self._elsewhere):
            self._elsewhere ^= {session_id}
            self._changed()
