"""Tasks that tell each time they are suspended, so that a test can act at the n-th such point."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any

Watcher = Callable[[str], None]
"""Told the name of the coroutine whose task was suspended, each time."""


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine around another."""

    def __init__(self, inner: Coroutine[Any, Any, Any], watcher: Watcher) -> None:
        self._inner = inner
        self._watcher = watcher
        self.__qualname__ = getattr(inner, "__qualname__", type(inner).__name__)
        self.__name__ = getattr(inner, "__name__", self.__qualname__)

    def send(self, value: Any) -> Any:
        waits_for = self._inner.send(value)
        self._watcher(self.__qualname__)
        return waits_for

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Any:
        waits_for = self._inner.throw(typ if val is None else val)
        self._watcher(self.__qualname__)
        return waits_for

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()


def count_tasks(loop: asyncio.AbstractEventLoop, watcher: Watcher) -> None:
    """Make every new task of the loop tell the watcher of its suspensions."""

    def factory(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(Counted(coroutine, watcher), loop=loop, **options)

    loop.set_task_factory(factory)
