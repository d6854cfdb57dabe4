"""One server as the session's side sees it: whether it is there, what it has, and why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
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
from postil.tools.mcp.tool import added_tools

if TYPE_CHECKING:
    from postil.tools.mcp.connection import Connection

log = logging.getLogger(__name__)

State = Literal["waiting", "starting", "ready", "failed", "off"]
"""`waiting`: nothing has needed it yet. `off`: it may not be started."""
_GOODBYE = 5.0
"""Seconds that it is given to end."""
_STARTS = 3
"""How often a server that ended is started in all."""


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
        self, written: WrittenServer, root: Path, loop: OwnLoop, changed: Callable[[], None]
    ) -> None:
        """`changed` is called when it has other tools, or stands otherwise."""
        self.written = written
        self.tools: dict[str, AddedTool] = {}
        self.state: State = "waiting"
        self.why = ""
        self._root = root
        self._loop = loop
        self._changed = changed
        self._starts = 0
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
        it = self.written
        return Standing(it.name, self.state, self.why, len(self.tools), it.layer, it.file)

    def start(self) -> None:
        """Have it started in the background, where it is not there and may still be started."""
        if self.state in ("starting", "ready") or self._starts >= _STARTS:
            return
        self._starts += 1
        self._wanted = True
        self._settled.clear()
        self._stand("starting")
        self._running = asyncio.ensure_future(self._run(self._running))

    def stop(self, why: str) -> None:
        """Have it ended in the background; it is not started again while that reason stands."""
        if self.state != "off" or self.why != why:
            self.tools = {}
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

    async def call(self, tool: str, given: dict[str, JsonValue]) -> Answer:
        """Call one of its tools. Raises ToolError where it is not there, and Refused and Lost."""
        if self.state == "failed":
            self.start()
        if self.state == "starting":
            await self._settled.wait()
        connection = self._connection
        if self.state != "ready" or connection is None:
            name = self.written.name
            raise ToolError(f"The server `{name}` is not there: {self.why or self.state}.", "Tell the user.")
        return await self._loop.run(connection.call(tool, dict(given)))

    async def _run(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        here = asyncio.get_running_loop()

        def told(listed: Sequence[ListedTool]) -> None:
            with suppress(RuntimeError):  # the session's loop may be over
                here.call_soon_threadsafe(self._have, tuple(listed))

        try:
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
            self._settled.set()

    def _fail(self, why: str) -> None:
        self.tools = {}
        if self._wanted:
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

    def _have(self, listed: tuple[ListedTool, ...]) -> None:
        if not self._wanted:
            return
        self.tools = added_tools(self.written.name, listed, self.call)
        self._stand("ready")
        self._settled.set()

    def _stand(self, state: State, why: str = "") -> None:
        self.state, self.why = state, why
        self._changed()
