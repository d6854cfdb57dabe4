"""Errors as the protocol has them: one sentence on what happened, one on what to do, and never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from acp.exceptions import RequestError

from postil.core.errors import ModelError, PostilError, ProtocolError, UsageError
from postil.core.revealing import revealed

log = logging.getLogger(__name__)

AUTH_REQUIRED, NOT_FOUND, INVALID, FAILED = -32000, -32002, -32602, -32603
_P = ParamSpec("_P")
_T = TypeVar("_T")


def fault(error: PostilError) -> RequestError:
    """Return an error of Postil's as the client gets it."""
    match error:
        case ModelError(kind="missing_key"):
            code = AUTH_REQUIRED
        case UsageError():
            code = INVALID
        case ProtocolError():
            code = NOT_FOUND
        case _:
            code = FAILED
    return RequestError(code, revealed(str(error)))


def answering(
    method: Callable[_P, Coroutine[Any, Any, _T]],
) -> Callable[_P, Coroutine[Any, Any, _T]]:
    """Let a method of the protocol raise Postil's own errors; of any other the client learns that there was one."""

    @wraps(method)
    async def answered(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return await method(*args, **kwargs)
        except RequestError:
            raise
        except PostilError as error:
            raise fault(error) from error
        except Exception as error:
            log.exception("%s", method.__name__)
            words = f"Something inside Postil failed ({type(error).__name__}). The log has the details."
            raise RequestError(FAILED, words) from error

    return answered
