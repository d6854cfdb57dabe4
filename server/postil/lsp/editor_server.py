"""The server process: one client on stdin and stdout, from the first frame to the exit status."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from postil.lsp import lifetime
from postil.lsp.client_requests import DEFAULT_TIMEOUT
from postil.lsp.dispatch import Phase, RawHandler
from postil.lsp.lifetime import ClientWatch, HardStop, StopReason
from postil.lsp.protocol import CommandHandler, EditorProtocol, WorkProgress
from postil.lsp.text_document import OpenDocuments
from postil.lsp.transport import Channel
from postil.lsp.typed_params import make_converter

if TYPE_CHECKING:
    from pygls.server import ServerErrors

logger = logging.getLogger(__name__)

# Of the seconds until the hard stop, the share that the server's own clean-up may take.
_CLEANUP_SHARE = 0.7
_FLUSH_SECONDS = 0.5


class EditorServer(LanguageServer):
    """A language server on our own transport. Features are registered as with pygls; subclasses fill the two hooks."""

    def __init__(self, name: str, version: str, *, grace_seconds: float = lifetime.GRACE_SECONDS) -> None:
        # At INFO, pygls writes every message to the log.
        logging.getLogger("pygls").setLevel(logging.WARNING)
        super().__init__(name, version, protocol_cls=EditorProtocol, converter_factory=make_converter)  # pyright: ignore[reportUnknownMemberType]
        self._editor = cast("EditorProtocol", self.protocol)
        self._grace_seconds = grace_seconds
        self._hard_stop = HardStop(grace_seconds)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Future[StopReason] | None = None
        self._watching = False

    # Hooks

    async def on_stop(self, reason: StopReason) -> None:
        """Clean up before the process ends. Runs once, whatever the reason, and has about two seconds."""

    def complete_capabilities(self, capabilities: types.ServerCapabilities) -> None:
        """Add to the capabilities what pygls has no place for; called while `initialize` is answered."""

    # Registration

    def register(self, method: str, handler: RawHandler) -> None:
        """Let a handler, plain or async, take a method with its params as a dict and give back a JSON value."""
        self._editor.register_raw(method, handler)

    def register_command(self, name: str, handler: CommandHandler) -> None:
        """Let a handler, plain or async, take a command with its arguments as a list and give back a JSON value."""
        self._editor.register_command(name, handler)

    # What the client has and gets

    @property
    def documents(self) -> OpenDocuments:
        """What the editor has open. There is none before `initialize`, when no handler runs."""
        documents = self._editor.documents
        if documents is None:
            raise RuntimeError("there are no documents before initialize")
        return documents

    @property
    def work_done_progress(self) -> WorkProgress:
        """The client's display of work that takes a while."""
        return self._editor.work_progress

    @property
    def congested(self) -> bool:
        """Whether the client reads more slowly than we publish; `drained` waits until it has caught up."""
        outbox = self._editor.outbox
        return outbox is not None and outbox.congested

    async def drained(self) -> None:
        """Wait until the client has caught up, or is gone."""
        if self._editor.outbox is not None:
            await self._editor.outbox.drained()

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification that the client must not miss, however far behind it is."""
        self._editor.notify(method, params)

    def try_notify(self, method: str, params: Any | None = None) -> bool:
        """Send a notification unless the client is behind; False says that it is, and that nothing was sent."""
        return self._editor.try_notify(method, params)

    async def request(self, method: str, params: Any | None = None, timeout: float = DEFAULT_TIMEOUT) -> Any:
        """Ask the client; the typed result, or None where it is null. Raises ClientRequestError and nothing else."""
        return await self._editor.request(method, params, timeout)

    def report_server_error(self, error: Exception, source: "ServerErrors") -> None:
        """pygls would open a window in the editor; what can be said to the client, the dispatch has said."""
        logger.error("pygls reports %s", source.__name__, exc_info=error)

    # Life

    def serve(self, channel: Channel) -> int:
        """Serve one client until it leaves; the exit status for the process."""
        with asyncio.Runner() as runner:
            return runner.run(self._serve(channel))

    def stop(self, reason: StopReason) -> None:
        """Begin the end; only the first reason counts. Any thread may call it."""
        self._hard_stop.arm()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop_on_loop, reason)

    def watch_client(self, process_id: int) -> None:
        """Stop when this process ends."""
        if not self._watching:
            self._watching = True
            ClientWatch(process_id, lambda: self.stop("client_died")).start()

    def stop_after_exit(self) -> None:
        """The client said `exit`."""
        self._stop_on_loop("exit")

    def _stop_on_loop(self, reason: StopReason) -> None:
        if self._stopping is None or self._stopping.done():
            return
        if reason != "signal":
            self._hard_stop.exit_code = 0 if self._editor.phase is Phase.SHUT_DOWN else 1
        self._hard_stop.arm()
        self._stopping.set_result(reason)

    def _stop_on_signal(self, number: int) -> None:
        self._hard_stop.exit_code = 128 + number
        self.stop("signal")

    async def _serve(self, channel: Channel) -> int:
        self._loop = asyncio.get_running_loop()
        with lifetime.woken_by_signals(self._loop):
            return await self._serve_on(self._loop, channel)

    async def _serve_on(self, loop: asyncio.AbstractEventLoop, channel: Channel) -> int:
        self._stopping = loop.create_future()
        self._hard_stop.stand_by()
        lifetime.on_signals(self._stop_on_signal)
        self._editor.outbox = channel.outbox
        channel.outbox.attach(loop, lambda: self.stop("output_closed"))
        channel.on_end_of_input(self._hard_stop.arm)
        channel.inbox.attach(loop, self._editor.receive, lambda: self.stop("end_of_input"))
        reason = await self._stopping
        logger.info("stopping: %s", reason)
        await self._wind_down(reason, channel)
        return self._hard_stop.exit_code

    async def _wind_down(self, reason: StopReason, channel: Channel) -> None:
        self._editor.client_requests.close()
        try:
            async with asyncio.timeout(self._grace_seconds * _CLEANUP_SHARE):
                await self.on_stop(reason)
        except TimeoutError:
            logger.error("the clean-up did not end in time")  # noqa: TRY400  there is nothing more to say
        except Exception:
            logger.exception("the clean-up failed")
        self._editor.cancel_running()
        # One turn for the cancelled to be answered. Waiting for the thread then blocks nobody: all else is over.
        await asyncio.sleep(0.01)
        channel.outbox.close(_FLUSH_SECONDS)
