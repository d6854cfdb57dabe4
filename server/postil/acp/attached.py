"""One session as its client holds it: chosen and not begun, or open, with the way that its updates take."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acp.schema import (
    AvailableCommand,
    AvailableCommandInput,
    AvailableCommandsUpdate,
    ConfigOptionUpdate,
    Cost,
    SessionInfoUpdate,
    UnstructuredCommandInput,
    UsageUpdate,
)

from postil.acp import wording
from postil.acp.asking import Asking
from postil.acp.calls import Calls
from postil.acp.options import AGENT, MODEL, Chosen, options
from postil.acp.outbox import Outbox
from postil.acp.own_commands import OWN
from postil.acp.place import Place
from postil.acp.times import stamp
from postil.acp.updates import Updates
from postil.core.errors import ProtocolError
from postil.core.events import (
    ConfigurationInForce,
    ModelReplied,
    PromptReceived,
    Publication,
    Recorded,
)
from postil.core.meter import meter
from postil.core.submissions import SetMode, SetModel

if TYPE_CHECKING:
    from acp.interfaces import Client

    from postil.agent.session import Session
    from postil.core.effects import ToolKind

log = logging.getLogger(__name__)


class Attached:
    """A session of the connection. Until something is asked in it there is nothing on record, so all of it can still be chosen."""

    def __init__(self, client: Client, place: Place, session_id: str, chosen: Chosen) -> None:
        self.id = session_id
        self.place = place
        self.chosen = chosen
        self.is_dropped = False
        """Whether the client has closed it, which also cancels what it waits for."""
        self._client = client
        self._session: Session | None = None
        self._outbox: Outbox | None = None
        self._beginning = asyncio.Lock()
        self._later: set[asyncio.Task[None]] = set()

    @property
    def session(self) -> Session | None:
        """The session; None before anything was asked in it."""
        return self._session

    @property
    def outbox(self) -> Outbox:
        """The way that its updates take. Raises ProtocolError before anything was asked."""
        if self._outbox is None:
            raise ProtocolError("Nothing was asked in this session yet.", "Ask for something.")
        return self._outbox

    @property
    def asking(self) -> Asking:
        """What puts its questions to the client."""
        return self._asking

    async def begun(self) -> Session:
        """Return the session, made with what is chosen where this is the first that is asked in it."""
        async with self._beginning:
            if self._session is None or self._session.halted is not None:
                await self._begin()
            assert self._session is not None
            return self._session

    async def open(self) -> str:
        """Open the session from its record, and return what a person should know of how it was found.

        Raises ProtocolError, JournalError.
        """
        outbox = self._start()
        try:
            opened = await self.place.app.sessions.open(self.id, self.place.face)
        except BaseException:
            await outbox.close()
            self._outbox = None
            raise
        session = self._session = opened.session
        session.subscribe(outbox.put)
        now = session.state.workflow.configuration
        if now is not None:
            self.chosen = Chosen.in_force(now)
        return opened.note

    async def replay(self) -> None:
        """Tell the client of all that is on record."""
        assert self._session is not None
        newest, updates = self._session.state.seq, Updates(self._calls())
        for record in await self.place.app.sessions.events(self.id, 0):
            if record.seq <= newest:
                await self._tell_again(updates, record)

    async def set_mode(self, wanted: str) -> None:
        """Change the mode from the next decision on. Raises UsageError."""
        chosen = self.chosen.with_option("mode", wanted)
        if self._session is not None:
            await self._session.set_mode(SetMode(wanted, self.place.face))
        self.chosen = chosen

    async def choose(self, name: str, value: str) -> None:
        """Choose the agent type or the model. Raises UsageError, and ProtocolError for a model while a turn runs."""
        if name == AGENT:
            await asyncio.to_thread(self.place.app.types.find, value)
        chosen = self.chosen.with_option(name, value)
        if name == MODEL and self._session is not None:
            await self.place.app.sessions.set_model(self.id, SetModel(value, self.place.face))
        self.chosen = chosen

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something once the answer in progress is on its way."""
        task = asyncio.create_task(_told(work))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def tell_commands(self) -> None:
        """Tell the client which slash commands there are."""
        found = [_command(name, about, "") for name, about in OWN.items()]
        rows = await self.place.commands()
        found += [_command(it.name, it.description, it.hint) for it in rows if it.name not in OWN]
        await self._send(
            AvailableCommandsUpdate(session_update="available_commands_update", available_commands=found)
        )

    async def tell(self, text: str) -> None:
        """Tell the client a word of Postil's own."""
        await self._send(wording.note(text))

    async def close(self, reason: str) -> None:
        """Close the session, so that it can be resumed."""
        await self.place.app.sessions.close(self.id, reason)
        if self._outbox is not None:
            await self._outbox.close()

    async def _begin(self) -> None:
        if self._outbox is not None:
            await self._outbox.close()
        if self._session is not None:
            await self.open()  # It had halted.
            return
        outbox, chosen = self._start(), self.chosen
        try:
            self._session = await self.place.app.sessions.new(
                self.place.face,
                outbox.put,
                agent=chosen.agent,
                mode=chosen.mode,
                model=chosen.model if chosen.model_chosen else None,
                session_id=self.id,
            )
        except BaseException:
            await outbox.close()
            self._outbox = None
            raise
        self.chosen = replace(chosen, begun=True)

    def _start(self) -> Outbox:
        sessions = self.place.app.sessions
        self._asking = Asking(self._client, self.id, sessions.get, self.place.face)
        self._outbox = Outbox(Updates(self._calls()), self._asking, self._send, self._beside)
        return self._outbox

    def _calls(self) -> Calls:
        return Calls(self._kind, self._kept, self.place.roots[0])

    def _kind(self, tool: str) -> ToolKind:
        spec = next((it for it in self.place.app.in_workspace.registry.specs() if it.name == tool), None)
        return spec.kind if spec is not None else "other"

    async def _kept(self, key: str) -> str | None:
        return await self._session.kept(key) if self._session is not None else None

    async def _tell_again(self, updates: Updates, record: Recorded) -> None:
        if record.event.type == "UnknownEvent":
            return
        for update in await updates.again(record.event):
            await self._send(update)

    async def _beside(self, publication: Publication) -> Sequence[Any]:
        """Return what else is to be told: the title, the options and what was used."""
        event = publication.event
        if self._session is None:
            return []
        workflow = self._session.state.workflow
        if isinstance(event, PromptReceived):
            updated = stamp(publication.at or workflow.updated_at)
            return [
                SessionInfoUpdate(
                    session_update="session_info_update", title=workflow.title, updated_at=updated
                )
            ]
        if isinstance(event, ConfigurationInForce):
            self.chosen = Chosen.in_force(event)
            told = options(self.chosen, self.place.there)
            return [ConfigOptionUpdate(session_update="config_option_update", config_options=list(told))]
        used = meter(workflow) if isinstance(event, ModelReplied) else None
        if used is None or not used.window:
            return []
        cost = Cost(amount=workflow.cost, currency="USD") if workflow.cost is not None else None
        return [UsageUpdate(session_update="usage_update", used=used.filled, size=used.window, cost=cost)]

    async def _send(self, update: Any) -> None:
        await self._client.session_update(session_id=self.id, update=update)


async def _told(work: Coroutine[Any, Any, None]) -> None:
    """Do what tells the client something; nothing else waits for it."""
    try:
        await work
    except ConnectionError as error:
        log.info("%s", error)
    except Exception:
        log.exception("the client could not be told what there is")


def _command(name: str, about: str, hint: str) -> AvailableCommand:
    given = AvailableCommandInput(root=UnstructuredCommandInput(hint=hint)) if hint else None
    return AvailableCommand(name=name, description=about or name, input=given)
