"""What a model says in the step in progress: no record has it yet, and who comes later has not heard it."""

from __future__ import annotations

from itertools import groupby

from postil.core.ephemeral import ModelRetrying, TextDelta, ThinkingDelta
from postil.core.event import Event
from postil.core.events import ModelFailed, ModelReplied, TurnEnded

_Said = TextDelta | ThinkingDelta


class Saying:
    """The pieces of one session's running reply."""

    def __init__(self) -> None:
        self._said: list[_Said] = []

    def note(self, event: Event) -> None:
        """Take note of what was published."""
        if isinstance(event, _Said):
            self._said.append(event)
        elif isinstance(event, ModelReplied | ModelFailed | ModelRetrying | TurnEnded):
            self._said.clear()  # It is on record, or is said anew.

    @property
    def now(self) -> tuple[_Said, ...]:
        """The running reply so far, as few pieces as there can be."""
        runs = [list(run) for _, run in groupby(self._said, type)]
        return tuple(run[0].model_copy(update={"text": "".join(it.text for it in run)}) for run in runs)
