"""What every event is."""

from __future__ import annotations

from postil.core.messages import Value


class Event(Value):
    """One fact. `v` is the version of its variant's shape; older ones are raised when read."""

    v: int = 1
