"""JSON-RPC envelopes: what kind of message a JSON value is, and the messages that we send."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
NOT_INITIALIZED: Final = -32002
REQUEST_CANCELLED: Final = -32800

MessageId = str | int
_LONGEST_TEXT: Final = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that cannot be handled as a message. It is answered: with its id where that could be read."""

    code: int
    text: str
    id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A call that gets exactly one answer."""

    id: MessageId
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Notification:
    """A call that gets none."""

    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Response:
    """The client's answer to a request of ours; `error` is None for a good one."""

    id: MessageId | None
    result: Any
    error: "ErrorReply | None"


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """What the client said instead of a result."""

    code: int
    message: str
    data: Any = None


Message = Request | Notification | Response | Fault


def classify(value: Any) -> Message:
    """Name the kind of a JSON value; never raises."""
    if isinstance(value, Fault):
        return value
    if isinstance(value, list):
        return Fault(INVALID_REQUEST, "batches are not part of the language server protocol")
    if not isinstance(value, dict):
        return Fault(INVALID_REQUEST, "a message must be a JSON object")
    message = cast("dict[str, Any]", value)
    if "method" not in message and ("result" in message or "error" in message):
        return _response(message)
    return _call(message)


def _call(message: dict[str, Any]) -> Message:
    message_id = _id(message)
    method = message.get("method")
    if not isinstance(method, str):
        return Fault(INVALID_REQUEST, "a message needs a method, which is a string", message_id)
    if message.get("jsonrpc") != "2.0":
        return Fault(INVALID_REQUEST, 'a message needs "jsonrpc": "2.0"', message_id)
    if "id" not in message:
        return Notification(method, message.get("params"))
    if message_id is None:
        return Fault(INVALID_REQUEST, "the id of a request must be a string or an integer")
    return Request(message_id, method, message.get("params"))


def _response(message: dict[str, Any]) -> Response:
    error = message.get("error")
    if error is None:
        return Response(_id(message), message.get("result"), None)
    details = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    code = details.get("code")
    text = details.get("message", error)
    reply = ErrorReply(
        code if isinstance(code, int) else INTERNAL_ERROR, one_line(str(text)), details.get("data")
    )
    return Response(_id(message), None, reply)


def _id(message: dict[str, Any]) -> MessageId | None:
    value = message.get("id")
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def one_line(text: str) -> str:
    """A text fit for an error message: its first line, of bearable length."""
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    return line if len(line) <= _LONGEST_TEXT else line[:_LONGEST_TEXT] + "…"


def call(method: str, params: Any, message_id: MessageId | None = None) -> dict[str, Any]:
    """A request (with an id) or a notification. Absent params are left out: some clients reject `null`."""
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if message_id is not None:
        message["id"] = message_id
    if params is not None:
        message["params"] = params
    return message


def result(message_id: MessageId, value: Any) -> dict[str, Any]:
    """A good answer."""
    return {"jsonrpc": "2.0", "id": message_id, "result": value}


def error(message_id: MessageId | None, code: int, text: str, data: Any = None) -> dict[str, Any]:
    """An error answer; the text is cut to one line."""
    details: dict[str, Any] = {"code": code, "message": one_line(text)}
    if data is not None:
        details["data"] = data
    return {"jsonrpc": "2.0", "id": message_id, "error": details}


def encode(message: dict[str, Any], default: Callable[[Any], Any]) -> bytes:
    """A message as one frame. Raises TypeError or ValueError for what JSON cannot say."""
    text = json.dumps(message, default=default, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        body = text.encode()
    except UnicodeEncodeError:
        # Lone surrogates have no UTF-8, but JSON can escape them.
        body = json.dumps(message, default=default, allow_nan=False, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
