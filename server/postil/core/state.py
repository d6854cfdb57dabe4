"""What a session is: the conversation (what the model sees) and the workflow.

The two are never mixed: no workflow fact is read back from the conversation's text, and neither holds the
other. One session owns its state and changes it only through `fold.apply`; `fold` of the journal gives the same.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from postil.core import events as ev
from postil.core.compaction import Compaction, FadedResult
from postil.core.conversation import MessageList, Messages
from postil.core.delegation import Parent, Subagent
from postil.core.effects import Returned, TodoItem
from postil.core.finding import OpenFinding
from postil.core.found import LateTool
from postil.core.hooks import HookMark
from postil.core.jobs import Job
from postil.core.keyed import Keyed
from postil.core.lost import Lost
from postil.core.messages import Remark, ToolCall, Usage, Value
from postil.core.mutable import Mutable
from postil.core.question import Question, QuestionKind
from postil.core.seen import SeenText, ShownPart
from postil.core.skills import ActiveSkill
from postil.core.spending import Allowance, Calibration, Spent
from postil.core.trail import ChangeList, Changes, DecisionList, Decisions, MarkList, Marks, ReadMark
from postil.core.verification import Evidence

CallStatus = Literal["open", "asking", "decided", "started", "finished"]


class Conversation(Mutable):
    """What was said, in order, and what of it the model is shown otherwise."""

    messages: Messages = Field(default_factory=MessageList)
    faded: tuple[FadedResult, ...] = ()
    compactions: tuple[Compaction, ...] = ()
    """The last one is in force; those before it are where a rewind goes back to."""

    @property
    def start(self) -> int:
        """How many messages, from the first, are not shown any more."""
        return self.compactions[-1].upto if self.compactions else 0


class CallState(Mutable):
    """A call of the step in progress."""

    call: ToolCall
    """As it is meant."""
    through: str = ""
    """The tool that the model called for it; empty where it called this one by its name."""
    turn_id: str
    step: int
    status: CallStatus = "open"
    fingerprint: str | None = None
    """Of what was asked about or decided."""
    marks: Keyed[str] = Field(default_factory=dict)
    """What the last question about it was asked on, by what a person calls it."""
    decision: Literal["allow", "deny"] | None = None
    by: Literal["rule", "person", "nobody"] | None = None
    why: str = ""
    question_id: str | None = None
    intent: ev.CallStarted | None = None
    pid: int | None = None
    pid_started: float | None = None
    outcome: ev.CallOutcome | None = None
    lost: bool = False
    """Whether the record was cut while it was open: it may have begun, and ended, since."""
    answer: str | None = None
    """What a person answered to the call's own question."""
    returned: Returned | None = None
    """What its tool has returned, where questions about that came after."""
    references: tuple[str, ...] = ()
    """Tools that it has found, which its result refers to."""
    check: str = ""
    """The check that it runs, where Postil has asked for it and no reply."""
    held: str = ""
    """The mode that it is held in beside the session's."""
    choices: dict[QuestionKind, Keyed[str]] = Field(default_factory=dict)
    """What was chosen, by kind and subject of each question about the call; empty where nobody chose."""
    input: dict[str, JsonValue] | None = None
    """What a hook has put in the place of its input; None where none did."""
    inputs: int = 0
    """How often hooks did so."""
    remarks: tuple[Remark, ...] = ()
    """What hooks said of it before it ended."""

    @property
    def as_wanted(self) -> ToolCall:
        """The call with the input that it has by now."""
        return self.call if self.input is None else self.call.model_copy(update={"input": self.input})


class OpenQuestion(Mutable):
    """A question that waits for its one answer."""

    question: Question
    turn_id: str | None
    call_id: str | None = None
    seq: int = 0


class Verifying(Mutable):
    """What is known of whether the files are as some evidence saw them."""

    touched: int = 0
    """The last event that may have changed files: an edit, or a command that is not known to have changed none."""
    doubted: tuple[str, int] | None = None
    """The call of that event, and what `touched` was before it, to which it goes back where the call changed nothing."""
    commanded: int = 0
    """The last event by which a command may have changed files; 0 where none may have."""
    evidence: tuple[Evidence, ...] = ()
    """The newest of each check."""
    declined: tuple[str, ...] = ()
    """Commands of checks that a person denied: they are not asked about again."""

    def fresh(self, check: str) -> Evidence | None:
        """Return what a check told since files were last changed; None where there is nothing."""
        return next((it for it in self.evidence if it.event.check == check and it.seq > self.touched), None)


class TurnState(Mutable):
    """A turn that was asked for and has not ended."""

    id: str
    prompt: ev.PromptReceived
    routed: bool = False
    steps: int = 0
    last_stop: str | None = None
    """The stop reason of the last reply, None before the first."""
    failure: ev.ModelFailed | None = None
    usage: Usage = Usage()
    cost: float | None = 0.0
    spent: Spent = Spent()
    """What counts against limits: calls in progress, and those that nobody saw the end of, in full."""
    raised: Allowance | None = None
    """Limits of this turn that a person raised."""
    ended_by_limit: str = ""
    """What was short when a person chose to end the turn at a limit; empty where nobody did."""
    ended_by_hook: str = ""
    """Why a hook ends the turn; empty where none does."""
    continued: int = 0
    """How often a hook had it go on when it was about to end."""
    remarks: tuple[Remark, ...] = ()
    """What hooks said of its prompt before it began."""
    joining: tuple[Remark, ...] = ()
    """What hooks said of the prompt that is to join it next."""
    started_at: float = 0.0
    edited: int = 0
    """The event of its last edit, 0 where there is none."""
    commanded: int = 0
    """The event by which a command of it last may have changed files, 0 where there is none."""
    rounds: int = 0
    """How often checks were started."""
    tried: tuple[str, ...] = ()
    """Checks that were started since the model spoke last."""
    told: int = 0
    """The event by which the model was last told of checks that failed."""
    told_times: int = 0
    judged: bool = False
    """Whether it is on record that its edits are verified, or that they are not, as they are now."""

    @property
    def unjudged(self) -> bool:
        """Whether files were or may have been changed of which it is not said yet whether that is verified."""
        return bool(self.edited or self.commanded) and not self.judged


class LastCall(Value):
    """The session's newest call of the model."""

    event: ev.ModelCalled
    at: float
    spent: Spent
    """What counts for it: set aside while it is open, then used."""
    open: bool = True


class Grant(Mutable):
    """A lasting permission that a person gave."""

    id: str
    rule: str
    scope: Literal["session", "workspace"]
    at: float
    seq: int = 0
    """Of its event."""
    uses: int = 0
    used_at: float = 0.0
    """When it was last used, 0 where it never was."""


class Workflow(Mutable):
    """Where the work stands: open turns, calls and questions, grants, plan, changes, usage."""

    session_id: str = ""
    roots: tuple[str, ...] = ()
    created_at: float = 0.0
    updated_at: float = 0.0
    title: str = ""
    """The first prompt's first line, or what a person calls the session."""
    parent: Parent | None = None
    """Of a sub-agent, the session that it works for."""
    configuration: ev.ConfigurationInForce | None = None
    agent: ev.AgentTypeInForce | None = None
    """The agent type that it was begun as; None in records of earlier versions, which knew one."""
    memory: ev.MemoryInForce | None = None
    """What is in every request from its start to its end; None where there was nothing to remember."""
    skills: ev.SkillsInForce | None = None
    """What skills it has from its start to its end; None where there are none."""
    active: dict[str, ActiveSkill] = {}
    """The skills that were loaded in this conversation, by name."""
    prefix: ev.PrefixChanged | None = None
    """What the session's last request began with; None before the first."""
    restricted_since: int | None = None
    """The event from which on the workspace is not trusted; None while it is."""
    read: tuple[ReadMark, ...] = ()
    """What the conversation holds of others' words, each source once."""
    seen: Keyed[SeenText] = {}
    """What the model has seen of files, by path: it replaces no text that it has not seen as a whole."""
    showing: Keyed[SeenText] = {}
    """What it will have seen when it replies next: calls of one reply were written before any of their results."""
    shown: Keyed[tuple[ShownPart, ...]] = {}
    """Where in the conversation it still finds the text of files, by path."""
    found: tuple[LateTool, ...] = ()
    """Tools that were searched for and found, in the order of the searches."""
    findings: tuple[OpenFinding, ...] = ()
    """What was reported and is not settled, in the order of the reports."""
    applying: ev.FindingApplying | None = None
    """The mend of a finding that has begun to be put in, and of which nobody has said whether it was."""
    jobs: tuple[Job, ...] = ()
    """Commands in the background: those that run, and the last that have ended."""
    turns: list[TurnState] = []
    """The turn in progress first, then those that were asked for while it was being stopped."""
    queue: tuple[ev.PromptQueued, ...] = ()
    """Prompts that wait, in the order in which they were written."""
    calls: dict[str, CallState] = {}
    """Calls of the step in progress, by id, in the order asked."""
    hooks: dict[str, HookMark] = {}
    """The hooks of the turn and the step in progress that were begun, by their keys."""
    questions: dict[str, OpenQuestion] = {}
    grants: list[Grant] = []
    subagents: tuple[Subagent, ...] = ()
    """Those that work or worked for it, in the order in which they began."""
    todo: tuple[TodoItem, ...] = ()
    changes: Changes = Field(default_factory=ChangeList)
    marks: Marks = Field(default_factory=MarkList)
    undone: list[str] = []
    """The changes that were taken back whole, by their ids."""
    kept: list[str] = []
    """The changes that a person has looked at and keeps, by their ids."""
    kept_files: list[tuple[str, str]] = []
    """Those of which some files are kept: each by its id, with a file."""
    lost: Lost | None = None
    """What is known of events that are missing; None where none are."""
    lost_at: int = 0
    """The event that says they are."""
    decisions: Decisions = Field(default_factory=DecisionList)
    verifying: Verifying = Field(default_factory=Verifying)
    rewind: ev.RewindStarted | None = None
    """A rewind that has begun and not ended."""
    compaction: ev.CompactionStarted | None = None
    """One that has begun and not ended."""
    last_end: ev.TurnEnded | None = None
    turn_count: int = 0
    call_count: int = 0
    usage: Usage = Usage()
    cost: float | None = 0.0
    spent: Spent = Spent()
    """What counts against limits, as a turn's does."""
    raised: dict[str, Allowance] = {}
    """Limits that a person raised, by scope, with the day where that is one."""
    last_call: LastCall | None = None
    last_read: int = 0
    """Input tokens of the last reply, which the service keeps for a while; 0 where the next request begins otherwise."""
    last_read_at: float = 0.0
    calibration: dict[str, Calibration] = {}
    """How good estimates of input were, by model."""
    closed: bool = False
    """Whether the last process closed the session on purpose."""

    @property
    def turn(self) -> TurnState | None:
        """The turn in progress, or the next to start."""
        return self.turns[0] if self.turns else None

    def waiting(self, prompt_id: str) -> ev.PromptQueued | None:
        """Return the prompt that waits under this id; None where none does."""
        return next((it for it in self.queue if it.id == prompt_id), None)

    @property
    def next_waiting(self) -> ev.PromptQueued | None:
        """The prompt that is sent next: the first that steers, else the first."""
        return next((it for it in self.queue if it.steers), self.queue[0] if self.queue else None)

    def turn_of(self, turn_id: str | None) -> TurnState | None:
        """Return the turn with this id, in progress or waiting; None where there is none."""
        return next((it for it in self.turns if it.id == turn_id), None)

    @property
    def end(self) -> str:
        """How the last turn ended; nothing where that was taken back, or there was none."""
        end = self.last_end
        return end.reason if end is not None and self.marks and self.marks[-1].turn_id == end.turn_id else ""

    @property
    def open_calls(self) -> list[CallState]:
        """The calls of the step in progress that have not ended, in the order asked."""
        return [call for call in self.calls.values() if call.status != "finished"]


class State(Mutable):
    """A session's whole state and the sequence number up to which it is folded."""

    seq: int = 0
    conversation: Conversation
    workflow: Workflow

    @staticmethod
    def empty() -> State:
        """The state before the first event."""
        return State(conversation=Conversation(), workflow=Workflow())
