"""The protocol's methods: each finds its session and hands on a submission. Nothing is decided here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from acp.exceptions import RequestError
from acp.schema import (
    AgentCapabilities,
    AuthenticateResponse,
    ClientCapabilities,
    CloseSessionResponse,
    Implementation,
    InitializeResponse,
    ListSessionsResponse,
    LoadSessionResponse,
    McpCapabilities,
    NewSessionResponse,
    PromptCapabilities,
    PromptResponse,
    ResumeSessionResponse,
    SessionAdditionalDirectoriesCapabilities,
    SessionCapabilities,
    SessionCloseCapabilities,
    SessionInfo,
    SessionListCapabilities,
    SessionResumeCapabilities,
    SetSessionConfigOptionResponse,
    SetSessionModeResponse,
)

from postil import __version__
from postil.acp import login
from postil.acp.asking import said_open
from postil.acp.attached import Attached
from postil.acp.capabilities import Capabilities, read_capabilities
from postil.acp.content import prompt_of
from postil.acp.faults import FAILED, answering
from postil.acp.options import mode_state, options
from postil.acp.own_commands import own_command
from postil.acp.place import Place, Places, sessions_of_all
from postil.acp.stops import PROTOCOL, stop_reason, used
from postil.acp.times import stamp
from postil.acp.working import work_for
from postil.core.ephemeral import SessionHalted
from postil.core.errors import ProtocolError, UsageError
from postil.core.events import PromptTakenBack, TurnEnded
from postil.core.revealing import one_line, revealed
from postil.core.submissions import Cancel

if TYPE_CHECKING:
    from acp.interfaces import Client

_SERVERS = (
    "Not started: {}. What a server of tools may do depends on who named it, and of those that an editor names nobody knows. "
    "Name it in Postil's own settings: `postil mcp list`."
)
_LEFT = "`/resume` goes on with it; anything else leaves it behind."


class PostilAgent:
    """One connection's agent."""

    def __init__(self, overrides: Mapping[str, str | None]) -> None:
        self._overrides = overrides
        self._client: Client | None = None
        self._capabilities = Capabilities()
        self._places: Places | None = None
        self._sessions: dict[str, Attached] = {}
        self._opening = asyncio.Lock()
        self._loading: set[str] = set()
        self._stops = Counter[str]()
        """How often the client has cancelled in each session: what was on its way to one then is stopped, too."""

    def on_connect(self, conn: Client) -> None:
        """Take note of the client."""
        self._client = conn

    @answering
    async def initialize(
        self,
        protocol_version: int,
        client_capabilities: ClientCapabilities | None = None,
        client_info: Implementation | None = None,
        **_: Any,
    ) -> InitializeResponse:
        """Say what Postil can do; the version is the one that it speaks, whatever the client would rather have."""
        self._capabilities = read_capabilities(
            client_capabilities, client_info.name if client_info is not None else ""
        )
        return InitializeResponse(
            protocol_version=PROTOCOL,
            agent_info=Implementation(name="postil", title="Postil", version=__version__),
            auth_methods=list(login.methods(self._capabilities)),
            agent_capabilities=AgentCapabilities(
                load_session=True,
                prompt_capabilities=PromptCapabilities(image=False, audio=False, embedded_context=True),
                mcp_capabilities=McpCapabilities(http=False, sse=False),
                session_capabilities=SessionCapabilities(
                    list=SessionListCapabilities(),
                    resume=SessionResumeCapabilities(),
                    close=SessionCloseCapabilities(),
                    additional_directories=SessionAdditionalDirectoriesCapabilities(),
                ),
            ),
        )

    @answering
    async def authenticate(self, method_id: str, **_: Any) -> AuthenticateResponse:
        """Look whether there is a key by now."""
        if method_id != login.METHOD:
            raise UsageError(f"There is no way {method_id!r} to log in.", f"The way is {login.METHOD!r}.")
        await login.check(None)
        return AuthenticateResponse()

    @answering
    async def new_session(
        self,
        cwd: str,
        additional_directories: list[str] | None = None,
        mcp_servers: Sequence[Any] | None = None,
        **_: Any,
    ) -> NewSessionResponse:
        """Reserve a session; it is on record once something is asked in it."""
        place = await self._place(cwd, additional_directories)
        await login.check(place.app.loaded.options.base_url)
        attached = Attached(self._connected, place, place.app.sessions.reserve(), place.chosen())
        self._sessions[attached.id] = attached
        self._after(attached, mcp_servers)
        return NewSessionResponse(session_id=attached.id, **_choices(attached))

    @answering
    async def load_session(
        self,
        cwd: str,
        session_id: str,
        mcp_servers: Sequence[Any] | None = None,
        additional_directories: list[str] | None = None,
        **_: Any,
    ) -> LoadSessionResponse:
        """Open a session, and tell the client of all that was said and done in it."""
        attached, note = await self._open(cwd, session_id, additional_directories)
        await attached.replay()
        await self._tell_found(attached, note)
        self._after(attached, mcp_servers)
        return LoadSessionResponse(**_choices(attached))

    @answering
    async def resume_session(
        self,
        session_id: str,
        cwd: str,
        additional_directories: list[str] | None = None,
        mcp_servers: Sequence[Any] | None = None,
        **_: Any,
    ) -> ResumeSessionResponse:
        """Open a session without telling what was said in it."""
        attached, note = await self._open(cwd, session_id, additional_directories)
        await self._tell_found(attached, note)
        self._after(attached, mcp_servers)
        return ResumeSessionResponse(**_choices(attached))

    @answering
    async def list_sessions(
        self, cwd: str | None = None, cursor: str | None = None, **_: Any
    ) -> ListSessionsResponse:
        """List the sessions of a workspace, or of all that there are, the last used first."""
        found = await (
            (await self._place(cwd, None)).app.sessions.list() if cwd is not None else sessions_of_all()
        )
        return ListSessionsResponse(
            sessions=[
                SessionInfo(
                    session_id=it.session_id, cwd=it.root, title=revealed(it.title), updated_at=stamp(it.updated_at)
                )
                for it in found
            ]
        )  # fmt: skip

    @answering
    async def close_session(self, session_id: str, **_: Any) -> CloseSessionResponse:
        """Close a session, so that it can be resumed; a prompt that waits for its turn is answered as cancelled."""
        attached = self._attached(session_id)
        del self._sessions[session_id]
        attached.is_dropped = True
        await attached.close("closed by the editor")
        return CloseSessionResponse()

    @answering
    async def set_session_mode(self, session_id: str, mode_id: str, **_: Any) -> SetSessionModeResponse:
        """Change the mode from the next decision on."""
        await self._attached(session_id).set_mode(mode_id)
        return SetSessionModeResponse()

    @answering
    async def set_config_option(
        self, config_id: str, session_id: str, value: str | bool, **_: Any
    ) -> SetSessionConfigOptionResponse:
        """Choose a mode, a model, or the agent type of a session that is not begun."""
        attached = self._attached(session_id)
        if config_id == "mode":
            await attached.set_mode(str(value))
        else:
            await attached.choose(config_id, str(value))
        told = options(attached.chosen, attached.place.there)
        return SetSessionConfigOptionResponse(config_options=list(told))

    @answering
    async def prompt(self, session_id: str, prompt: Sequence[Any], **_: Any) -> PromptResponse:
        """Hand a prompt to its session, and answer when its turn has ended and the client was told of all of it."""
        attached = self._attached(session_id)
        asked = prompt_of(prompt, attached.place.app.workspace.display, attached.place.face)
        own = own_command(asked.text)
        before = self._stops[session_id]
        session = await attached.begun()
        if self._stops[session_id] != before:  # It was cancelled before there was anything to cancel.
            return PromptResponse(stop_reason="cancelled")
        turn_id = await own(attached, session) if own is not None else await session.prompt(asked)
        if turn_id is None:
            await attached.outbox.told()
            return PromptResponse(stop_reason="end_turn")
        match await attached.outbox.ended(turn_id):
            case TurnEnded() as end:
                if end.reason == "failed":
                    raise RequestError(FAILED, revealed(f"{end.message} {end.mend}".strip()))
                return PromptResponse(stop_reason=stop_reason(end.reason), usage=used(end))
            case PromptTakenBack():
                return PromptResponse(stop_reason="cancelled")
            case SessionHalted() as halted:
                raise RequestError(FAILED, revealed(f"{halted.message} {halted.mend}".strip()))
            case None if attached.is_dropped:
                return PromptResponse(stop_reason="cancelled")
            case None:
                raise RequestError(FAILED, "The session was closed. Open it again to go on.")

    @answering
    async def cancel(self, session_id: str, **_: Any) -> None:
        """Stop the session's turn, and drop the prompts that wait for its end: each is answered as cancelled."""
        loading = session_id in self._loading and session_id not in self._sessions
        attached = None if loading else self._attached(session_id)
        self._stops[session_id] += 1  # What is being made or loaded looks at this.
        if attached is not None:
            await _stop(attached)

    async def close(self, reason: str) -> None:
        """Close every session, so that each can be resumed."""
        for attached in self._sessions.values():
            if attached.session is not None:
                await attached.outbox.close()
        if self._places is not None:
            await self._places.close(reason)

    # --- Finding sessions ------------------------------------------------------------------------------------

    @property
    def _connected(self) -> Client:
        assert self._client is not None
        return self._client

    @property
    def _all(self) -> Places:
        if self._places is None:
            self._places = Places(self._connected, self._capabilities, self._overrides)
        return self._places

    async def _place(self, cwd: str, more: list[str] | None) -> Place:
        return await self._all.at(cwd, more)

    def _attached(self, session_id: str) -> Attached:
        """Return the session of a request, which is from here on done in its name. Raises ProtocolError."""
        try:
            attached = self._sessions[session_id]
        except KeyError:
            raise ProtocolError(f"No session {session_id!r} is open here.", "Load it first.") from None
        work_for(session_id)
        return attached

    async def _open(self, cwd: str, session_id: str, more: list[str] | None) -> tuple[Attached, str]:
        before = self._stops[session_id]
        self._loading.add(session_id)
        try:
            async with self._opening:
                place = await self._place(cwd, more)
                if (there := self._sessions.pop(session_id, None)) is not None:
                    await there.close("opened again by the editor")
                attached = Attached(self._connected, place, session_id, place.chosen())
                work_for(session_id)
                note = await attached.open()
                self._sessions[session_id] = attached
        finally:
            self._loading.discard(session_id)
        if self._stops[session_id] != before:
            await _stop(attached)
        return attached, note

    async def _tell_found(self, attached: Attached, note: str) -> None:
        session = attached.session
        if note:
            await attached.tell(note)
        if session is not None and session.suspended:
            waiting = said_open(it.question for it in session.state.workflow.questions.values())
            await attached.tell(" ".join(it for it in ("A turn was left open here.", waiting, _LEFT) if it))

    def _after(self, attached: Attached, servers: Sequence[Any] | None) -> None:
        """Tell what a client can only take once it knows the session."""

        async def tell() -> None:
            await attached.tell_commands()
            if servers:
                names = ", ".join(one_line(str(getattr(it, "name", "a server")), 60) for it in servers)
                await attached.tell(_SERVERS.format(revealed(names)))

        attached.later(tell())


def _choices(attached: Attached) -> dict[str, Any]:
    told = options(attached.chosen, attached.place.there)
    return {"modes": mode_state(attached.chosen), "config_options": list(told)}


async def _stop(attached: Attached) -> None:
    """Stop a session's turn, also one that was left open, and drop the prompts that wait."""
    session = attached.session
    if session is None or session.halted is not None:
        return  # It is being made, or made again, and nothing runs in it.
    await session.cancel(Cancel("Stopped in the editor."))
    for waiting in session.state.workflow.queue:
        with suppress(ProtocolError):  # Somebody else was faster.
            await session.take_back(waiting.id, attached.place.face)
