"""pytest-lsp's client with the wire left visible: what the server sends is kept as it came."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage, JsonRPCResponseMessage
from pytest_lsp.client import LanguageClient, register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

PATIENCE = 40.0
"""Seconds after which a state that was waited for is said not to come."""

Json = dict[str, Any]

RAW = (
    "postil/",
    types.WORKSPACE_APPLY_EDIT,
    types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
    types.PROGRESS,
    types.WINDOW_WORK_DONE_PROGRESS_CREATE,
)
"""Messages of these methods keep their params as they came, so that tests see the wire."""


class Protocol(LanguageClientProtocol):
    """Tells of every message, leaves those that tests look at as they came, and says when an answer has gone out."""

    def structure_message(self, data: Json) -> Any:
        method = str(data.get("method", ""))
        if "jsonrpc" in data and method.startswith(RAW):
            if "id" in data:
                return JsonRPCRequestMessage(data["id"], method, "2.0", data.get("params"))
            return JsonRPCNotification(method, "2.0", data.get("params"))
        if "jsonrpc" in data and "result" in data and self._result_types.get(data["id"]) is None:
            return JsonRPCResponseMessage(data["id"], "2.0", data["result"])
        return super().structure_message(data)

    def send_raw(
        self, method: str, params: Any, answered: Callable[[], None] = lambda: None
    ) -> asyncio.Future[Any]:
        """Send a request with its params as they are given; the result stays as it comes.

        `answered` is called with the answer, before anything that the server sends after it is looked at.
        """
        message_id = str(uuid.uuid4())
        answer: Future[Any] = Future()
        answer.add_done_callback(lambda _: answered())
        self._request_futures[message_id] = answer
        self._send_data({"jsonrpc": "2.0", "id": message_id, "method": method, "params": params})
        return asyncio.wrap_future(answer)

    def handle_message(self, message: Any) -> None:
        super().handle_message(message)
        cast("Client", self._server).heard.set()

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        super()._send_response(msg_id, result, error)
        client = cast("Client", self._server)
        later, client.after_reply = client.after_reply, []
        for work in later:
            work()


class Client(LanguageClient):
    """pytest-lsp's client, which keeps what it is told."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.after_reply: list[Callable[[], None]] = []
        super().__init__(protocol_cls=Protocol, converter_factory=default_converter)  # pyright: ignore[reportUnknownMemberType]  untyped there
        register_lsp_features(self)


@dataclass
class Heard:
    """What the server sent, in order."""

    edits: list[Json] = field(default_factory=list[Json])
    saves: list[str] = field(default_factory=list[str])
    checks: list[Json] = field(default_factory=list[Json])
    """Every question for diagnostics."""
    updates: list[Json] = field(default_factory=list[Json])
    published: list[Json] = field(default_factory=list[Json])
    """Every publishDiagnostics."""
    progress: list[Json] = field(default_factory=list[Json])
    created: list[str] = field(default_factory=list[str])
    """Tokens of progress that the client was asked to show."""


class Connection:
    """One client, connected to one server process."""

    def __init__(self) -> None:
        self.client = Client()
        self.encoding = "utf-16"
        self.capabilities: types.ServerCapabilities | None = None
        self.heard = Heard()
        self.stderr = ""
        self._stderr_reader: asyncio.Task[None] | None = None
        self.serve("postil/session/update", self.heard.updates.append)
        self.serve(types.PROGRESS, self.heard.progress.append)
        self.serve(types.WINDOW_WORK_DONE_PROGRESS_CREATE, self._create)

    def serve(self, method: str, handler: Callable[[Any], Any]) -> None:
        """Let a handler, plain or async, take what the server sends."""

        def plain(params: Any) -> Any:
            return handler(params)

        async def awaiting(params: Any) -> Any:
            return await handler(params)

        registered: Any = self.client.protocol.fm
        registered.features.pop(method, None)
        registered.feature(method)(awaiting if inspect.iscoroutinefunction(handler) else plain)

    # Life

    async def start(self, command: Sequence[str], env: dict[str, str]) -> None:
        """Start a server."""
        await cast("Any", self.client).start_io(command[0], *command[1:], env=env)
        forwarder = self.client._stderr_forwarder
        assert forwarder is not None
        forwarder.cancel()
        self._stderr_reader = asyncio.create_task(self._read_stderr())

    async def initialize(self, params: Json) -> None:
        """Introduce ourselves, as the editor whose params these are."""
        structured = default_converter().structure(params, types.InitializeParams)
        self.client.capabilities = structured.capabilities
        if structured.process_id is None:
            structured.process_id = os.getpid()
        result = await self.client.initialize_async(structured)
        self.capabilities = result.capabilities
        encoding = result.capabilities.position_encoding
        self.encoding = str(getattr(encoding, "value", encoding) or "utf-16")
        self.client.initialized(types.InitializedParams())

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server."""
        process = self.client._server
        assert process is not None
        return process

    async def leave(self) -> int:
        """Shut down in good order; returns the server's exit status."""
        assert self.client.error is None, self.client.error
        await self.request("shutdown", None)
        self.client.exit(None)
        return await self.ended()

    @property
    def running(self) -> bool:
        """Whether there is a server that nobody has let go of."""
        return self._stderr_reader is not None

    async def ended(self) -> int:
        """Wait for the server's end, and let go of it."""
        async with asyncio.timeout(PATIENCE):
            status = await self.process.wait()
        if self._stderr_reader is not None:
            await self._stderr_reader
            self._stderr_reader = None
        await self.client.stop()
        return status

    async def kill(self) -> None:
        """End the server at once, if there is one."""
        if self.running:
            if self.process.returncode is None:
                self.process.kill()
            await self.ended()

    async def hang_up(self) -> int:
        """Close the pipe to the server, as a client does that dies."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return await self.ended()

    # Messages

    async def request(self, method: str, params: Any) -> Any:
        """Send a request; raises JsonRpcException."""
        return await cast("Protocol", self.client.protocol).send_raw(method, params)

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run a command of the server's."""
        return await self.request(
            types.WORKSPACE_EXECUTE_COMMAND, {"command": name, "arguments": list(arguments)}
        )

    async def fails(self, method: str, params: Any) -> tuple[int, str]:
        """Send a request that must fail; returns its code and message."""
        try:
            result = await self.request(method, params)
        except JsonRpcException as error:
            return error.code or 0, error.message
        raise AssertionError(f"{method} did not fail: {result}")

    def notify(self, method: str, params: Json) -> None:
        """Send a notification as it is given."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()
        stdin = self.process.stdin
        assert stdin is not None
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def until(self, seen: Callable[[], Any]) -> Any:
        """Return what `seen` returns once that is true; it is asked again after each message."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := seen()):
                    self.client.heard.clear()
                    await self.client.heard.wait()
                return found
        except TimeoutError:
            last = [it["event"] for it in self.heard.updates[-3:]]
            raise AssertionError(
                f"never seen; {len(self.heard.edits)} edits; last {last}; {self.stderr}"
            ) from None

    # What was heard

    def events(self, *kinds: str) -> list[Json]:
        """Return the events of the updates, all or those of some types."""
        found = [it["event"] for it in self.heard.updates]
        return [it for it in found if it["type"] in kinds] if kinds else found

    async def event(self, kind: str, count: int = 1) -> Json:
        """Wait for the so manieth event of a type."""
        await self.until(lambda: len(self.events(kind)) >= count)
        return self.events(kind)[count - 1]

    async def _read_stderr(self) -> None:
        stderr = self.process.stderr
        assert stderr is not None
        while data := await stderr.read(1 << 16):
            self.stderr += data.decode("utf-8", "replace")
            self.client.heard.set()

    def _create(self, params: Json) -> None:
        self.heard.created.append(params["token"])
