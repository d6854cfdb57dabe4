"""The one vocabulary of events: each is one fact about a session.

Durable events are lines of the journal and carry a sequence number. Ephemeral ones are only published, and
say after which durable event they came. Adding a variant here makes the type checker name every place that
must know it; TypeScript types are generated from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field, JsonValue

from postil.core.agent_types import AgentTypeInForce as AgentTypeInForce
from postil.core.changes import ChangesKept as ChangesKept
from postil.core.changes import EditIntent as EditIntent
from postil.core.changes import FileChanged as FileChanged
from postil.core.changes import LeftAlone as LeftAlone
from postil.core.changes import RewindStarted as RewindStarted
from postil.core.changes import Rewound as Rewound
from postil.core.compaction import Compacted as Compacted
from postil.core.compaction import CompactionFailed as CompactionFailed
from postil.core.compaction import CompactionStarted as CompactionStarted
from postil.core.compaction import ResultsFaded as ResultsFaded
from postil.core.delegation import Parent
from postil.core.delegation import SubagentFinished as SubagentFinished
from postil.core.delegation import SubagentStarted as SubagentStarted
from postil.core.effects import EffectClass, Returned, TodoItem, ToolKind
from postil.core.ephemeral import (
    CallProgress,
    ModelRetrying,
    SessionHalted,
    StageChanged,
    TextDelta,
    ThinkingDelta,
)
from postil.core.event import Event
from postil.core.findings import FindingApplying as FindingApplying
from postil.core.findings import FindingReported as FindingReported
from postil.core.findings import FindingSettled as FindingSettled
from postil.core.found import ToolsMatched as ToolsMatched
from postil.core.hooks import HookEnded as HookEnded
from postil.core.hooks import HookStarted as HookStarted
from postil.core.jobs import JobEnded as JobEnded
from postil.core.jobs import JobStarted as JobStarted
from postil.core.lost import Lost
from postil.core.messages import AssistantMessage, StopReason, Usage, Value
from postil.core.origin import Source
from postil.core.permits import GrantAdded as GrantAdded
from postil.core.permits import GrantRevoked as GrantRevoked
from postil.core.permits import PermissionAsked as PermissionAsked
from postil.core.permits import PermissionDecided as PermissionDecided
from postil.core.prefix import PrefixChanged as PrefixChanged
from postil.core.prompting import PromptQueued as PromptQueued
from postil.core.prompting import PromptReceived as PromptReceived
from postil.core.prompting import PromptSteered as PromptSteered
from postil.core.prompting import PromptTakenBack as PromptTakenBack
from postil.core.question import Question
from postil.core.remembered import MemoryInForce as MemoryInForce
from postil.core.renaming import SessionRenamed as SessionRenamed
from postil.core.seen import SeenPart
from postil.core.skills import SkillActivated as SkillActivated
from postil.core.skills import SkillsInForce as SkillsInForce
from postil.core.spending import Allowance
from postil.core.spending import ModelBrokeOff as ModelBrokeOff
from postil.core.spending import ModelCalled as ModelCalled
from postil.core.verification import ChecksFailed as ChecksFailed
from postil.core.verification import ChecksStarted as ChecksStarted
from postil.core.verification import EvidenceRecorded as EvidenceRecorded
from postil.core.verification import VerificationEnded as VerificationEnded

TurnEnd = Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled", "budget_exhausted", "failed", "interrupted"]  # fmt: skip
"""How a turn ends: the Agent Client Protocol's stop reasons, and three of our own."""

SHORT_ENDS: frozenset[str] = frozenset({"failed", "max_tokens", "max_turn_requests", "budget_exhausted"})
"""Ends before the work was done: the network, an error, a limit. Resuming goes on with it."""

CallOutcome = Literal["completed", "failed", "denied", "cancelled", "unknown", "not_run"]
"""How a call ends. `unknown`: it began, and nobody saw whether it finished. `not_run`: it never began."""


class Limits(Value):
    """The hard limits of a turn."""

    steps: int = 100
    """Model calls in one turn."""
    seconds: float = 3600.0
    """Wall-clock seconds in one turn, waiting for a person not counted."""
    turn: Allowance = Allowance()
    session: Allowance = Allowance()
    day: Allowance = Allowance()
    """Of all sessions of the user together."""
    fixed: tuple[str, ...] = ()
    """What the machine's file sets, such as `day.cost`: no answer raises it."""


# --- Durable -----------------------------------------------------------------------------------------------


class SessionCreated(Event):
    """The journal's first line."""

    type: Literal["SessionCreated"] = "SessionCreated"
    session_id: str
    roots: tuple[str, ...]
    face: str
    postil: str
    """The version of Postil that wrote it."""
    journal_format: int = 1
    parent: Parent | None = None
    """Of a sub-agent's session, the one that it works for."""


class ConfigurationInForce(Event):
    """What the session runs under, written at its start and whenever it changes."""

    type: Literal["ConfigurationInForce"] = "ConfigurationInForce"
    agent_type: str
    mode: str
    """The mode that the person has chosen."""
    held: str = ""
    """The mode that the agent type holds the session in beside that one: what either forbids is forbidden."""
    handed: tuple[str, ...] = ()
    """Of a sub-agent, the modes that hold above it: what any of them forbids is forbidden."""
    before: str = ""
    """The mode that plan mode was chosen in, to which leaving it goes back; empty means `default`."""
    model: str
    model_chosen: bool = False
    """Whether a person has chosen the model for this session; else it is the settings' at any time."""
    tools: tuple[str, ...]
    """The pool: calls of anything else are denied."""
    limits: Limits
    rules: tuple[str, ...] = ()
    """Rules given for this session, such as by `--allow`, in the order they were given."""
    trusted: bool = False
    """Whether the workspace is trusted, so that what it configures may run."""
    trust: str = ""
    """Why it is or is not, without a full stop."""
    cause: str
    """Why it is written: `session start`, `mode changed by person` and the like."""

    @property
    def modes(self) -> str:
        """The modes in force, in words."""
        others = [
            it for it in dict.fromkeys((self.held, *self.handed, self.mode)) if it not in ("", "default")
        ]
        if len(others) < 2:
            return others[0] if others else self.mode
        return f"{' and '.join(others)}, whichever is {'stricter' if len(others) == 2 else 'strictest'}"


class Routed(Event):
    """The turn starts: which agent type, model and pool of tools it was given, and why."""

    type: Literal["Routed"] = "Routed"
    turn_id: str
    agent_type: str
    model: str
    pool: tuple[str, ...]
    why: str


class ModelReplied(Event):
    """One whole reply of the model. Its calls are open from here."""

    type: Literal["ModelReplied"] = "ModelReplied"
    turn_id: str
    step: int
    """Counts from 1 within the turn."""
    model: str
    message: AssistantMessage
    usage: Usage
    stop_reason: StopReason
    cost: float | None = None
    """US dollars; None where the price is not known."""
    seconds: float
    attempts: int = 1
    request_id: str | None = None


class ModelFailed(Event):
    """A model call that gave up after its retries."""

    type: Literal["ModelFailed"] = "ModelFailed"
    turn_id: str
    step: int
    kind: str
    message: str
    mend: str = ""
    attempts: int = 1
    begun: bool = False
    """Whether the service had begun to answer: then what was set aside for the call stays counted as spent."""


class QuestionAsked(Event):
    """Something other than a permission waits for a person."""

    type: Literal["QuestionAsked"] = "QuestionAsked"
    turn_id: str | None
    call_id: str | None = None
    question: Question
    returned: Returned | None = None
    """What its call has come to already, where the question is about that."""


class QuestionAnswered(Event):
    """The one answer to a question that is not a permission; `option_id` is None where it was withdrawn."""

    type: Literal["QuestionAnswered"] = "QuestionAnswered"
    question_id: str
    option_id: str | None = None
    text: str = ""
    by: Literal["person", "nobody", "withdrawn"] = "person"
    face: str = ""


class CallStarted(Event):
    """The intent, written and synced before the effect."""

    type: Literal["CallStarted"] = "CallStarted"
    turn_id: str
    call_id: str
    tool: str
    kind: ToolKind
    title: str
    effect_class: EffectClass
    change_id: str | None = None
    edits: tuple[EditIntent, ...] = ()
    command: str | None = None
    cwd: str | None = None


class ProcessStarted(Event):
    """A child runs on behalf of a call; `started` (seconds since boot) tells it from a later owner of its id."""

    type: Literal["ProcessStarted"] = "ProcessStarted"
    call_id: str
    pid: int
    started: float


class CallFinished(Event):
    """The one end of a call, whatever happened, with what the model reads of it."""

    type: Literal["CallFinished"] = "CallFinished"
    turn_id: str
    call_id: str
    tool: str
    outcome: CallOutcome
    content: str
    sources: tuple[Source, ...] = ()
    """Where the content comes from; nothing where it is Postil's own words."""
    seconds: float = 0.0
    details: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    seen: tuple[SeenPart, ...] = ()
    """What the content shows of files."""


class TodoUpdated(Event):
    """The whole plan after a change."""

    type: Literal["TodoUpdated"] = "TodoUpdated"
    turn_id: str
    items: tuple[TodoItem, ...]


class TurnEnded(Event):
    """The one end of a turn."""

    type: Literal["TurnEnded"] = "TurnEnded"
    turn_id: str
    reason: TurnEnd
    message: str = ""
    """One sentence for the person where the reason alone does not say enough."""
    mend: str = ""
    steps: int = 0
    usage: Usage = Usage()
    cost: float | None = None
    seconds: float = 0.0


class SessionResumed(Event):
    """A process opened the session again."""

    type: Literal["SessionResumed"] = "SessionResumed"
    face: str
    postil: str
    clean: bool
    """Whether the last process had closed the session."""
    reason: str = ""
    """What is known of how the last process ended."""


class SessionClosed(Event):
    """The process closed the session on purpose."""

    type: Literal["SessionClosed"] = "SessionClosed"
    reason: str


class JournalRepaired(Event):
    """An end that cannot be read was left out: a torn one on opening, or what came after damage on salvaging."""

    type: Literal["JournalRepaired"] = "JournalRepaired"
    dropped_bytes: int
    kept_in: str
    """The file that holds what was left out."""
    lost: Lost | None = None
    """What is known of events that had been promised and are left out; None where none had been."""


Durable = (
    SessionCreated | ConfigurationInForce | PromptReceived | Routed | ToolsMatched | PrefixChanged | ModelCalled | ModelBrokeOff | ModelReplied
    | ModelFailed | PermissionAsked | PermissionDecided | GrantAdded | GrantRevoked | QuestionAsked | QuestionAnswered
    | CallStarted | ProcessStarted | FileChanged | CallFinished | TodoUpdated | TurnEnded | RewindStarted
    | Rewound | SessionResumed | SessionClosed | JournalRepaired | MemoryInForce | ResultsFaded | CompactionStarted
    | Compacted | CompactionFailed | AgentTypeInForce | HookStarted | HookEnded | SkillsInForce | SkillActivated
    | FindingReported | FindingApplying | FindingSettled | JobStarted | JobEnded
    | ChecksStarted | EvidenceRecorded | ChecksFailed | VerificationEnded | SubagentStarted | SubagentFinished
    | SessionRenamed | PromptQueued | PromptTakenBack | PromptSteered | ChangesKept
)  # fmt: skip
Ephemeral = TextDelta | ThinkingDelta | CallProgress | ModelRetrying | StageChanged | SessionHalted
AnyEvent = Durable | Ephemeral

durable_types: tuple[type[Event], ...] = get_args(Durable)
ephemeral_types: tuple[type[Event], ...] = get_args(Ephemeral)


class UnknownEvent(Event):
    """An event of a later version: kept as it is, folded as nothing."""

    type: Literal["UnknownEvent"] = "UnknownEvent"
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A durable event with its place in the journal."""

    seq: int
    """Counts from 1."""
    at: float
    """Seconds since the epoch; for people, never for order."""
    event: Durable | UnknownEvent


@dataclass(frozen=True, slots=True)
class Publication:
    """What a face is told: a recorded event, or an ephemeral one with the sequence number it came after."""

    session_id: str
    seq: int | None
    after: int
    event: AnyEvent | UnknownEvent
    above: str = ""
    """Of a sub-agent's session, the one that it works for and that passes this on; empty for a session of its own."""
    at: float | None = None
    """When a recorded event was, in seconds since the epoch."""
