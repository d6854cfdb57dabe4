"""What `postil audit show` says of the calls of the model: what they began with, what was projected, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postil.cli.figures import counted
from postil.context.sections import STABLE
from postil.core import shortening_words as words
from postil.core.event import Event
from postil.core.events import (
    Compacted,
    CompactionFailed,
    ModelCalled,
    ModelReplied,
    PrefixChanged,
    Recorded,
    ResultsFaded,
    UnknownEvent,
)
from postil.core.fold import fold
from postil.core.meter import dollars
from postil.core.revealing import one_line


def request_lines(records: Sequence[Recorded]) -> Iterator[str]:
    """Yield a line for each beginning that requests had, and one for each model: how good the estimates were."""
    for record in records:
        event = record.event
        if isinstance(event, PrefixChanged):
            sections = event.changed or sorted(event.digests, key=_place)
            digests = (one_line(f"{name} {event.digests.get(name, 'gone')}") for name in sections)
            yield f"Prefix  step {event.step}: {one_line(event.why)} ({', '.join(digests)})  [{record.seq}]"
        elif isinstance(event, ResultsFaded | Compacted | CompactionFailed):
            yield f"Context {_told(event)}  [{record.seq}]"
    calls = [it.event for it in records if isinstance(it.event, ModelCalled)]
    workflow = fold(records).workflow
    for model, known in workflow.calibration.items():
        own = [it for it in calls if it.model == model]
        exact = sum(it.projection.exact for it in own)
        off = (
            f"estimates off by {known.error:.0%} on average, {known.worst:.0%} at most"
            if known.samples > 1
            else ""
        )
        said = (counted(len(own), "call"), f"{exact:,} counted by the service", off)
        yield f"Calls   {one_line(model)}: {', '.join(it for it in said if it)}"


def _told(event: ResultsFaded | Compacted | CompactionFailed) -> str:
    match event:
        case ResultsFaded():
            return words.faded(event)
        case Compacted():
            return words.done(event)
        case CompactionFailed():
            return one_line(words.failed(event))


def _place(name: str) -> int:
    """Return where a section stands; one of a later version stands last."""
    return STABLE.index(name) if name in STABLE else len(STABLE)


def projected(event: ModelCalled, replied: Event | UnknownEvent) -> str:
    """Return what was projected for a call, and how far the service's own count was from it."""
    it = event.projection
    how = "counted" if it.exact else "estimated"
    said = [f"{it.input:,} tokens in, {how}", f"at most {it.output:,} out"]
    if it.cost is not None:
        said.append(f"at most {dollars(it.cost)}")
    if isinstance(replied, ModelReplied) and replied.usage.total_input:
        read = replied.usage.total_input
        said.append(f"then {read:,} in ({(it.input - read) / read:+.0%}), {replied.usage.output:,} out")
    return "; ".join(said)
