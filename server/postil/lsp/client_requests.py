"""Requests to the client: each ends by an answer, a time limit or the end of the connection, whatever the client does."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Any, Final

from postil.lsp import envelope
from postil.lsp.envelope import ErrorReply, MessageId, Response

logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT: Final = 30.0

Send = Callable[[dict[str, Any]], None]


class ClientRequestError(Exception):
    """A request to the client brought no usable result. Its four kinds are below; most callers treat them alike."""


class ClientRefusedError(ClientRequestError):
    """The client answered with an error."""

    def __init__(self, reply: ErrorReply) -> None:
        super().__init__(f"the client refused: {reply.message} ({reply.code})")
        self.reply = reply


class ClientTimeoutError(ClientRequestError):
    """The client did not answer in time; it has been told that no answer is wanted any more."""


class ClientReplyError(ClientRequestError):
    """The client's result is not of the type that the method promises."""


class ClientGoneError(ClientRequestError):
    """The connection ended before an answer."""


class ClientRequests:
    """The requests that wait for the client's answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._ids = itertools.count(1)
        self._waiting: dict[MessageId, asyncio.Future[Any]] = {}
        self._closed = False

    async def request(self, method: str, params: Any, timeout: float) -> Any:
        """Send a request and give its raw result, which may be None."""
        if self._closed:
            raise ClientGoneError(f"{method}: the connection is closed")
        message_id = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # Sent first: what cannot be written fails here, and was never waited for.
        self._send(envelope.call(method, params, message_id))
        self._waiting[message_id] = answer
        try:
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError as error:
            raise ClientTimeoutError(f"{method}: no answer within {timeout:g} s") from error
        finally:
            # Still waiting here means that nobody wants the answer any more: the limit passed, or the caller was cancelled.
            if self._waiting.pop(message_id, None) is not None and not self._closed:
                self._send(envelope.call("$/cancelRequest", {"id": message_id}))

    def settle(self, response: Response) -> None:
        """Pass on an answer. One that nobody waits for is late or made up, and dropped."""
        answer = self._waiting.pop(response.id, None) if response.id is not None else None
        if answer is None or answer.done():
            logger.debug("dropped an answer that nobody waits for: id %r", response.id)
        elif response.error is not None:
            answer.set_exception(ClientRefusedError(response.error))
        else:
            answer.set_result(response.result)

    def close(self) -> None:
        """End every wait: the client is gone, or about to go."""
        self._closed = True
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(ClientGoneError("the connection is closed"))
