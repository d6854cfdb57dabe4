"""Takes each message to its handler and sees to it that each request gets exactly one answer."""

import asyncio
import contextvars
import enum
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcMethodNotFound
from pygls.protocol import LanguageServerProtocol

from postil.lsp import envelope, handlers
from postil.lsp.client_requests import DEFAULT_TIMEOUT, ClientReplyError, ClientRequests
from postil.lsp.envelope import Fault, MessageId, Notification, Request, Response
from postil.lsp.typed_params import InvalidParamsError, is_request, structure_params, structure_result

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

    from postil.lsp.transport import Outbox

logger = logging.getLogger(__name__)

RawHandler = Callable[[dict[str, Any]], Any | Awaitable[Any]]


class Phase(enum.Enum):
    """How far the connection is; the specification says what may be asked in each."""

    NEW = enum.auto()
    INITIALIZING = enum.auto()
    READY = enum.auto()
    SHUT_DOWN = enum.auto()


class Dispatch(LanguageServerProtocol):
    """pygls' registrations and built-in methods, under a way in and out of our own."""

    def __init__(self, server: "LanguageServer", converter: "Converter") -> None:
        super().__init__(server, converter)
        # What is registered with pygls, which has no types for it.
        self.registered: Any = self.fm
        self.outbox: Outbox | None = None
        self.phase = Phase.NEW
        self.client_requests = ClientRequests(self.send)
        self._raw_handlers: dict[str, RawHandler] = {}
        self._running: dict[MessageId, asyncio.Future[Any]] = {}
        self._notified: set[asyncio.Future[Any]] = set()

    # In

    def receive(self, value: Any) -> None:
        """Handle one parsed message. Synchronous handlers have run when this returns; it never raises."""
        message = envelope.classify(value)
        match message:
            case Request():
                contextvars.copy_context().run(self._take_request, message)
            case Notification():
                contextvars.copy_context().run(self._take_notification, message)
            case Response():
                self.client_requests.settle(message)
            case Fault():
                logger.warning("a message was rejected: %s", message.text)
                self.send(envelope.error(message.id, message.code, message.text))

    def register_raw(self, method: str, handler: RawHandler) -> None:
        """Let a handler take this method with its plain params, as a request or a notification."""
        if method in self._raw_handlers:
            raise ValueError(f"{method} has a handler already")
        self._raw_handlers[method] = handler

    def _take_request(self, request: Request) -> None:
        self._ctx_msg_id.set(request.id)
        if (refusal := self._refusal(request)) is not None:
            self.send(envelope.error(request.id, *refusal))
            return
        if request.method == types.INITIALIZE:
            self.phase = Phase.INITIALIZING
        try:
            outcome = self._start(request.method, request.params)
        except Exception as exception:  # noqa: BLE001  whatever it is, it has to be answered
            self._answer_error(request, exception)
            return
        if isinstance(outcome, asyncio.Future):
            future = cast("asyncio.Future[Any]", outcome)
            self._running[request.id] = future
            future.add_done_callback(partial(self._answer_future, request))
        else:
            self._answer(request, outcome)

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        initialize = request.method == types.INITIALIZE
        if self.phase is Phase.SHUT_DOWN:
            return envelope.INVALID_REQUEST, "the server is shutting down"
        if self.phase is not Phase.READY and not (initialize and self.phase is Phase.NEW):
            return envelope.NOT_INITIALIZED, f"{request.method} came before initialize was answered"
        if initialize and self.phase is Phase.READY:
            return envelope.INVALID_REQUEST, "the server is initialized already"
        if request.id in self._running:
            return envelope.INVALID_REQUEST, "another request with this id is running"
        if request.method not in self._raw_handlers and is_request(request.method) is False:
            return envelope.INVALID_REQUEST, f"{request.method} is a notification"
        return None

    def _take_notification(self, notification: Notification) -> None:
        method = notification.method
        if method == types.CANCEL_REQUEST:
            self._cancel(notification.params)
            return
        if method != types.EXIT and self.phase is not Phase.READY:
            logger.info("dropped %s, which came too early or too late", method)
            return
        if method not in self._raw_handlers and is_request(method):
            logger.warning("dropped %s, which is a request and came without an id", method)
            return
        try:
            outcome = self._start(method, notification.params)
        except JsonRpcMethodNotFound:
            logger.log(
                logging.DEBUG if method.startswith("$/") else logging.INFO, "dropped unknown %s", method
            )
        except Exception as exception:  # noqa: BLE001
            self._report(method, exception)
        else:
            if isinstance(outcome, asyncio.Future):
                future = cast("asyncio.Future[Any]", outcome)
                self._notified.add(future)
                future.add_done_callback(partial(self._finish_notification, method))

    def _start(self, method: str, params: Any) -> Any:
        raw = self._raw_handlers.get(method)
        if raw is not None:
            params = params or {}  # None, and the [] that clients written in Lua send for {}
            if not isinstance(params, dict):
                raise InvalidParamsError(f"{method}: expected an object at params")
            return handlers.start(raw, (cast("dict[str, Any]", params),))
        handler = self._get_handler(method)
        return handlers.start(handler, (structure_params(self._converter, method, params),))

    def _cancel(self, params: Any) -> None:
        wanted = cast("dict[str, Any]", params).get("id") if isinstance(params, dict) else None
        running = self._running.get(wanted) if isinstance(wanted, str | int) else None
        if running is not None:
            running.cancel()

    def cancel_running(self, but: MessageId | None = None) -> None:
        """Cancel what the client asked for and has no answer to yet; each is answered as cancelled."""
        for message_id, future in list(self._running.items()):
            if message_id != but:
                future.cancel()
        for future in list(self._notified):
            future.cancel()

    # Answers

    def _answer_future(self, request: Request, future: "asyncio.Future[Any]") -> None:
        self._running.pop(request.id, None)
        if future.cancelled():
            self._settle_phase(request, succeeded=False)
            self.send(
                envelope.error(request.id, envelope.REQUEST_CANCELLED, f"{request.method} was cancelled")
            )
        elif (exception := future.exception()) is not None:
            self._answer_error(request, exception)
        else:
            self._answer(request, future.result())

    def _answer(self, request: Request, value: Any) -> None:
        try:
            self._put(envelope.result(request.id, value))
        except (TypeError, ValueError, RecursionError) as exception:
            self._answer_error(request, exception)
        else:
            self._settle_phase(request, succeeded=True)

    def _answer_error(self, request: Request, exception: BaseException) -> None:
        self._settle_phase(request, succeeded=False)
        code, text, data = self._explain(request.method, exception)
        try:
            self.send(envelope.error(request.id, code, text, data))
        except (TypeError, ValueError, RecursionError):
            logger.exception("the data of an error has no form in JSON")
            self.send(envelope.error(request.id, code, text))

    def _settle_phase(self, request: Request, *, succeeded: bool) -> None:
        if request.method == types.INITIALIZE and self.phase is Phase.INITIALIZING:
            self.phase = Phase.READY if succeeded else Phase.NEW

    def _explain(self, method: str, exception: BaseException) -> tuple[int, str, Any]:
        """Code, text and data for the client. What was not meant for it goes to the log: it may hold paths and texts."""
        if isinstance(exception, InvalidParamsError):
            return envelope.INVALID_PARAMS, str(exception), None
        if isinstance(exception, JsonRpcException) and not isinstance(exception, JsonRpcInternalError):
            return exception.code, exception.message, exception.data
        logger.error("%s failed", method, exc_info=exception)
        text = f"{method} failed ({type(exception).__name__}); the server's log says more"
        return envelope.INTERNAL_ERROR, text, None

    def _finish_notification(self, method: str, future: "asyncio.Future[Any]") -> None:
        self._notified.discard(future)
        if not future.cancelled() and (exception := future.exception()) is not None:
            self._report(method, exception)

    def _report(self, method: str, exception: BaseException) -> None:
        _, text, _ = self._explain(method, exception)
        params = {"type": types.MessageType.Error.value, "message": envelope.one_line(text)}
        self.send(envelope.call(types.WINDOW_LOG_MESSAGE, params))

    # Out

    def send(self, message: dict[str, Any]) -> None:
        """Send what the client waits for. It is always taken, and never waited for."""
        self._put(message)

    def try_notify(self, method: str, params: Any | None = None) -> bool:
        """Send a notification unless the client is behind; False says that it is, and that nothing was sent."""
        outbox = self.outbox
        if outbox is None or outbox.congested:
            return False
        return outbox.offer(self._encode(envelope.call(method, params)))

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification. A client that has not read for a very long time does not get it."""
        if self.outbox is not None and not self.outbox.offer(self._encode(envelope.call(method, params))):
            logger.warning("dropped %s: the client does not read", method)

    async def request(self, method: str, params: Any | None = None, timeout: float = DEFAULT_TIMEOUT) -> Any:
        """Ask the client; the typed result, or None where it is null. Raises ClientRequestError and nothing else."""
        result = await self.client_requests.request(method, params, timeout)
        try:
            return structure_result(self._converter, method, result)
        except Exception as exception:
            raise ClientReplyError(f"{method}: the client's result has the wrong shape") from exception

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MessageId | None = None,
    ) -> "Future[Any]":
        """pygls' form of `request`, for code of pygls that has no other."""
        future = asyncio.run_coroutine_threadsafe(self.request(method, params), asyncio.get_running_loop())
        if callback is not None:
            future.add_done_callback(lambda done: None if done.exception() else callback(done.result()))
        return future

    def send_request_async(
        self,
        method: str,
        params: Any | None = None,
        msg_id: MessageId | None = None,
    ) -> "asyncio.Future[Any]":
        """The same for pygls' `…_async` methods: what they ask gets the usual time limit."""
        return asyncio.ensure_future(self.request(method, params))

    def _put(self, message: dict[str, Any]) -> None:
        if self.outbox is not None:
            self.outbox.put(self._encode(message))

    def _encode(self, message: dict[str, Any]) -> bytes:
        return envelope.encode(message, self._serialize_message)

    def _serialize_message(self, data: Any) -> Any:
        if hasattr(data, "__attrs_attrs__"):
            return self._converter.unstructure(data)
        if isinstance(data, enum.Enum):
            return data.value
        raise TypeError(f"{type(data).__name__} has no form in JSON")
