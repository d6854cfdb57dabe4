"""Every grant that holds in a workspace, with what became of it, and how each is taken back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from postil.agent.session import Session
from postil.agent.sessions import Sessions
from postil.config.load import Loaded
from postil.core.errors import JournalError, ProtocolError
from postil.core.submissions import Revoke
from postil.journal.rulings import Given, Ruling, RulingLog, SessionRulings
from postil.permissions.grants import GrantStore, StoredGrant

log = logging.getLogger(__name__)

Scope = Literal["session", "workspace", "user"]

MOST_RECENT = 20
"""How many of the last decisions are told."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A rule that allows, who gave it, and how it was used."""

    id: str
    """Names it when it is taken back; empty for a rule of a settings file, which is changed there."""
    rule: str
    scope: Scope
    at: float = 0.0
    """When it was given, in seconds since the epoch; 0 for a rule of a settings file."""
    session_id: str = ""
    session_title: str = ""
    face: str = ""
    """Where the person answered."""
    asked: str = ""
    """What the question was about."""
    file: str = ""
    """The settings file of a rule that is written there."""
    uses: int = 0
    used_at: float = 0.0
    """When it last decided, 0 where it never did."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All grants, and the last decisions that were not simply a read in the workspace; the newest first."""

    grants: tuple[Grant, ...]
    recent: tuple[Ruling, ...]


def own_rules(loaded: Loaded) -> tuple[Grant, ...]:
    """Return the rules of the user's own settings that allow."""
    own = (it for it in loaded.rules if it.layer == "user" and it.verdict == "allow")
    return tuple(Grant("", it.text, "user", file=it.file) for it in own)


class Grants:
    """The grants of one workspace: those in its file, those of its sessions, and the user's own."""

    def __init__(
        self, store: GrantStore, log: RulingLog, sessions: Sessions, own: Sequence[Grant] = ()
    ) -> None:
        self._store = store
        self._log = log
        self._sessions = sessions
        self._own = own
        self._reading = asyncio.Lock()

    async def overview(self) -> Overview:
        """Return what holds now. Raises JournalError where the journals cannot be read."""
        async with self._reading:
            try:
                return await asyncio.to_thread(overview, self._store, self._log, self._own)
            except OSError as error:
                reason = error.strerror or str(error)
                raise JournalError(f"The sessions' journals cannot be read: {reason}.") from error

    async def mark(self) -> object:
        """Return what changes when a grant comes or goes, or is used. Raises OSError."""
        return await asyncio.to_thread(lambda: (self._store.mark(), self._log.mark()))

    async def revoke(self, grant_id: str, face: str) -> bool:
        """Take a grant back, from the next decision on; False where somebody else was first.

        Raises JournalError where the session that has it is open in another window.
        """
        removed = await asyncio.to_thread(self._store.remove, grant_id)
        for session in self._sessions.open_sessions:
            scope = next((it.scope for it in session.state.workflow.grants if it.id == grant_id), None)
            if scope == "session":
                return await session.revoke(Revoke(grant_id, face))
            if scope == "workspace":
                await self._tell(session, grant_id, face)
        if removed is not None:
            return True
        owner = await self._owner(grant_id)
        return await self._revoke_in(owner, grant_id, face) if owner is not None else False

    async def _tell(self, session: Session, grant_id: str, face: str) -> None:
        """Put on the record of its session that a grant for the workspace holds no more: the file has said so already."""
        try:
            await session.revoke(Revoke(grant_id, face))
        except (JournalError, ProtocolError) as error:
            log.info("not on record: %s", error)

    async def _owner(self, grant_id: str) -> str | None:
        """Return the session, closed or open elsewhere, that has the grant for itself."""
        found = (await self.overview()).grants
        return next((it.session_id for it in found if it.id == grant_id and it.scope == "session"), None)

    async def _revoke_in(self, session_id: str, grant_id: str, face: str) -> bool:
        was_open = {it.id for it in self._sessions.open_sessions}
        opened = await self._sessions.open(session_id, face)
        try:
            return await opened.session.revoke(Revoke(grant_id, face))
        finally:
            if session_id not in was_open:
                await self._sessions.close(session_id, "a grant of it was revoked")


def overview(store: GrantStore, log: RulingLog, own: Sequence[Grant] = ()) -> Overview:
    """Return all grants and the last decisions. Blocking; raises OSError."""
    sessions = log.read()
    kept = [_kept(it, sessions) for it in store.load()]
    given = [grant for it in sessions for grant in _of_session(it)]
    every = [ruling for it in sessions for ruling in it.rulings]
    written = [_counted(it, every) for it in own]
    recent = sorted((it for it in every if _is_told(it)), key=lambda it: it.at, reverse=True)
    return Overview((*_newest(kept), *_newest(given), *written), tuple(recent[:MOST_RECENT]))


def _kept(stored: StoredGrant, sessions: Sequence[SessionRulings]) -> Grant:
    title = next((it.title for it in sessions if it.session_id == stored.session_id), "")
    grant = Grant(
        stored.id, stored.rule, "workspace", stored.at, stored.session_id, title, stored.face, stored.asked
    )
    return _counted(grant, (ruling for it in sessions for ruling in it.rulings))


def _of_session(session: SessionRulings) -> Iterator[Grant]:
    for given in session.grants.values():
        if given.scope == "session":
            yield _counted(_given(given, session), session.rulings)


def _given(given: Given, session: SessionRulings) -> Grant:
    asked, _, _ = session.asked.get(given.question_id, ("", (), ()))
    face = session.faces.get(given.question_id, "")
    return Grant(given.id, given.rule, "session", given.at, session.session_id, session.title, face, asked)


def _counted(grant: Grant, rulings: Iterable[Ruling]) -> Grant:
    used = [
        it.at
        for it in rulings
        if it.by == "rule" and it.verdict == "allow" and grant.rule in it.rules and it.at >= grant.at
    ]
    return replace(grant, uses=len(used), used_at=max(used, default=0.0))


def _newest(grants: Iterable[Grant]) -> list[Grant]:
    return sorted(grants, key=lambda it: it.at, reverse=True)


def _is_told(ruling: Ruling) -> bool:
    """Whether it is worth telling: not that reading in the workspace is allowed, or a command that only reads."""
    return not (ruling.by == "rule" and ruling.verdict == "allow" and ruling.source in ("built_in", ""))
