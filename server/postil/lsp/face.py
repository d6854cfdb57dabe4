"""The LSP face's own state: the application behind it, the session in use, the document in view, who listens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from postil.core.errors import ConfigurationError, JournalError, Locked, PostilError, ProtocolError
from postil.core.events import Publication
from postil.core.faces import called
from postil.core.question import Anchor, Question
from postil.lsp.capabilities import Capabilities
from postil.lsp.editor import LspEditor

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.app import App
    from postil.config.options import Options
    from postil.model.keys import Keys

log = logging.getLogger(__name__)

FACE = "lsp"

_LETS_GO = 15.0
"""Seconds that another window has to let go of a session: it ends what runs first."""
_LOOK_AGAIN = 0.1
_STUCK = "Close it there, or end that process, and take it over then."
_TAKE_BACK = "Take it over to go on with it here; it can be read here."

Listener = Callable[[Publication], None]


@dataclass(frozen=True, slots=True)
class Left:
    """A session that there is something to go on with."""

    session_id: str
    title: str


class Face:
    """What the features of one connection share."""

    def __init__(self, capabilities: Capabilities, editor: LspEditor, roots: tuple[Path, ...]) -> None:
        self.capabilities = capabilities
        self.name = called(FACE, capabilities.client)
        """What goes on record of what a person does here."""
        self.editor = editor
        self.roots = roots
        self.client_trusts = capabilities.trusts_workspace
        """Whether the editor itself trusts the workspace, as it said last."""
        self.active_uri: str | None = None
        """The document that was last opened, changed or asked about."""
        self.left: Left | None = None
        """The newest session, where an earlier process left it before its work was done."""
        self.places: list[Callable[[Question], Anchor | None]] = []
        """Features that know where a question is asked, before its own place counts."""
        self.tells_faults: list[Callable[[str], bool]] = []
        """Features that say themselves what is wrong with a session, asked by its id."""
        self.begun: set[str] = set()
        """The sessions that were begun on this connection."""
        self._app: asyncio.Task[App] | None = None
        self._keys: Keys | None = None
        self._current: str | None = None
        self._known: dict[str, Session] = {}
        self.handed: set[str] = set()
        """The sessions that another window has taken over: here they are read until somebody takes them back."""
        self._notes: dict[str, str] = {}
        self._choosing = asyncio.Lock()
        self._listeners: list[tuple[Listener, bool]] = []
        self._watchers: list[Callable[[], None]] = []

    def listen(self, listener: Listener, *, below: bool = False) -> None:
        """Tell `listener` of every publication of every session that is open here; `below` of those of sub-agents too."""
        self._listeners.append((listener, below))

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell `watcher` when another document comes into view, or a session that was opened again."""
        self._watchers.append(watcher)

    def look_at(self, uri: str | None) -> None:
        """Take note of the document that came into view, or that none is left."""
        self.active_uri = uri
        self._look()

    def look_again(self) -> None:
        """Have everything looked at again that is shown of questions: their places may be others."""
        self._look()

    async def app(self) -> App:
        """Return Postil, built on first use. Raises ConfigurationError, and ProtocolError without a folder."""
        if not self.roots:
            raise ProtocolError(
                "No folder is open.", "Open a folder: Postil works on the files of a workspace."
            )
        if self._app is None or (self._app.done() and (self._app.cancelled() or self._app.exception())):
            self._app = asyncio.create_task(self._build())
        return await asyncio.shield(self._app)

    async def warm(self) -> list[str]:
        """Load what the first prompt will need, beside everything else; returns what a person should mend."""
        try:
            app = await self.app()
            await app.model.warm()
        except ConfigurationError as error:
            return [str(error)]
        except Exception as error:  # noqa: BLE001 - whoever prompts is told
            log.info("not warmed: %s", error)
            return []
        faults = (await asyncio.to_thread(app.types.collect)).faults
        return [
            *(f"{it.path}: {it.option}: {it.message}." for it in app.loaded.problems),
            *(f"{it.file}:{it.line}: {it.message}." for it in faults),
        ]

    async def session(self, session_id: str | None, *, new: bool = False) -> Session:
        """Return the session of that id, opened if need be; without one, the session in use or a new one, a `new` one where one is wanted."""
        async with self._choosing:
            app = await self.app()
            wanted = self._current if session_id is None and not new else session_id
            if wanted is None:
                return await self._begin(app)
            if (below := app.sessions.working_below(wanted)) is not None:
                return below  # It is answered and stopped by its id, and never the session in use.
            if wanted in self.handed:
                raise Locked("Another window has taken this session over.", _TAKE_BACK)
            try:
                opened = await app.sessions.open(wanted, self.name)
            except JournalError:
                if (known := self._known.get(wanted)) is not None:
                    self.left = Left(wanted, known.state.workflow.title)
                self._look()  # One that had halted and still cannot be written is not open any more.
                raise
            if opened.note:
                self._notes[wanted] = opened.note
            return self._adopt(opened.session)

    async def new_session(self, agent: str | None = None, mode: str | None = None) -> Session:
        """Create a session and use it from now on; without an agent type and a mode it has those of the settings."""
        async with self._choosing:
            return await self._begin(await self.app(), agent, mode)

    async def move(self, wanted: Callable[[], tuple[Path, ...]]) -> None:
        """Be about the folders that are wanted once this can be: as soon as nothing is at work; sessions that were open are opened again.

        What belongs to one of the folders, such as trust, rules and what is remembered, is read anew.
        """
        while True:
            for session in self.open_sessions:
                await session.idle()
            async with self._choosing:
                if any(it.busy for it in self.open_sessions):
                    continue
                roots, open_before, current = wanted(), [*self._known], self._current
                await self._leave(roots)
            break
        for session_id in (*(it for it in open_before if it != current), current):
            if session_id is not None and roots:
                await self._reopen(session_id)

    async def hand_over(self, session_id: str) -> None:
        """Let go of a session that another window asks for: what runs stops, and its turn is left open to be resumed there."""
        app = await self.app()
        async with self._choosing:
            self.handed.add(session_id)
            self._known.pop(session_id, None)
            if self._current == session_id:
                self._current = None
            await app.sessions.close(session_id, "taken over by another window")
            self._look()

    async def take_over(self, session_id: str) -> Session:
        """Return a session, opened for writing once the window that has it lets go. Raises Locked where that does not."""
        self.handed.discard(session_id)
        store = (await self.app()).sessions.store
        until, asked = time.monotonic() + _LETS_GO, False
        while True:
            try:
                session = await self.session(session_id)
            except Locked as error:
                if time.monotonic() > until:
                    await store.withdraw(session_id)
                    raise Locked(
                        error.message.removesuffix(".") + ", which does not let go.", _STUCK
                    ) from error
            else:
                await store.withdraw(session_id)
                return session
            if not asked:
                await store.ask_for(session_id)
                asked = True
            await asyncio.sleep(_LOOK_AGAIN)

    @property
    def in_use(self) -> Session | None:
        """The session that a prompt goes to where none is named; None where that would be a new one."""
        return self._known.get(self._current) if self._current is not None else None

    def note(self, session_id: str) -> str:
        """Return what a person should know of how an open session was found."""
        return self._notes.get(session_id, "")

    async def forget(self, session_id: str) -> None:
        """Close a session."""
        app = await self.app()
        await app.sessions.close(session_id, "closed by the editor")
        self._known.pop(session_id, None)
        self.begun.discard(session_id)
        self._notes.pop(session_id, None)
        if self._current == session_id:
            self._current = None

    @property
    def open_sessions(self) -> tuple[Session, ...]:
        """The sessions that are open here; none before Postil is built."""
        return self._built.sessions.open_sessions if self._built is not None else ()

    def working_for(self, session_id: str) -> tuple[tuple[Session, str], ...]:
        """Return an open session and the sub-agents that work for it, each with its type; none where it is not open."""
        session = next((it for it in self.open_sessions if it.id == session_id), None)
        if session is None or self._built is None:
            return ()
        return (*self._built.sessions.working_for(session),)

    @property
    def options(self) -> Options | None:
        """The options in force; None before Postil is built."""
        return self._built.loaded.options if self._built is not None else None

    @property
    def _built(self) -> App | None:
        if self._app is None or not self._app.done() or self._app.cancelled() or self._app.exception():
            return None
        return self._app.result()

    def in_a_chat(self, session_id: str) -> bool:
        """Whether a document that is open here, and written into, shows all that a session says."""
        return self.capabilities.can_apply_edits and any(it(session_id) for it in self.tells_faults)

    async def close(self, reason: str) -> None:
        """Close every session, so that each can be resumed."""
        if self._app is not None and not self._app.cancelled():
            try:
                app = await self._app
            except Exception:  # noqa: BLE001 - what was never built needs no closing
                return
            await app.close(reason)

    async def _leave(self, roots: tuple[Path, ...]) -> None:
        """Let go of Postil as it was built for other folders; only the key that the editor handed over is kept."""
        built, self.roots = self._app, roots
        if built is not None:
            try:
                app = await asyncio.shield(built)
                self._keys = app.keys
                await app.close("the workspace's folders changed")
            except Exception:
                log.exception("leaving the folders before")
        self._app = self._current = None
        self._known.clear()
        self._look()

    async def _reopen(self, session_id: str) -> None:
        try:
            await self.session(session_id)
        except PostilError as error:
            log.info("%s is not open any more: %s", session_id, error)

    async def _build(self) -> App:
        def construct() -> App:
            # Here and in this thread: `initialize` is answered before any of it is loaded.
            from postil.app import Setting, build  # noqa: PLC0415
            from postil.config.load import load  # noqa: PLC0415

            setting = Setting(
                self.roots,
                self.editor,
                interactive=True,
                client_trusts=self.client_trusts,
                tries_changes=True,
            )
            return build(load(self.roots, editor=self.capabilities.settings), setting)

        app = await asyncio.to_thread(construct)
        if self._keys is not None:
            app.keys.hand_over_as(self._keys)
        self.editor.note_watched()
        return app

    async def _begin(self, app: App, agent: str | None = None, mode: str | None = None) -> Session:
        session = await app.sessions.new(self.name, agent=agent, mode=mode)
        self.begun.add(session.id)
        return self._adopt(session)

    def _adopt(self, session: Session) -> Session:
        self._current = session.id
        if self._known.get(session.id) is not session:
            self._known[session.id] = session  # One that had halted and was opened again is another.
            session.subscribe(self._publish)
            self._look()
        return session

    def _look(self) -> None:
        for watcher in self._watchers:
            watcher()

    def _publish(self, publication: Publication) -> None:
        for listener, below in self._listeners:
            if publication.above and not below:
                continue
            try:
                listener(publication)
            except Exception:
                log.exception("a feature failed on %s", type(publication.event).__name__)
