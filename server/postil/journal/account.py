"""What became of each call and of each rewind, gathered from the journal alone: who asked, what was wanted, decided and done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from postil.core import events as ev
from postil.core.event_codec import encode
from postil.core.messages import ToolCall


@dataclass(slots=True)
class Account:
    """One call, with the events that are of it; each `Recorded` says where in the journal it stands."""

    number: int
    """Counts the session's calls from 1."""
    call: ToolCall
    replied: ev.Recorded
    """The model's reply that asks for it."""
    prompted: ev.Recorded
    routed: ev.Recorded | None
    mode: str = ""
    """The permission mode when it was asked for."""
    trusted: bool = False
    """Whether the workspace was trusted then."""
    called: ev.Recorded | None = None
    """The call of the model that the reply answers, with what was projected for it."""
    matched: list[ev.Recorded] = field(default_factory=list[ev.Recorded])
    """Searches for tools earlier in the turn that found its tool."""
    steps: list[ev.Recorded] = field(default_factory=list[ev.Recorded])
    """Questions, decisions, grants, starts, processes, sub-agents and changes, in order."""
    finished: ev.Recorded | None = None

    def as_data(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "call": self.number,
            "callId": self.call.id,
            "wanted": {"tool": self.call.name, "input": self.call.input},
            "mode": self.mode,
            "trusted": self.trusted,
            "prompted": _data(self.prompted),
            "routed": _data(self.routed),
            "called": _data(self.called),
            "repliedSeq": self.replied.seq,
            "matched": [_data(it) for it in self.matched],
            "steps": [_data(it) for it in self.steps],
            "finished": _data(self.finished),
        }


@dataclass(slots=True)
class WentBack:
    """A rewind: changes that a person took back, and files that stayed."""

    number: int
    """Counts the session's rewinds from 1."""
    started: ev.Recorded
    changes: list[ev.Recorded] = field(default_factory=list[ev.Recorded])
    """What really happened to files, in order."""
    ended: ev.Recorded | None = None

    def as_data(self) -> dict[str, Any]:
        """Return all of it for programs."""
        return {
            "rewind": self.number,
            "started": _data(self.started),
            "changes": [_data(it) for it in self.changes],
            "ended": _data(self.ended),
        }


_OF_CALL = (
    ev.PermissionAsked, ev.PermissionDecided, ev.QuestionAsked, ev.CallStarted, ev.ProcessStarted, ev.FileChanged,
    ev.HookStarted, ev.HookEnded,
    ev.SubagentStarted, ev.SubagentFinished,
)  # fmt: skip


class Ledger:
    """Follows a session and keeps an account of every call."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self._prompts: dict[str, ev.Recorded] = {}
        self._routes: dict[str, ev.Recorded] = {}
        self._matches: dict[str, list[ev.Recorded]] = {}
        self._called: ev.Recorded | None = None
        self._mode = ""
        self._trusted = False
        self._open: dict[str, Account] = {}
        """By id; a later call of the same id takes the place of one that is over."""
        self._asked: dict[str, Account] = {}
        """By the id of a question."""
        self.rewinds: list[WentBack] = []

    @property
    def everything(self) -> list[Account | WentBack]:
        """The accounts and the rewinds in the order of the journal."""
        return sorted([*self.accounts, *self.rewinds], key=_begun)

    def take(self, record: ev.Recorded) -> None:
        """Go on by one event."""
        event = record.event
        if isinstance(event, ev.ConfigurationInForce):
            self._mode, self._trusted = event.modes, event.trusted
        elif isinstance(event, ev.PromptReceived):
            self._prompts[event.turn_id] = record
        elif isinstance(event, ev.Routed):
            self._routes[event.turn_id] = record
        elif isinstance(event, ev.ToolsMatched):
            self._matches.setdefault(event.turn_id, []).append(record)
        elif isinstance(event, ev.ModelCalled):
            self._called = record
        elif isinstance(event, ev.ModelReplied):
            self._wanted(event, record)
            self._called = None
        elif isinstance(event, ev.RewindStarted):
            self.rewinds.append(WentBack(len(self.rewinds) + 1, record))
        elif isinstance(event, ev.Rewound) or (isinstance(event, ev.FileChanged) and event.rewind_id):
            self._went_back(record)
        elif isinstance(event, ev.CallFinished):
            account = self._open.pop(event.call_id, None)
            if account is not None:
                account.finished = record
        else:
            self._step(record)

    def _wanted(self, event: ev.ModelReplied, record: ev.Recorded) -> None:
        prompted = self._prompts.get(event.turn_id)
        if prompted is None:
            return
        matches = self._matches.get(event.turn_id, ())
        for call in event.message.calls:
            account = Account(
                number=len(self.accounts) + 1,
                call=call,
                replied=record,
                prompted=prompted,
                routed=self._routes.get(event.turn_id),
                mode=self._mode,
                trusted=self._trusted,
                called=self._called,
                matched=[it for it in matches if call.name in getattr(it.event, "hits", ())],
            )
            self.accounts.append(account)
            self._open[call.id] = account

    def _went_back(self, record: ev.Recorded) -> None:
        event = record.event
        rewind_id = getattr(event, "rewind_id", None)
        last = next((it for it in reversed(self.rewinds) if _rewind_id(it) == rewind_id), None)
        if last is not None and isinstance(event, ev.FileChanged):
            last.changes.append(record)
        elif last is not None:
            last.ended = record

    def _step(self, record: ev.Recorded) -> None:
        event = record.event
        account = None
        if isinstance(event, _OF_CALL):
            account = self._open.get(event.call_id or "")
            if account is not None and isinstance(event, ev.PermissionAsked | ev.QuestionAsked):
                self._asked[event.question.id] = account
        elif isinstance(event, ev.GrantAdded | ev.QuestionAnswered):
            account = self._asked.get(event.question_id or "")
        if account is not None:
            account.steps.append(record)


def ledger(records: Iterable[ev.Recorded]) -> Ledger:
    """Return an account of every call, in the order in which the model asked for them, and every rewind."""
    kept = Ledger()
    for record in records:
        kept.take(record)
    return kept


def _begun(it: Account | WentBack) -> tuple[int, int]:
    return (it.replied.seq, it.number) if isinstance(it, Account) else (it.started.seq, 0)


def _rewind_id(rewind: WentBack) -> str | None:
    event = rewind.started.event
    return event.rewind_id if isinstance(event, ev.RewindStarted) else None


def _data(record: ev.Recorded | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"seq": record.seq, "at": record.at, **encode(record.event)}
