"""What always holds of prompts that wait: each is sent, joins a turn or is taken back, once."""

from __future__ import annotations

from collections.abc import Iterator

from postil.core import events as ev


class WaitingPrompts:
    """Follows the prompts of one session and says what cannot have happened."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()
        self._gone: set[str] = set()

    def received(self, event: ev.PromptReceived) -> None:
        """A turn begins with one, whether it waited or not."""
        self._leave(event.turn_id)

    def queued(self, event: ev.PromptQueued) -> Iterator[str]:
        """One waits, or waits otherwise."""
        if event.id in self._gone:
            yield f"prompt {event.id} waits after it was sent or taken back"
        self._waiting.add(event.id)

    def taken_back(self, event: ev.PromptTakenBack) -> Iterator[str]:
        """One is not sent."""
        yield from self._gone_now(event.prompt_id, "is taken back")

    def steered(self, event: ev.PromptSteered) -> Iterator[str]:
        """One joins the turn in progress."""
        yield from self._gone_now(event.prompt.turn_id, "joins a turn")

    def _gone_now(self, prompt_id: str, what: str) -> Iterator[str]:
        if prompt_id not in self._waiting:
            yield f"prompt {prompt_id} {what} and does not wait"
        self._leave(prompt_id)

    def _leave(self, prompt_id: str) -> None:
        self._waiting.discard(prompt_id)
        self._gone.add(prompt_id)
