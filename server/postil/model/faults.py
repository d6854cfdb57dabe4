"""From what went wrong with the service to an error with a sentence that a person can use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from postil.core.errors import ModelError, ModelErrorKind

_LONGEST = 300
_KEY = re.compile(r"\b(sk|key)-[\w-]{8,}")
_OVERFLOW = re.compile(
    r"prompt is too long|exceeds? (the )?(available )?context|exceed_context_size|context (size|window|length) "
    r"(was |is )?exceeded|maximum context length|input is too long",
    re.IGNORECASE,
)
CHANGE_KEY = 'Run "postil key set" with a valid key, or check ANTHROPIC_API_KEY.'


@dataclass(frozen=True, slots=True)
class _Known:
    kind: ModelErrorKind
    what: str
    mend: str = ""
    retryable: bool = False
    detail: bool = True
    """Whether the service's own words help."""


_RATE = _Known("rate_limit", "The service limits how much you may send ({status})", "Wait a little.", True)
_OVERLOADED = _Known(
    "overloaded", "The service is overloaded ({status})", "Try again later.", True, detail=False
)
_SERVER = _Known("server", "The service had an error ({status})", "Try again later.", retryable=True)
_TIMEOUT = _Known("timeout", "The service took too long ({status})", "Try again.", retryable=True)
_KEY_REFUSED = _Known("authentication", "The key was not accepted ({status})", CHANGE_KEY, detail=False)
_BILLING = _Known(
    "billing", "The account cannot be charged ({status})", "Check plan and credit of the account."
)
_FORBIDDEN = _Known(
    "permission", "The key may not do this ({status})", "Check what the key is allowed to use."
)
_MISSING = _Known(
    "not_found", "The service does not know this ({status})", "Check the model's name and the address."
)
_INVALID = _Known("invalid_request", "The service refused the request ({status})")
_TOO_LONG = _Known(
    "context_overflow",
    "The conversation is longer than the model can read ({status})",
    "Compact it, or start anew.",
)

_BY_TYPE = {
    "authentication_error": _KEY_REFUSED,
    "billing_error": _BILLING,
    "permission_error": _FORBIDDEN,
    "not_found_error": _MISSING,
    "request_too_large": _TOO_LONG,
    "exceed_context_size_error": _TOO_LONG,
    "rate_limit_error": _RATE,
    "timeout_error": _TIMEOUT,
    "overloaded_error": _OVERLOADED,
    "api_error": _SERVER,
    "invalid_request_error": _INVALID,
}
_BY_STATUS = {
    401: _KEY_REFUSED,
    402: _BILLING,
    403: _FORBIDDEN,
    404: _MISSING,
    408: _TIMEOUT,
    409: _SERVER,
    413: _TOO_LONG,
    429: _RATE,
    504: _TIMEOUT,
    529: _OVERLOADED,
}


def from_status(status: int, body: object, headers: Mapping[str, str]) -> ModelError:
    """Return the error for an answer with an error status."""
    kind, words = _said(body)
    if kind == "invalid_request_error" and status >= 500:
        kind = ""  # the status decides where they do not agree
    known = _BY_STATUS.get(status) or _BY_TYPE.get(kind) or (_SERVER if status >= 500 else _INVALID)
    if status < 500 and (_OVERFLOW.search(words) or _BY_TYPE.get(kind) is _TOO_LONG):
        known = _TOO_LONG
    error = _error(known, str(status), words)
    error.retry_after = _retry_after(headers)
    wish = headers.get("x-should-retry")
    if wish in {"true", "false"}:
        error.retryable = wish == "true"
    return error


def from_error(event: dict[str, Any]) -> ModelError:
    """Return the error for an `error` event in the middle of a stream."""
    kind, words = _said(event)
    known = _BY_TYPE.get(kind, _SERVER)
    if _OVERFLOW.search(words):
        known = _TOO_LONG
    return _error(known, kind or "error", words)


def from_exception(error: Exception, idle: float) -> ModelError:
    """Return the error for an exception of the SDK or of its HTTP library."""
    import anthropic  # noqa: PLC0415 (loaded by now; never at the start)
    import httpx2  # noqa: PLC0415

    if isinstance(error, anthropic.APIStatusError):
        return from_status(error.status_code, error.body, error.response.headers)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError):
        return _broken(
            "connection", "The service cannot be reached", "Check the network and the address.", cause
        )
    if isinstance(cause, httpx2.TimeoutException):
        return ModelError(
            "timeout", f"The service sent nothing for {idle:g} s.", "Try again.", retryable=True,
            begun=isinstance(cause, httpx2.ReadTimeout),
        )  # fmt: skip
    if isinstance(cause, httpx2.TransportError | OSError):
        broken = _broken("connection", "The connection to the service broke", "Try again.", cause)
        # It broke while an answer was waited for: the whole request may be with the service, and be worked on.
        broken.begun = isinstance(cause, httpx2.ReadError | httpx2.RemoteProtocolError)
        return broken
    if isinstance(error, anthropic.AnthropicError | TypeError):
        return ModelError("missing_key", f"The credentials cannot be used: {_line(str(error))}.", CHANGE_KEY)
    return _broken("connection", "The service's answer cannot be used", "Check the address.", error)


def _broken(kind: ModelErrorKind, what: str, mend: str, cause: BaseException | None) -> ModelError:
    words = _line(str(cause or "")) or type(cause).__name__
    return ModelError(kind, f"{what}: {words}.", mend, retryable=True)


def _error(known: _Known, mark: str, words: str) -> ModelError:
    message = known.what.format(status=mark)
    words = _line(words) if known.detail else ""
    message += f": {words}." if words else "."
    return ModelError(known.kind, message, known.mend, retryable=known.retryable)


def _said(body: object) -> tuple[str, str]:
    """Return type and words of an error body, in whatever dialect it is."""
    error: object = cast("dict[str, Any]", body).get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = cast("dict[str, Any]", error)
        return str(error.get("type") or ""), str(error.get("message") or "")
    return "", str(error or "")


def _line(words: str) -> str:
    """Make foreign words one short line without keys and without its full stop."""
    line = _KEY.sub("…", " ".join(words.split()))
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return line.removesuffix(".")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, scale in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers[name]) / scale)
        except (KeyError, ValueError):
            continue
    return None
