"""The prompts that were sent from a chat document and wait for the turn in progress."""

from __future__ import annotations

from urllib.parse import unquote

from postil.core.event import Event
from postil.core.events import PromptQueued, PromptReceived, PromptSteered, PromptTakenBack


class Waits:
    """The prompts that were sent from a document and wait: their words stand nowhere in it."""

    def __init__(self, uri: str) -> None:
        self._uri = unquote(uri)
        self._words: dict[str, str] = {}

    def note(self, event: Event) -> str:
        """Take an event of the session; returns the words that wait no longer and were not sent."""
        match event:
            case PromptQueued():
                anchor = event.prompt.anchor
                if anchor is not None and unquote(anchor.uri) == self._uri:
                    self._words[event.id] = event.prompt.text
            case PromptTakenBack():
                return self._words.pop(event.prompt_id, "")
            case PromptReceived():
                self._words.pop(event.turn_id, None)
            case PromptSteered():
                self._words.pop(event.prompt.turn_id, None)
            case _:
                pass
        return ""
