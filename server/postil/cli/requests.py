"""What `postil audit show` says of the requests to the model: what they began with, and when that became something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from postil.core.events import PrefixChanged, Recorded
from postil.core.revealing import one_line


def prefix_lines(records: Iterable[Recorded]) -> Iterator[str]:
    """Yield a line for each beginning that requests had, with the event that says so."""
    for record in records:
        event = record.event
        if isinstance(event, PrefixChanged):
            sections = event.changed or tuple(event.digests)
            digests = ", ".join(f"{name} {event.digests.get(name, 'gone')}" for name in sections)
            yield f"Prefix  step {event.step}: {one_line(event.why)} ({one_line(digests)})  [{record.seq}]"
