"""What always holds between the events of a session, whatever happened to it; each breach is one sentence."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from postil.core import events as ev
from postil.core.event import Event
from postil.core.question import Question
from postil.journal.waiting_prompts import WaitingPrompts


@dataclass(slots=True)
class _Call:
    tool: str
    through: str = ""
    """What the model called for it; journals of earlier versions name that."""
    decision: str = ""
    fingerprint: str = ""
    starts: list[ev.CallStarted] = field(default_factory=list[ev.CallStarted])
    finished: bool = False
    lost: bool = False
    """Whether what came of it is missing."""


@dataclass(slots=True)
class _Turn:
    routed: bool = False
    ended: bool = False
    step: int = 0
    calls: dict[str, _Call] = field(default_factory=dict[str, _Call])
    """Of the step in progress: ids are the model's own, and may come again."""

    @property
    def open_calls(self) -> list[str]:
        return [key for key, call in self.calls.items() if not call.finished]


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    turn_id: str | None
    call_id: str | None
    fingerprint: str = ""


class Structure:
    """Follows a session event by event and says what cannot have happened."""

    def __init__(self, session_id: str | None = None) -> None:
        self._session_id = session_id
        self._created = False
        self._turns: dict[str, _Turn] = {}
        self._asked: dict[str, _Asked] = {}
        self._answered: set[str] = set()
        self._hooks: dict[str, bool] = {}
        """Those that began, by id, and whether they have ended."""
        self._subagents: dict[str, ev.SubagentStarted] = {}
        """Those at work, by their sessions."""
        self._known_subagents: set[str] = set()
        self._delegating: set[tuple[str, str]] = set()
        """The calls that had a sub-agent, by turn and id."""
        self._rewind: ev.RewindStarted | None = None
        self._compaction: ev.CompactionStarted | None = None
        self._findings: set[str] = set()
        self._jobs: dict[str, bool] = {}
        """Whether each has ended."""
        self._applying: ev.FindingApplying | None = None
        self._waiting = WaitingPrompts()
        self._handlers: dict[type[Event], Callable[[Any], Iterator[str]]] = {
            ev.PromptReceived: self._prompted,
            ev.PromptQueued: self._waiting.queued,
            ev.PromptTakenBack: self._waiting.taken_back,
            ev.PromptSteered: self._steered,
            ev.Routed: self._routed,
            ev.ModelReplied: self._replied,
            ev.ChecksStarted: self._checks_started,
            ev.PermissionAsked: self._permission_asked,
            ev.PermissionDecided: self._decided,
            ev.GrantAdded: self._granted,
            ev.QuestionAsked: self._question_asked,
            ev.QuestionAnswered: self._question_answered,
            ev.CallStarted: self._started,
            ev.ProcessStarted: self._process_started,
            ev.FileChanged: self._file_changed,
            ev.CallFinished: self._finished,
            ev.SubagentStarted: self._subagent_started,
            ev.SubagentFinished: self._subagent_finished,
            ev.TurnEnded: self._turn_ended,
            ev.RewindStarted: self._rewind_started,
            ev.Rewound: self._rewound,
            ev.JournalRepaired: self._repaired,
            ev.HookStarted: self._hook_started,
            ev.HookEnded: self._hook_ended,
            ev.CompactionStarted: self._compaction_started,
            ev.Compacted: self._compaction_ended,
            ev.CompactionFailed: self._compaction_ended,
            ev.FindingReported: self._found,
            ev.FindingApplying: self._finding_applied,
            ev.FindingSettled: self._finding_settled,
            ev.JobStarted: self._job_started,
            ev.JobEnded: self._job_ended,
        }

    def take(self, event: ev.Durable) -> Iterator[str]:
        """Go on by one event and yield what is wrong with its coming here."""
        if isinstance(event, ev.SessionCreated):
            if self._created:
                yield "the session is created a second time"
            elif self._session_id is not None and event.session_id != self._session_id:
                yield f"it is of session {event.session_id}"
        elif not self._created:
            yield "the session was not created before it"
        self._created = True
        handler = self._handlers.get(type(event))
        if handler is not None:
            yield from handler(event)

    def _prompted(self, event: ev.PromptReceived) -> Iterator[str]:
        if event.turn_id in self._turns:
            yield f"turn {event.turn_id} is asked for a second time"
            return
        self._turns[event.turn_id] = _Turn()
        self._waiting.received(event)

    def _steered(self, event: ev.PromptSteered) -> Iterator[str]:
        turn = yield from self._turn(event.turn_id)
        yield from self._waiting.steered(event)
        if turn is not None and (turn.open_calls or not turn.routed):
            yield f"a prompt joins turn {event.turn_id} where no message can"

    def _routed(self, event: ev.Routed) -> Iterator[str]:
        turn = yield from self._turn(event.turn_id)
        if turn is not None:
            if turn.routed:
                yield f"turn {event.turn_id} starts a second time"
            turn.routed = True

    def _replied(self, event: ev.ModelReplied) -> Iterator[str]:
        turn = yield from self._turn(event.turn_id)
        if turn is None:
            return
        if not turn.routed:
            yield f"the model replies in turn {event.turn_id} before the turn starts"
        if event.step != turn.step + 1:
            yield f"step {event.step} follows step {turn.step} of turn {event.turn_id}"
        if turn.open_calls:
            yield f"the model replies before call {turn.open_calls[0]} has ended"
        turn.step = event.step
        turn.calls = {it.id: _Call(it.meant.name, it.name) for it in event.message.written}

    def _checks_started(self, event: ev.ChecksStarted) -> Iterator[str]:
        turn = yield from self._turn(event.turn_id)
        if turn is None:
            return
        if turn.open_calls:
            yield f"checks are started before call {turn.open_calls[0]} has ended"
        turn.calls = {it.call_id: _Call("shell") for it in event.checks}

    def _permission_asked(self, event: ev.PermissionAsked) -> Iterator[str]:
        yield from self._call(event.turn_id, event.call_id)
        yield from self._ask(event, event.fingerprint)

    def _question_asked(self, event: ev.QuestionAsked) -> Iterator[str]:
        yield from self._ask(event, "")

    def _ask(self, event: ev.PermissionAsked | ev.QuestionAsked, fingerprint: str) -> Iterator[str]:
        question = event.question
        if question.id in self._asked:
            yield f"question {question.id} is asked a second time"
        self._asked[question.id] = _Asked(question, event.turn_id, event.call_id, fingerprint)

    def _decided(self, event: ev.PermissionDecided) -> Iterator[str]:
        call = yield from self._call(event.turn_id, event.call_id)
        if event.by == "person":
            yield from self._by_person(event)
        if event.question_id is not None:
            yield from self._answer(event.question_id)
        if call is not None:
            call.decision, call.fingerprint = event.decision, event.fingerprint

    def _by_person(self, event: ev.PermissionDecided) -> Iterator[str]:
        asked = self._asked.get(event.question_id or "")
        if asked is None:
            yield f"a person decides call {event.call_id} without having been asked"
        elif (asked.turn_id, asked.call_id, asked.fingerprint) != (
            event.turn_id,
            event.call_id,
            event.fingerprint,
        ):
            yield f"the person was asked about something else than call {event.call_id}"
        elif event.option_id not in {option.id for option in asked.question.options}:
            yield f"question {event.question_id} had no answer {event.option_id!r}"

    def _granted(self, event: ev.GrantAdded) -> Iterator[str]:
        if event.question_id is not None and event.question_id not in self._asked:
            yield f"grant {event.grant_id} comes of a question that was never asked"

    def _question_answered(self, event: ev.QuestionAnswered) -> Iterator[str]:
        yield from self._answer(event.question_id)

    def _answer(self, question_id: str) -> Iterator[str]:
        if question_id not in self._asked:
            yield f"question {question_id} is answered and was never asked"
        elif question_id in self._answered:
            yield f"question {question_id} is answered a second time"
        self._answered.add(question_id)

    def _started(self, event: ev.CallStarted) -> Iterator[str]:
        call = yield from self._call(event.turn_id, event.call_id)
        if call is None:
            return
        if call.decision != "allow":
            had = "it was denied" if call.decision else "nobody had decided it"
            yield f"call {event.call_id} starts although {had}"
        if event.tool not in (call.tool, call.through):
            yield f"call {event.call_id} wanted {call.tool} and starts {event.tool}"
        call.starts.append(event)

    def _process_started(self, event: ev.ProcessStarted) -> Iterator[str]:
        calls = [it.calls[event.call_id] for it in self._turns.values() if event.call_id in it.calls]
        if not any(call.starts and not call.finished for call in calls):
            yield f"a process starts for call {event.call_id}, which is not running"

    def _file_changed(self, event: ev.FileChanged) -> Iterator[str]:
        intents: Sequence[ev.CallStarted | ev.RewindStarted]
        if event.rewind_id is not None:
            rewind = yield from self._open_rewind(event.rewind_id)
            if rewind is None:
                return
            intents = [rewind]
        elif event.call_id is None:
            edit = self._applying.edit if self._applying is not None else None
            if edit is None or self._applying is None or self._applying.change_id != event.change_id:
                yield f"{event.path} is changed by no call, no rewind and no finding"
            elif edit.path != event.path or (edit.after is None) != (event.after is None):
                yield f"{event.path} is changed against the intent of its finding"
            return
        else:
            call = yield from self._call(event.turn_id or "", event.call_id or "")
            if call is None:
                return
            if event.subagent:
                # Its intent is on the sub-agent's own record.
                if (event.turn_id, event.call_id) not in self._delegating:
                    yield f"{event.path} is changed by a sub-agent that call {event.call_id} had not begun"
                return
            intents = [it for it in call.starts if it.change_id == event.change_id]
        edits = [edit for it in intents for edit in it.edits if edit.path == event.path]
        if not edits:
            yield f"{event.path} is changed without an intent before it"
        elif all((edit.after is None) != (event.after is None) for edit in edits):
            yield f"{event.path} is {'deleted' if event.after is None else 'written'} against its intent"

    def _finished(self, event: ev.CallFinished) -> Iterator[str]:
        call = yield from self._call(event.turn_id, event.call_id)
        if call is None:
            return
        call.finished = True
        for it in self._subagents.values():
            if (it.turn_id, it.call_id) == (event.turn_id, event.call_id):
                yield f"call {event.call_id} ends while its sub-agent {it.session_id} works"
        never = not call.starts and not (call.lost and event.outcome == "unknown")
        if event.outcome in ("completed", "unknown") and never:
            yield f"call {event.call_id} is {event.outcome} and never started"
        if event.outcome == "denied" and call.decision != "deny":
            yield f"call {event.call_id} ends as denied, and nobody had denied it"

    def _subagent_started(self, event: ev.SubagentStarted) -> Iterator[str]:
        call = yield from self._call(event.turn_id, event.call_id)
        if call is not None and not any(it.effect_class == "agent" for it in call.starts):
            yield f"a sub-agent starts for call {event.call_id}, which had started none"
        if event.session_id in self._known_subagents:
            yield f"sub-agent {event.session_id} starts a second time"
        self._known_subagents.add(event.session_id)
        self._delegating.add((event.turn_id, event.call_id))
        self._subagents[event.session_id] = event

    def _subagent_finished(self, event: ev.SubagentFinished) -> Iterator[str]:
        started = self._subagents.pop(event.session_id, None)
        if started is None:
            yield f"sub-agent {event.session_id} has not started, or has ended"
        elif (started.turn_id, started.call_id) != (event.turn_id, event.call_id):
            yield f"sub-agent {event.session_id} ends for another call than it began for"

    def _turn_ended(self, event: ev.TurnEnded) -> Iterator[str]:
        turn = yield from self._turn(event.turn_id)
        if turn is not None:
            for call_id in turn.open_calls:
                yield f"turn {event.turn_id} ends, and call {call_id} never did"
            turn.ended = True

    def _rewind_started(self, event: ev.RewindStarted) -> Iterator[str]:
        if self._rewind is not None:
            yield f"rewind {event.rewind_id} starts before rewind {self._rewind.rewind_id} has ended"
        for turn_id, turn in self._turns.items():
            if not turn.ended:
                yield f"rewind {event.rewind_id} starts while turn {turn_id} is open"
        self._rewind = event

    def _rewound(self, event: ev.Rewound) -> Iterator[str]:
        yield from self._open_rewind(event.rewind_id)
        self._rewind = None

    def _compaction_started(self, event: ev.CompactionStarted) -> Iterator[str]:
        if self._compaction is not None:
            yield f"compaction {event.compaction_id} starts before {self._compaction.compaction_id} has ended"
        self._compaction = event

    def _compaction_ended(self, event: ev.Compacted | ev.CompactionFailed) -> Iterator[str]:
        started, self._compaction = self._compaction, None
        if started is None or started.compaction_id != event.compaction_id:
            yield f"compaction {event.compaction_id} has not started, or has ended"
        elif isinstance(event, ev.Compacted) and event.upto != started.upto:
            yield f"compaction {event.compaction_id} is of other messages than it began with"

    def _hook_started(self, event: ev.HookStarted) -> Iterator[str]:
        if event.hook_id in self._hooks:
            yield f"hook {event.hook_id} starts a second time"
        self._hooks[event.hook_id] = False

    def _hook_ended(self, event: ev.HookEnded) -> Iterator[str]:
        if self._hooks.get(event.hook_id) is None:
            yield f"hook {event.hook_id} ends and never started"
        elif self._hooks[event.hook_id]:
            yield f"hook {event.hook_id} ends a second time"
        self._hooks[event.hook_id] = True

    def _job_started(self, event: ev.JobStarted) -> Iterator[str]:
        call = yield from self._call(event.turn_id, event.call_id)
        if call is not None and not call.starts:
            yield f"job {event.job_id} starts for call {event.call_id}, which is not running"
        if event.job_id in self._jobs:
            yield f"job {event.job_id} starts a second time"
        self._jobs[event.job_id] = False

    def _job_ended(self, event: ev.JobEnded) -> Iterator[str]:
        if self._jobs.get(event.job_id, True):
            yield f"job {event.job_id} has not started, or has ended"
        self._jobs[event.job_id] = True

    def _found(self, event: ev.FindingReported) -> Iterator[str]:
        yield from self._call(event.turn_id, event.call_id)
        if event.finding.id in self._findings:
            yield f"finding {event.finding.id} is reported a second time"
        self._findings.add(event.finding.id)

    def _finding_applied(self, event: ev.FindingApplying) -> Iterator[str]:
        if self._applying is not None:
            yield f"finding {event.finding_id} is applied before finding {self._applying.finding_id} is settled"
        if event.finding_id not in self._findings:
            yield f"finding {event.finding_id} was never reported"
        self._applying = event

    def _finding_settled(self, event: ev.FindingSettled) -> Iterator[str]:
        if event.finding_id not in self._findings:
            yield f"finding {event.finding_id} was never reported"
        applied = self._applying is not None and self._applying.finding_id == event.finding_id
        if event.how != "dismissed" and not applied:
            yield f"finding {event.finding_id} is {event.how} and nobody had begun to apply it"
        if applied:
            self._applying = None

    def _repaired(self, event: ev.JournalRepaired) -> Iterator[str]:
        for turn in self._turns.values() if event.lost is not None else ():
            for call in turn.calls.values():
                call.lost = not call.finished
        yield from ()

    def _open_rewind(self, rewind_id: str) -> Generator[str, None, ev.RewindStarted | None]:
        """Return the rewind where it is open; yield what is wrong where it is not."""
        if self._rewind is None or self._rewind.rewind_id != rewind_id:
            yield f"rewind {rewind_id} has not started, or has ended"
            return None
        return self._rewind

    def _turn(self, turn_id: str) -> Generator[str, None, _Turn | None]:
        """Return the turn where it is open; yield what is wrong where it is not."""
        turn = self._turns.get(turn_id)
        if turn is None:
            yield f"nobody had asked for turn {turn_id}"
        elif turn.ended:
            yield f"turn {turn_id} had ended"
            turn = None
        return turn

    def _call(self, turn_id: str, call_id: str) -> Generator[str, None, _Call | None]:
        """Return the call where it is open; yield what is wrong where it is not."""
        turn = yield from self._turn(turn_id)
        call = turn.calls.get(call_id) if turn is not None else None
        if turn is not None and call is None:
            yield f"the model had not asked for call {call_id}"
        elif call is not None and call.finished:
            yield f"call {call_id} had ended"
            call = None
        return call
