"""Runs one handler of any kind: what is synchronous is done at once and in order, the rest becomes a task."""

import asyncio
import inspect
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, cast

from pygls.constants import ATTR_EXECUTE_IN_THREAD

Handler = Callable[..., Any]
Step = tuple[Handler, Sequence[Any], Mapping[str, Any] | None]


def start(handler: Handler, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
    """Call a handler; give its value, or a future for it.

    Document changes are synchronous, so that a request sees every change that was sent before it. pygls' own handlers are
    generators that yield the user's handler for the same method; they are driven here in the same way.
    """
    if inspect.isgeneratorfunction(handler):
        return _advance(handler(*args, **(kwargs or {})), None)
    if getattr(handler, ATTR_EXECUTE_IN_THREAD, False):
        return asyncio.ensure_future(asyncio.to_thread(handler, *args, **(kwargs or {})))
    value = handler(*args, **(kwargs or {}))
    return asyncio.ensure_future(value) if inspect.isawaitable(value) else value


def _advance(generator: Generator[Step, Any, Any], value: Any) -> Any:
    while True:
        try:
            handler, args, kwargs = generator.send(value)
        except StopIteration as stop:
            return stop.value
        value = start(handler, args, kwargs)
        if isinstance(value, asyncio.Future):
            return _finish_later(generator, cast("asyncio.Future[Any]", value))


def _finish_later(
    generator: Generator[Step, Any, Any], waiting: "asyncio.Future[Any]"
) -> "asyncio.Task[Any]":
    task = asyncio.ensure_future(_resume(generator, waiting))
    # A task that is cancelled before its first step never reaches the await that would pass the cancel on.
    task.add_done_callback(lambda done: waiting.cancel() if done.cancelled() else None)
    return task


async def _resume(generator: Generator[Step, Any, Any], waiting: "asyncio.Future[Any]") -> Any:
    value = _advance(generator, await waiting)
    return await cast("asyncio.Future[Any]", value) if isinstance(value, asyncio.Future) else value
