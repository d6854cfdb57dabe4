"""How often a server that does not stay is started: three times as it is used, then after a rest that grows."""

from __future__ import annotations

from collections.abc import Callable

AT_ONCE = 3
"""Starts in a row that a use of the server brings about without a rest."""
HEALTHY = 60.0
"""Seconds of being there after which earlier failures no longer count."""
_REST = 30.0
_LONGEST_REST = 600.0


class Rests:
    """Of one server."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` is in seconds."""
        self._now = now
        self._failures = 0
        self._until = 0.0
        self._ready_at: float | None = None

    def ready(self) -> None:
        """Take note that it is there."""
        if self._ready_at is None:
            self._ready_at = self._now()

    def failed(self) -> None:
        """Take note that it did not start, or ended by itself."""
        now = self._now()
        if self._ready_at is not None and now - self._ready_at >= HEALTHY:
            self._failures = 0
        self._ready_at = None
        self._failures += 1
        self._until = now + min(_REST * 2.0 ** (self._failures - 1), _LONGEST_REST)

    def forget(self) -> None:
        """Take note that a person wants it started, or that it was ended on purpose."""
        self._failures, self._until, self._ready_at = 0, 0.0, None

    @property
    def over(self) -> bool:
        """Whether it may be started unasked."""
        return self._now() >= self._until

    @property
    def use_starts(self) -> bool:
        """Whether a use of it may start it."""
        return self._failures < AT_ONCE or self.over

    def told(self) -> str:
        """Return what is to be said of it beside why it failed; empty where a use starts it."""
        if self.use_starts:
            return ""
        left = max(1, round(self._until - self._now()))
        return f"it failed {self._failures} times in a row, and is tried again in {left} s at the earliest"
