"""What a person is told of a conversation that became shorter: the same words in every face."""

from __future__ import annotations

from postil.core.compaction import Compacted, CompactionFailed, CompactionStarted, ResultsFaded
from postil.core.meter import dollars, short

_CAUSES = {
    "person": "",
    "window": ", before it fills the model's window",
    "limit": ", so that the next call fits the limit",
    "between turns": ", while nobody waits",
}


def begun(event: CompactionStarted) -> str:
    """Return that it has begun, and why."""
    return f"Compacting the conversation, {short(event.tokens)} tokens{_CAUSES[event.cause]}."


def done(event: Compacted) -> str:
    """Return what it came to, and what that cost."""
    cost = f" ({dollars(event.cost)})" if event.cost is not None else ""
    return f"Compacted: {short(event.before)} to {short(event.after)} tokens{cost}."


def failed(event: CompactionFailed) -> str:
    """Return why it did not work."""
    words = f"Not compacted: {event.message} {event.mend}".rstrip()
    return words if event.reason != "failed" else f"{words} The conversation is as it was."


def faded(event: ResultsFaded) -> str:
    """Return how many results are shown by reference from here on."""
    count = len(event.results)
    return f"{count} old result{'' if count == 1 else 's'} faded: {short(event.tokens)} tokens less in each request."
