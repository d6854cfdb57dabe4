"""A server that is a child process: a message a line on its input and output, and what it says to people apart from both."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import types
from mcp.client._transport import TransportStreams
from mcp.shared.message import SessionMessage

from postil.core.redaction.redact import redact
from postil.core.revealing import one_line
from postil.tools.mcp.listed import Broken
from postil.workspace.commands.processes import has_ended, signal_group
from postil.workspace.commands.shell import Program, discard_program, start_launch
from postil.workspace.sandbox.mechanism import Launch

log = logging.getLogger(__name__)

LONGEST_LINE = 32 << 20
"""Bytes of one message; a server that sends a longer one is ended."""
_PATIENCE = 1.0
"""Seconds that it is given to end once its input is closed, and once more when it is asked to."""
_GLANCE = 0.01
_LAST = 5
"""Lines of what it said to people that are kept, to say why it ended."""

_Incoming = SessionMessage | Exception


class Child:
    """A server's process."""

    def __init__(self, name: str, launch: Launch, cwd: Path) -> None:
        self.name = name
        self._launch = launch
        self._cwd = cwd
        self._said: deque[str] = deque(maxlen=_LAST)
        self.ended = asyncio.Event()
        """Set when it says no more."""
        self.process: Program | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[TransportStreams]:
        """Start it, and end it with its whole group. Raises Broken."""
        process = self.process = await self._started()
        into, read = anyio.create_memory_object_stream[_Incoming](0)
        write, out = anyio.create_memory_object_stream[SessionMessage](0)
        tasks = [
            asyncio.ensure_future(it)
            for it in (self._read(process, into), self._write(process, out), self._listen(process))
        ]
        try:
            yield read, write
        finally:
            with anyio.CancelScope(shield=True):
                await self._end(process, tasks)
                for stream in (into, read, write, out):
                    await stream.aclose()

    def why(self) -> str:
        """Return why it has ended, as far as that is known."""
        code = self.process.poll() if self.process is not None else None
        status = "" if code is None else f" with status {code}" if code >= 0 else f" by signal {-code}"
        last = f": {self._said[-1]}" if self._said else ""
        return f"it ended{status}{last}"

    async def _started(self) -> Program:
        starting = asyncio.ensure_future(asyncio.to_thread(start_launch, self._launch, self._cwd, piped=True))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A thread goes on whoever waits for it: what it starts is ended here, nobody else will know of it.
            with suppress(Exception):
                await asyncio.to_thread(discard_program, await starting)
            raise
        except Exception as error:
            raise Broken(str(error).rstrip(".")) from error

    async def _read(self, process: Program, into: MemoryObjectSendStream[_Incoming]) -> None:
        try:
            async with _reader(process.stdout, LONGEST_LINE) as reader:
                async for line in reader:
                    if line.strip():
                        await into.send(_parsed(line))
        except ValueError:
            self._said.append("it sent a message that is too long")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            pass
        finally:
            self.ended.set()
            await into.aclose()

    async def _write(self, process: Program, out: MemoryObjectReceiveStream[SessionMessage]) -> None:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, process.stdin)
        writer = asyncio.StreamWriter(transport, protocol, None, loop)
        try:
            async for message in out:
                writer.write(
                    message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
                )
                await writer.drain()
        except (anyio.ClosedResourceError, OSError):
            pass
        finally:
            writer.close()

    async def _listen(self, process: Program) -> None:
        """Log what it says to people; it is never part of the protocol."""
        with suppress(ValueError, OSError):
            async with _reader(process.stderr, LONGEST_LINE) as reader:
                async for line in reader:
                    text = one_line(redact(line.decode("utf-8", "replace")).text, 400)
                    if text:
                        self._said.append(text)
                        log.info("%s: %s", self.name, text)

    async def _end(self, process: Program, tasks: Sequence[asyncio.Future[None]]) -> None:
        """Close its input, which tells it to end; then ask its group, then end it."""
        writing = tasks[1]
        writing.cancel()
        await asyncio.wait({writing})
        if not await _gone(process):
            signal_group(process.pid, kill=False)
            await _gone(process)
        signal_group(process.pid, kill=True)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await asyncio.to_thread(discard_program, process)


async def _gone(process: Program) -> bool:
    until = anyio.current_time() + _PATIENCE
    while not has_ended(process.pid):
        if anyio.current_time() >= until:
            return False
        await asyncio.sleep(_GLANCE)
    return True


@asynccontextmanager
async def _reader(pipe: object, limit: int) -> AsyncGenerator[asyncio.StreamReader]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        yield reader
    finally:
        transport.close()


def _parsed(line: bytes) -> _Incoming:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as fault:
        return fault
