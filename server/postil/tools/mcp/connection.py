"""One server, spoken to from its beginning to its end by one task; it is loaded when the first server is started."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from mcp import Client, MCPError, types
from mcp.client._transport import Transport
from mcp.client.session import IncomingMessage
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from postil import __version__
from postil.config.server_options import WrittenServer
from postil.core.revealing import one_line
from postil.tools.mcp.answers import answer
from postil.tools.mcp.listed import Answer, Broken, ListedTool, Lost, Refused
from postil.tools.mcp.stdio import Child
from postil.workspace.commands.environment import served_environment
from postil.workspace.sandbox.mechanism import Launch

log = logging.getLogger(__name__)

_MOMENT = 0.05
"""Seconds after its last word in which a process has ended and left its status."""
REFRESH = 1.0
"""Seconds between two looks at what a server lists, however often it says that this has changed."""
_PAGES = 100
_MOST = 2_000
"""Tools of one server that are taken."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_AT_AN_END = frozenset({types.CONNECTION_CLOSED, types.REQUEST_TIMEOUT})

Told = Callable[[Sequence[ListedTool]], None]
"""Is told what a server lists, at its start and whenever that changes."""


class Connection:
    """A server that is started or reached, in its own thread's loop."""

    def __init__(
        self,
        written: WrittenServer,
        cwd: Path,
        told: Told,
        pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(REFRESH),
    ) -> None:
        """`pause` is waited for after each look at what it lists, before the next."""
        self._pause = pause
        self._written = written
        self._cwd = cwd
        self._told = told
        self._client: Client | None = None
        self._child: Child | None = None
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Connect, list, and follow what the server lists, until cancelled. Raises Broken."""
        try:
            await self._run()
        except TimeoutError:
            raise Broken(f"it was not ready after {self._written.options.start_seconds:g} s") from None
        except (Broken, asyncio.CancelledError):
            raise
        except Exception as error:
            raise Broken(self._reason(_first(error))) from error
        finally:
            self._client = None

    async def call(self, tool: str, given: dict[str, object]) -> Answer:
        """Call a tool. Raises Refused where it was not run, and Lost where nobody knows."""
        client = self._client
        if client is None:
            raise Refused("the server is not there")
        try:
            result = await client.call_tool(
                tool, given, read_timeout_seconds=self._written.options.call_seconds
            )
        except MCPError as error:
            if error.code in _AT_AN_END:
                raise Lost(await self._loss(error)) from error
            raise Refused(one_line(error.message, 500)) from error
        except Exception as error:
            raise Lost(one_line(f"{type(error).__name__}: {error}", 500)) from error
        return answer(result)

    async def _run(self) -> None:
        async with (
            asyncio.timeout(self._written.options.start_seconds) as starting,
            self._transport() as transport,
        ):
            client = Client(
                transport,
                message_handler=self._hear,
                client_info=types.Implementation(name="postil", version=__version__),
                read_timeout_seconds=self._written.options.start_seconds,
                cache=None,
            )
            async with client:
                listed = await _listed(client)
                self._told(listed)
                starting.reschedule(None)
                self._client = client
                await self._follow(client, listed)
                self._client = None

    @asynccontextmanager
    async def _transport(self) -> AsyncGenerator[Transport]:
        options = self._written.options
        if options.url:
            headers = {name: _filled(value) for name, value in options.headers.items()}
            async with await asyncio.to_thread(create_mcp_http_client, headers) as http:
                yield streamable_http_client(options.url, http_client=http)
            return
        environment = served_environment(os.environ, options.env, options.pass_env)
        self._child = Child(self._written.name, Launch(options.command, environment), self._cwd)
        yield self._child.connected()

    async def _follow(self, client: Client, listed: Sequence[ListedTool]) -> None:
        """Tell of every change of the list. Raises Broken when the server has ended."""
        following = [
            asyncio.ensure_future(it) for it in (self._subscribe(client), self._look(client, listed))
        ]
        try:
            await self._ended(following[1])
        finally:
            for it in following:
                it.cancel()
            await asyncio.gather(*following, return_exceptions=True)
        raise Broken(self._child.why() if self._child is not None else "it ended")

    async def _look(self, client: Client, listed: Sequence[ListedTool]) -> None:
        """Look again at what it lists, once for all that it has said meanwhile: one look at a time, and a pause after each."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            now = await _listed(client)
            if now != listed:
                listed = now
                self._told(listed)
            await self._pause()

    async def _ended(self, looking: asyncio.Future[None]) -> None:
        """Return when the process has ended; what is reached over HTTP is not watched. Raises what `looking` fails with."""
        child = self._child
        ended = asyncio.ensure_future(child.ended.wait() if child is not None else asyncio.Event().wait())
        try:
            await asyncio.wait({ended, looking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
        if child is not None and child.ended.is_set():
            await asyncio.sleep(_MOMENT)
        elif looking.done():
            looking.result()

    async def _subscribe(self, client: Client) -> None:
        """Be told of changes by a server of the protocol's newer kind; older ones tell unasked."""
        tools = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or tools is None or not tools.list_changed:
            return
        while True:
            try:
                async with client.listen(tools_list_changed=True) as changes:
                    async for _ in changes:
                        self._changed.set()
                return
            except SubscriptionLost:
                self._changed.set()
                await asyncio.sleep(1)
            except (MCPError, TimeoutError) as error:
                log.info("%s does not tell of changes: %s", self._written.name, error)
                return

    async def _hear(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._changed.set()

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, Broken):
            return str(error)
        if self._child is not None and self._child.ended.is_set():
            return self._child.why()
        return one_line(str(error) or type(error).__name__, 300).rstrip(".")

    async def _loss(self, error: MCPError) -> str:
        if error.code == types.REQUEST_TIMEOUT:
            return f"it gave no answer in {self._written.options.call_seconds:g} s"
        await asyncio.sleep(_MOMENT)
        return self._child.why() if self._child is not None else "the connection was lost"


async def _listed(client: Client) -> tuple[ListedTool, ...]:
    """Return all that the server lists."""
    tools: list[ListedTool] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += map(_tool, page.tools)
        cursor = page.next_cursor
        if not cursor or len(tools) >= _MOST:
            break
    return tuple(tools[:_MOST])


def _tool(tool: types.Tool) -> ListedTool:
    annotations = tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
    title = tool.title or str(annotations.get("title", ""))
    return ListedTool(tool.name, title, tool.description or "", tool.input_schema, annotations)


def _filled(value: str) -> str:
    """Return a header's value with variables in it. Raises Broken for one that is not set."""

    def variable(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise Broken(f"the variable {found[1]} is not set")
        return os.environ[found[1]]

    return _VARIABLE.sub(variable, value)


def _first(error: BaseException) -> BaseException:
    """Return the first cause of an error that may be several."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    several = cast("BaseExceptionGroup[BaseException]", error)
    return _first(several.exceptions[0])
