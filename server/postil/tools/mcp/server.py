"""One server as the session's side sees it: whether it is there, what it has, and why not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import JsonValue

from postil.config.server_options import WrittenServer
from postil.core.errors import ToolError
from postil.core.revealing import revealed
from postil.tools.added import AddedTool
from postil.tools.mcp.listed import Answer, Broken, ListedTool
from postil.tools.mcp.loop import OwnLoop
from postil.tools.mcp.resting import Rests
from postil.tools.mcp.tool import added_tools

if TYPE_CHECKING:
    from postil.tools.mcp.connection import Connection

log = logging.getLogger(__name__)

State = Literal["waiting", "starting", "ready", "failed", "off"]
"""`waiting`: nothing has needed it yet. `off`: it may not be started."""
_GOODBYE = 5.0
"""Seconds that it is given to end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands."""

    name: str
    state: State
    why: str
    tools: int
    layer: str
    file: str


class Server:
    """A server of tools that somebody's settings name."""

    def __init__(
        self,
        written: WrittenServer,
        root: Path,
        loop: OwnLoop,
        changed: Callable[[], None],
        refusal: Callable[[WrittenServer], Awaitable[str]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed` is called when it has other tools, or stands otherwise; `refusal` says, before every start, why there is to be none."""
        self.written = written
        self.tools: dict[str, AddedTool] = {}
        self.state: State = "waiting"
        self.why = ""
        self._root = root
        self._loop = loop
        self._changed = changed
        self._refusal = refusal
        self._rests = Rests(now)
        self._wanted = False
        self._running: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None
        """In the other thread."""
        self._ending: asyncio.Future[None] | None = None
        self._connection: Connection | None = None
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        it, why = self.written, self.why
        if self.state == "failed":
            why = "; ".join(said for said in (why, self._rests.told()) if said)
        return Standing(it.name, self.state, why, len(self.tools), it.layer, it.file)

    @property
    def runs(self) -> bool:
        """Whether it is there or on its way."""
        return self.state in ("starting", "ready")

    @property
    def waits(self) -> bool:
        """Whether it is to be started unasked: nothing has needed it yet, or it failed and has rested."""
        return self.state == "waiting" or (self.state == "failed" and self._rests.over)

    def use(self) -> None:
        """Have it started in the background where somebody uses it and it failed, unless it rests."""
        if self.state == "failed" and self._rests.use_starts:
            self.start()

    def start(self) -> None:
        """Have it started in the background, where it is not there and may still be started."""
        if self.runs:
            return
        self._wanted = True
        self._settled.clear()
        self._stand("starting")
        self._running = asyncio.ensure_future(self._run(self._running))

    def stop(self, why: str) -> None:
        """Have it ended in the background; it is not started again while that reason stands."""
        if self.state != "off" or self.why != why:
            self.tools = {}
            self._rests.forget()
            self._stand("off", why)
            if self._wanted:
                self._wanted = False
                self._ending = asyncio.ensure_future(self._loop.run(self._end()))

    def may_start(self) -> None:
        """Take note that no reason against it stands any more."""
        if self.state == "off":
            self._stand("waiting")

    async def settled(self) -> None:
        """Return when it is there, or is known not to come."""
        await self._settled.wait()

    async def close(self) -> None:
        """End it, and return when that is done."""
        if self._wanted:
            self._wanted = False
            self._ending = asyncio.ensure_future(self._loop.run(self._end()))
        left = {it for it in (self._ending, self._running) if it is not None}
        if left:
            await asyncio.wait(left, timeout=_GOODBYE)

    async def end(self) -> None:
        """End it, so that it can be started again at once, however often it failed."""
        await self.close()
        self.tools = {}
        self._rests.forget()
        if self.state != "off":
            self._stand("waiting")

    async def call(self, tool: str, given: dict[str, JsonValue]) -> Answer:
        """Call one of its tools. Raises ToolError where it is not there, and Refused and Lost."""
        self.use()
        if self.state == "starting":
            await self._settled.wait()
        connection = self._connection
        if self.state != "ready" or connection is None:
            name = self.written.name
            raise ToolError(
                f"The server `{name}` is not there: {self.standing.why or self.state}.", "Tell the user."
            )
        return await self._loop.run(connection.call(tool, dict(given)))

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        here = asyncio.get_running_loop()

        def told(listed: Sequence[ListedTool]) -> None:
            tools = added_tools(
                self.written.name, listed, self.call
            )  # in the other thread: they may be large
            with suppress(RuntimeError):  # the session's loop may be over
                here.call_soon_threadsafe(self._have, tools)

        try:
            why = await self._refusal(self.written)
            if not self._is_current():
                return  # it was stopped meanwhile, and another start waits for the end of this one
            if why:
                self._wanted = False
                self.stop(why)
            else:
                await self._loop.run(self._speak(told))
        except Broken as error:
            self._fail(revealed(str(error)))
        except asyncio.CancelledError:
            self._fail("it was ended")
        except Exception as error:
            log.exception("the server %s", self.written.name)
            self._fail(type(error).__name__)
        finally:
            self._connection = None
            if self._is_current():
                self._settled.set()

    def _is_current(self) -> bool:
        """Whether the task that asks is the last start; one before it says nothing of how the server stands."""
        return asyncio.current_task() is self._running

    def _fail(self, why: str) -> None:
        if not self._is_current():
            return
        self.tools = {}
        if self._wanted:
            self._rests.failed()
            self._stand("failed", why)

    async def _speak(self, told: Callable[[Sequence[ListedTool]], None]) -> None:
        """Speak to it, in the other thread; the library is loaded there."""
        if not self._wanted:
            return
        kind: type[Connection] = import_module("postil.tools.mcp.connection").Connection
        self._speaking = asyncio.current_task()
        connection = self._connection = kind(self.written, self._folder(), told)
        try:
            await connection.run()
        finally:
            self._speaking = None

    async def _end(self) -> None:
        """End what speaks to it, and with that the server; in the other thread."""
        speaking = self._speaking
        if speaking is not None:
            speaking.cancel()  # once: what tidies up is not to be disturbed
            await asyncio.wait({speaking}, timeout=_GOODBYE)

    def _folder(self) -> Path:
        return self._root / self.written.options.cwd

    def _have(self, tools: dict[str, AddedTool]) -> None:
        if not self._wanted:
            return
        self.tools = tools
        self._rests.ready()
        self._stand("ready")
        self._settled.set()

    def _stand(self, state: State, why: str = "") -> None:
        self.state, self.why = state, why
        self._changed()
