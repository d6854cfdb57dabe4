"""The scripted model: a Messages API that plays a script."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from postil.model.scripted.answering import Answering, Exhausted
from postil.model.scripted.checks import check_credentials
from postil.model.scripted.connection import Asked, Connection, Left
from postil.model.scripted.frames import message
from postil.model.scripted.history import History
from postil.model.scripted.parsing import NotAnObject, Parser
from postil.model.scripted.playing import Outcome, play
from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Fault, ModelEntry, Script
from postil.model.scripted.tokens import measure

_LOG = logging.getLogger(__name__)
_READ_AHEAD = 4 * 1024 * 1024


@dataclass(slots=True)
class Received:
    """One request to the messages endpoint, and how it ended."""

    number: int
    """Counts from 1."""
    headers: dict[str, str]
    body: dict[str, Any]
    reply: int | None = None
    """The place in the script of the reply that answered, from 0."""
    outcome: Outcome = "open"
    usage: dict[str, Any] = field(default_factory=dict[str, Any])


class ScriptedModel:
    """A Messages API on loopback; `async with` starts and stops it."""

    def __init__(
        self,
        script: Script,
        *,
        port: int = 0,
        record: Path | None = None,
        keep: int | None = None,
    ) -> None:
        self.requests: deque[Received] = deque(maxlen=keep)
        """The requests to the messages endpoint, all or the newest `keep`."""
        self.received = 0
        """How many there were."""
        self.connections = 0
        """How many connections were made."""
        self.open = 0
        """How many are being answered."""
        self._script = script
        self._answering = Answering(script)
        self._parser = Parser()
        self._port = port
        self._record = record
        self._recording = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writes: set[asyncio.Task[None]] = set()

    @classmethod
    def load(
        cls,
        source: Path | str | Mapping[str, Any] | list[Any],
        *,
        port: int = 0,
        record: Path | None = None,
        keep: int | None = None,
    ) -> ScriptedModel:
        """Make a server from a file, YAML text or plain data; raises ScriptError."""
        return cls(Script.parse(source), port=port, record=record, keep=keep)

    @property
    def url(self) -> str:
        """What ANTHROPIC_BASE_URL has to be."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def unused(self) -> list[int]:
        """The places of replies that nobody asked for; those for `any` number of times do not count."""
        return list(self._answering.choice.unused())

    async def start(self) -> None:
        """Listen; a port of 0 becomes a free one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port, limit=_READ_AHEAD)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break what is still open."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._writes, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def until(self, condition: Callable[[ScriptedModel], bool]) -> None:
        """Wait for a state, such as `lambda server: server.received == 2` or `… server.open == 0`."""
        async with self._changed:
            await self._changed.wait_for(lambda: condition(self))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection; the task is ours, so that stopping can end it quietly."""
        self.connections += 1
        task = asyncio.create_task(self._talk(Connection(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, connection: Connection) -> None:
        try:
            while (asked := await connection.next()) is not None and await self._serve(asked, connection):
                await connection.settle()
        except asyncio.CancelledError:
            connection.drop()
            raise
        finally:
            await connection.close()

    async def _serve(self, asked: Asked, connection: Connection) -> bool:
        """Answer one request; False ends the connection."""
        try:
            check_credentials(asked.headers, self._script)
            await self._route(asked)(asked, connection)
        except Refusal as refusal:
            await self._refuse(connection, refusal)
        except Left:
            return False
        return True

    def _route(self, asked: Asked) -> Callable[[Asked, Connection], Awaitable[None]]:
        if asked.path == "/v1/messages" and asked.method == "POST":
            return self._messages
        if asked.path == "/v1/messages/count_tokens" and asked.method == "POST":
            return self._count
        if asked.path.startswith("/v1/models") and asked.method == "GET":
            return self._models
        raise Refusal(404, "not_found_error", f"{asked.method} {asked.path}: Not Found")

    async def _refuse(self, connection: Connection, refusal: Refusal, number: int = 0) -> None:
        error = {"type": refusal.kind, "message": refusal.message}
        _LOG.info("request %s refused: %s", number, refusal.message)
        # What is wrong here stays wrong: no client should try again.
        headers = {"x-should-retry": "false", "request-id": _request_id(number)}
        await connection.answer(refusal.status, _error_body(error, number), headers)

    async def _count(self, asked: Asked, connection: Connection) -> None:
        await connection.answer(200, {"input_tokens": measure(*_parsed(Parser(), asked))})

    async def _models(self, asked: Asked, connection: Connection) -> None:
        known = {entry.id: entry for entry in self._script.models}
        wanted = unquote(asked.path.removeprefix("/v1/models").strip("/"))
        if wanted:
            entry = known.get(wanted) or (None if known else ModelEntry(id=wanted))
            if entry is None:
                raise Refusal(404, "not_found_error", f"model: {wanted}")
            await connection.answer(200, _model(entry))
            return
        data = [_model(entry) for entry in self._script.models]
        ends = (
            {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
            if data
            else {"first_id": None, "last_id": None}
        )
        await connection.answer(200, {"data": data, "has_more": False, **ends})

    async def _messages(self, asked: Asked, connection: Connection) -> None:
        body, history = _parsed(self._parser, asked)
        self.received += 1
        self.open += 1
        received = Received(self.received, _without_key(asked.headers), body)
        self.requests.append(received)
        await self._tell()
        try:
            await self._reply(received, history, connection)
        except Left:
            received.outcome = "left"
            raise
        except Refusal as refusal:
            received.outcome = "exhausted" if isinstance(refusal, Exhausted) else "refused"
            await self._refuse(connection, refusal, received.number)
        finally:
            self.open -= 1
            await self._write_record(received)
            await self._tell()

    async def _reply(self, received: Received, history: History, connection: Connection) -> None:
        received.reply, spoken = self._answering.answer(received.body, history, received.number)
        if isinstance(spoken, Fault):
            received.outcome = "failed"
            await _fail(spoken, received.number, connection)
            return
        received.usage = spoken.usage
        headers = {"request-id": _request_id(received.number)}
        if received.body.get("stream"):
            received.outcome = await play(spoken, connection, headers)
            return
        if spoken.reply.delay.first:
            await connection.wait(spoken.reply.delay.first)
        await connection.answer(200, message(spoken), headers)
        received.outcome = "sent"

    async def _write_record(self, received: Received) -> None:
        if self._record is None:
            return
        line = json.dumps(asdict(received), ensure_ascii=False) + "\n"
        write = asyncio.create_task(self._append(self._record, line))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)
        await asyncio.shield(write)

    async def _append(self, record: Path, line: str) -> None:
        async with self._recording:  # in the order in which they ended
            await asyncio.to_thread(_append, record, line)


async def serve(source: Path | str, *, port: int = 0, record: Path | None = None) -> None:
    """Serve a script until cancelled; the log says where."""
    async with ScriptedModel.load(source, port=port, record=record, keep=1) as server:
        _LOG.info("scripted model: ANTHROPIC_BASE_URL=%s", server.url)
        await asyncio.Event().wait()


async def _fail(fault: Fault, number: int, connection: Connection) -> None:
    headers = {"request-id": _request_id(number), **fault.headers}
    if fault.retry_after is not None:
        headers["retry-after"] = f"{fault.retry_after:g}"
    error = {"type": fault.type, "message": fault.message}
    body = _error_body(error, number) if fault.body is None else fault.body
    await connection.answer(fault.status, body, headers)


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line)


def _request_id(number: int) -> str:
    return f"req_{number:06d}"


def _error_body(error: dict[str, str], number: int) -> dict[str, Any]:
    return {"type": "error", "error": error, "request_id": _request_id(number)}


def _parsed(parser: Parser, asked: Asked) -> tuple[dict[str, Any], History]:
    try:
        return parser.parse(asked.body)
    except NotAnObject as error:
        message = f"The request body is not a JSON object: {error}"
        raise Refusal(400, "invalid_request_error", message) from error


def _without_key(headers: dict[str, str]) -> dict[str, str]:
    return {name: "…" if name in {"authorization", "x-api-key"} else value for name, value in headers.items()}


def _model(entry: ModelEntry) -> dict[str, Any]:
    return {
        "type": "model",
        "id": entry.id,
        "display_name": entry.name or entry.id,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": entry.context,
        "max_tokens": entry.output,
    }
