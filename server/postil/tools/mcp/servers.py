"""All servers of tools: started when they are needed, in the background; none that fails or is slow holds up another, or a turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Protocol

from postil.config.server_options import WrittenServer
from postil.core.ports.servers import AskedServer
from postil.tools.mcp.approving import asked
from postil.tools.mcp.loop import OwnLoop
from postil.tools.mcp.names import is_name, server_of
from postil.tools.mcp.server import Server, Standing
from postil.tools.mcp.tool import gone
from postil.tools.output import counted
from postil.tools.tool import Tool

GRACE = 3.0
"""Seconds from the start of the servers in which a search that found nothing waits for them."""
_LINES = 30
"""Servers that the model is told of."""


class Approvals(Protocol):
    """What people have said of servers, and the files of the workspace that their commands name."""

    async def look(self, names: Collection[str]) -> None:
        """Look again, as another process may have asked; for the servers of these names at the files as well."""
        ...

    def fingerprint(self, written: WrittenServer) -> str:
        """Return a hash of the definition and of the files that it names: what was approved is what is started."""
        ...

    def files(self, written: WrittenServer) -> Sequence[str]:
        """Return the files of the workspace that it names."""
        ...

    def changed(self, written: WrittenServer) -> str:
        """Return which of them are not what they were when that was last agreed to; empty where all are."""
        ...

    def refusal(self, written: WrittenServer) -> str:
        """Return why a server may not be started, without a full stop; nothing where it may."""
        ...

    def asks(self, written: WrittenServer) -> bool:
        """Whether a person is to be asked about it."""
        ...

    async def decide(self, written: WrittenServer, face: str, *, start: bool) -> None:
        """Keep what a person says. Raises OSError."""
        ...


class Servers:
    """A `Plugins` of servers. Used from the session's loop alone."""

    def __init__(
        self,
        written: Sequence[WrittenServer],
        root: Path,
        approvals: Approvals,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` says by what clock servers that failed rest."""
        self._approvals = approvals
        self._waking: asyncio.Task[None] | None = None
        self._loop = OwnLoop("postil-mcp")
        self._servers = {
            it.name: Server(it, root, self._loop, self._note, self._refusal, now) for it in written
        }
        self._there: tuple[Tool, ...] = ()
        self._since = 0.0
        self._closed = False

    def wake(self) -> None:
        """Have every server started that may be and was not yet; returns at once."""
        if self._servers and (self._waking is None or self._waking.done()):
            self._waking = asyncio.ensure_future(self._wake())

    async def undecided(self) -> Sequence[AskedServer]:
        """Return the servers that a person is to be asked about."""
        await self._look()
        there = (it.written for it in self._servers.values() if not it.written.options.off)
        return [self._asked(it) for it in there if self._approvals.asks(it)]

    async def decide(self, fingerprint: str, face: str, *, start: bool) -> None:
        """Keep a person's answer, and act on it. Raises OSError."""
        for server in self._servers.values():
            if self._approvals.fingerprint(server.written) == fingerprint:
                await self._approvals.decide(server.written, face, start=start)
        await self._wake()

    async def restart(self, name: str) -> Standing | None:
        """End a server and start it anew, as a person wants it; return how it stands then, and None where there is none of that name."""
        server = self._servers.get(name)
        if server is None:
            return None
        await server.end()
        await self._wake()
        await server.settled()
        return server.standing

    async def _wake(self) -> None:
        await self._look()
        for server in self._servers.values():
            why = self._why_not(server.written)
            if why:
                server.stop(why)
                continue
            server.may_start()
            if server.waits and not self._closed:
                self._since = self._since or asyncio.get_running_loop().time()
                server.start()

    async def _look(self) -> None:
        """Look again at what people said and at what commands name. Of a server that runs, what it was started with counts."""
        idle = [it.written.name for it in self._servers.values() if not it.runs]
        if idle or any(it.written.layer == "workspace" for it in self._servers.values()):
            await self._approvals.look(idle)

    async def _refusal(self, written: WrittenServer) -> str:
        """Look once more whether a server may be started, right before it is."""
        await self._approvals.look((written.name,))
        return self._why_not(written)

    def _why_not(self, written: WrittenServer) -> str:
        return "the settings have it off" if written.options.off else self._approvals.refusal(written)

    def _asked(self, written: WrittenServer) -> AskedServer:
        of = self._approvals
        return asked(written, of.fingerprint(written), of.files(written), of.changed(written))

    def standings(self) -> Sequence[Standing]:
        """Return how each server stands, in order of name."""
        return [it.standing for it in self._servers.values()]

    def tools(self) -> Sequence[Tool]:
        """Return the tools that are there now, in order of name."""
        return self._there

    async def tool(self, name: str) -> Tool | None:
        """Return one by its name; where its server is on its way, wait for it. One that is gone says so when it is used."""
        server = self._servers.get(server_of(name))
        if server is None or not is_name(name):
            return None
        await self._wake()
        server.use()
        await server.settled()
        found = server.tools.get(name)
        if found is not None:
            return found
        why = (
            f"the server {server.written.name} has no such tool now"
            if server.state == "ready"
            else _why(server.standing)
        )
        return gone(name, server.written.name, why)

    def lines(self) -> Sequence[str]:
        """Return a line for each server, for the model."""
        shown = [f"- {it.name}: {_short(it)}" for it in self.standings() if it.state != "off"]
        more = len(shown) - _LINES
        return [*shown[:_LINES], *([f"- and {counted(more, 'server')} more"] if more > 0 else [])]

    def notes(self) -> tuple[str, ...]:
        """Return which servers' tools could not be searched, and why."""
        missing = (it for it in self.standings() if it.state in ("waiting", "starting", "failed"))
        return tuple(f"Not searched: {_why(it)}." for it in missing)

    async def settle(self) -> bool:
        """Wait for servers that are starting, a moment and no longer."""
        await self._wake()
        starting = [it for it in self._servers.values() if it.state == "starting"]
        left = self._since + GRACE - asyncio.get_running_loop().time()
        if not starting or left <= 0:
            return False
        waits = [asyncio.ensure_future(it.settled()) for it in starting]
        try:
            await asyncio.wait(waits, timeout=left)
        finally:
            for it in waits:
                it.cancel()
        return True

    async def close(self) -> None:
        """End all servers, with their processes."""
        self._closed = True
        await asyncio.gather(*(it.close() for it in self._servers.values()))
        await asyncio.to_thread(self._loop.close, 2.0)

    def _note(self) -> None:
        now = {name: tool for it in self._servers.values() for name, tool in it.tools.items()}
        self._there = tuple(now[name] for name in sorted(now))


def _why(standing: Standing) -> str:
    match standing.state:
        case "failed":
            return f"the server {standing.name} failed ({standing.why})"
        case "off":
            return f"the server {standing.name} is off ({standing.why})"
        case _:
            return f"the server {standing.name} is still starting"


def _short(standing: Standing) -> str:
    if standing.state == "ready":
        return counted(standing.tools, "tool")
    return "failed" if standing.state == "failed" else "starting"
