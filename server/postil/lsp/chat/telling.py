"""The events of a session as the turns of a chat document, each with its reply."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.event import Event
from postil.core.question import Question
from postil.lsp.chat.reply import Reply
from postil.lsp.chat.rows import Places


class Telling:
    """A session's turns, each with its reply."""

    def __init__(self, places: Places) -> None:
        self.replies: list[Reply] = []
        self.seq = 0
        """Of the last event that is in it."""
        self._places = places
        self._by_turn: dict[str, Reply] = {}

    def of_turn(self, turn_id: str) -> Reply | None:
        """Return a turn's reply."""
        return self._by_turn.get(turn_id)

    def numbered(self, number: int | None) -> Reply | None:
        """Return the reply of the turn of that number."""
        return self.replies[number - 1] if number is not None and 0 < number <= len(self.replies) else None

    def apply(self, event: Event, at: float, seq: int | None = None) -> Reply | None:
        """Take an event; returns the reply that it belongs to. One that is in it already changes nothing."""
        if seq is not None:
            if seq <= self.seq:
                return None
            self.seq = seq
        if isinstance(event, ev.PromptReceived):
            reply = Reply(len(self.replies) + 1, event, self._places)
            self.replies.append(reply)
            self._by_turn[event.turn_id] = reply
            return reply
        if isinstance(event, ev.Rewound):
            return self._rewound(event)
        reply = self._concerned(event)
        if reply is not None and not reply.end:
            reply.apply(event, at)
        return reply

    def _rewound(self, event: ev.Rewound) -> Reply | None:
        """Take the turns back before which the conversation is now; returns the first of them."""
        first = self._by_turn.get(event.turn_id) if event.turn_id is not None else None
        for it in self.replies[first.number - 1 :] if first is not None else ():
            it.take_back()
        return first

    def ask(self, question: Question) -> None:
        """Ask what a sub-agent has open, unless it stands there already."""
        reply = self._open()
        if reply is not None and not any(question.id in it.questions for it in self.replies):
            reply.ask(question)

    def below(self, event: Event, at: float) -> Reply | None:
        """Take what a sub-agent's session publishes: its questions, and their answers."""
        if isinstance(event, ev.PermissionAsked | ev.QuestionAsked):
            reply = self._open()
        else:
            reply = self._asking(event)
        if reply is not None:
            reply.apply(event, at)
        return reply

    def _concerned(self, event: Event) -> Reply | None:
        turn_id = getattr(event, "turn_id", None)
        if isinstance(turn_id, str):
            return self._by_turn.get(turn_id)
        return self._asking(event) if isinstance(event, ev.QuestionAnswered) else self._open()

    def _asking(self, event: Event) -> Reply | None:
        question_id = getattr(event, "question_id", None)
        return next((it for it in self.replies if question_id in it.questions), None)

    def _open(self) -> Reply | None:
        """Return the reply in progress: the first that has not ended."""
        return next((it for it in self.replies if not it.end), None)
