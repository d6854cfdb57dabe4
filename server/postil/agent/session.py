"""A session: takes submissions one at a time, and hands each to the part that carries it out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from postil.agent.background.jobs import SessionJobs
from postil.agent.emitter import Emitter, Subscriber
from postil.agent.granting.revoking import revoked
from postil.agent.granting.trusts import Trusts
from postil.agent.keeping import kept
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.agent.recovering import recover
from postil.agent.renaming import renamed
from postil.agent.rewinding.plan import Plan
from postil.agent.rewinding.rewind import Rewinds, told
from postil.agent.runner import Runner
from postil.agent.turn import End
from postil.agent.types.in_session import chosen
from postil.agent.waiting.prompts import Prompts
from postil.agent.waiting.queue import Queue
from postil.agent.whole import whole
from postil.core.changes import Rewound
from postil.core.effects import Fact
from postil.core.errors import JournalError, ProtocolError
from postil.core.events import (
    SHORT_ENDS,
    AgentTypeInForce,
    ConfigurationInForce,
    SessionClosed,
    SessionResumed,
)  # fmt: skip
from postil.core.question import Anchor
from postil.core.spending import COMPACT
from postil.core.state import State, Workflow
from postil.core.submissions import (
    Answer,
    Cancel,
    Close,
    Keep,
    Prompt,
    Rename,
    Resume,
    Revoke,
    Rewind,
    SetMode,
    Target,
)

if TYPE_CHECKING:
    from postil.agent.findings import Findings

log = logging.getLogger(__name__)
_T = TypeVar("_T")
Making = Callable[[Workflow], ConfigurationInForce | None]


class Session:
    """One conversation, open in this process."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self.id = emitter.session_id
        self._emitter = emitter
        self._jobs = SessionJobs(emitter, parts)
        self._parts = parts = replace(parts, jobs=self._jobs)
        self._questions = Questions(emitter, parts)
        self._trusts = Trusts(emitter, parts, self._questions)
        self._rewinds = Rewinds(emitter, parts)
        self._queue = Queue(emitter, parts)
        self._runner = Runner(emitter, parts, self._questions, self._trusts, self._queue)
        self._prompts = Prompts(emitter, parts, self._runner, self._rewinds, self._queue)
        self.retries = self._runner.compactor.retries
        """The wait for the next try of the model."""
        self.saying = emitter.saying
        self._mailbox = asyncio.Lock()
        self._closed = False

    # --- What faces use ------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The session's state; read it, never change it."""
        return self._emitter.state

    @property
    def busy(self) -> bool:
        """Whether a turn is running or waiting for a person, or the conversation is being compacted."""
        return self._runner.busy

    @property
    def working(self) -> bool:
        """Whether it is busy with what a person sees; what is tidied up once a turn has ended is not that."""
        workflow = self.state.workflow
        return self.busy and bool(workflow.turns or workflow.compaction)

    @property
    def suspended(self) -> bool:
        """Whether a turn was left open by an earlier process and waits to be resumed."""
        return self._runner.suspended

    @property
    def resumable(self) -> bool:
        """Whether there is something to go on with: a turn that was left open, or one that ended before its work did."""
        workflow = self.state.workflow
        if workflow.turns:
            return not self._runner.working
        return bool(workflow.queue) or workflow.end in SHORT_ENDS

    @property
    def broken_off(self) -> Rewound | None:
        """Going back, where a crash came into it and nothing was asked for since."""
        return self._rewinds.broken_off

    @property
    def halted(self) -> JournalError | None:
        """Why nothing more can be recorded until the session is opened again; None where it can."""
        return self._emitter.failure

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell `subscriber` of every publication from now on; returns what ends that."""
        return self._emitter.subscribe(subscriber)

    async def idle(self) -> None:
        """Return when no turn is running."""
        await self._runner.idle()

    async def prompt(self, prompt: Prompt) -> str:
        """Take a prompt and return its turn's id, as soon as it is durable. While a turn runs it waits, or steers.

        Raises ProtocolError where too many wait.
        """
        return await self._taken(lambda: self._prompt(prompt))

    async def answer(self, answer: Answer) -> None:
        """Take the answer to an open question; raises ProtocolError where it is not open or has no such answer."""
        await self._taken(lambda: self._answer(answer))

    async def cancel(self, cancel: Cancel) -> bool:
        """Stop the turn in progress; what waits is kept, and not sent by itself. Returns whether there was one."""
        return await self._taken(lambda: self._cancel(cancel.reason))

    async def take_back(self, prompt_id: str, face: str) -> None:
        """Let a prompt wait no longer; raises ProtocolError where it does not."""
        await self._taken(lambda: self._record(self._queue.take_back(prompt_id, face=face), own=False))

    async def send(self, prompt_id: str | None = None) -> str:
        """Send a prompt that waits, without an id the next: it joins the turn in progress, or begins one. Returns the turn's id."""
        return await self._taken(lambda: self._send(prompt_id))

    def hold(self) -> None:
        """Send nothing of what waits by itself, in this process."""
        self._queue.held = True

    async def resume(self, resume: Resume) -> str:
        """Go on with the turn that was left open, with what waits, or with a new one that continues the last; returns its id."""
        return await self._taken(lambda: self._resume(resume))

    async def set_mode(self, change: SetMode) -> None:
        """Change the permission mode; raises UsageError for one that does not exist, or that the agent type has no room for."""
        await self.configure(lambda it: chosen(it, change.mode, change.face))

    async def configure(self, make: Making, *, idle: bool = False) -> None:
        """Put on record what `make` wants the session to run under from now on; `idle`: only where no turn is in progress."""
        await self._taken(lambda: self._configure(make, idle=idle))

    async def keep(self, keep: Keep) -> None:
        """Put on record that a person keeps changes; raises ProtocolError for one that there is not."""
        await self._taken(lambda: self._record(kept(keep, self._emitter)))

    async def rename(self, rename: Rename) -> str:
        """Call the session otherwise, and return how it is called; raises UsageError for what is no title."""
        return await self._taken(lambda: self._record(renamed(rename, self._emitter)))

    async def compact(self, face: str) -> None:
        """Have the conversation compacted: at once, or before the next call of the model where a turn runs.

        What becomes of it is told by events. Raises ProtocolError where there is nothing to compact.
        """
        await self._taken(lambda: self._compact(face))

    async def revoke(self, revoke: Revoke) -> bool:
        """Take back a grant that the session has on record; returns whether there was one."""
        return await self._taken(lambda: self._record(revoked(revoke, self._emitter), own=False))

    async def plan(self, target: Target) -> Plan:
        """Return what going back would do to files. Raises ProtocolError where there is nothing of that name."""
        return await self._taken(lambda: self._rewinds.plan(target))

    async def rewind(self, rewind: Rewind) -> Rewound:
        """Go back. Raises ProtocolError while a turn runs, and where files changed since the plan was made."""
        return await self._taken(lambda: self._rewind(rewind))

    async def undo(self, target: Target, anchor: Anchor | None, face: str) -> Rewound | None:
        """Take changes back at once where every file is as they left it; else ask first, and return None."""
        return await self._taken(lambda: self._undo(target, anchor, face))

    async def ask_rewind(self, target: Target, anchor: Anchor | None) -> str:
        """Ask whether to go back, with what it would do in view; returns the question's id."""
        return await self._taken(lambda: self._ask_rewind(target, anchor))

    def facts(self, plan: Plan, target: Target) -> Sequence[Fact]:
        """Return what a person is told of a plan, one line each."""
        return self._rewinds.facts(plan, target)

    def told(self, rewound: Rewound, *, conversation: bool) -> Sequence[str]:
        """Return what a person is told of how going back ended, a line each."""
        return told(rewound, self._parts.workspace.display, conversation=conversation)

    async def kept(self, key: str) -> str | None:
        """Return the text that the checkpoint keeps under a hash; None where it is not kept any more."""
        return await self._emitter.kept(key)

    def commands_since(self, turn_id: str) -> Sequence[str]:
        """Return the commands that were run in a turn and after it, which nothing takes back."""
        return self._rewinds.commands_since(turn_id)

    async def dismiss(self, finding_id: str, face: str) -> None:
        """Drop a finding. Raises ProtocolError where it is not open."""
        await self._taken(lambda: self._record(self._findings().dismiss(finding_id, face), own=False))

    async def apply(self, finding_id: str, face: str) -> None:
        """Put in what mends a finding. Raises ProtocolError where that cannot be done, and while a turn runs."""
        await self._taken(lambda: self._apply(finding_id, face))

    async def close(self, close: Close) -> None:
        """Stop what runs, record that the session was closed on purpose, and let go of the journal.

        A turn in progress is left open, with its questions: whoever opens the session next can resume it.
        """
        if not self._closed:
            await whole(self._close(close))

    # --- Opening -------------------------------------------------------------------------------------------

    async def begin(self, configuration: ConfigurationInForce, agent: AgentTypeInForce | None = None) -> None:
        """Write what the session runs under, where it differs from what is on record; of a new one, its agent type first."""
        await self._parts.scripts.begin(self._parts.hooks, self._parts.workspace.roots)
        if agent is not None:
            await self._emitter.emit(agent)
        old = self.state.workflow.configuration
        if old is None or old.model_copy(update={"cause": ""}) != configuration.model_copy(
            update={"cause": ""}
        ):
            await self._emitter.emit(configuration, sync=True)

    async def recover(self, resumed: SessionResumed) -> None:
        """Record that a process opened the session again, and settle every call that it finds begun."""
        await recover(resumed, self._emitter, self._parts, self._runner.compactor, self._rewinds, self._jobs)

    async def end_left(self, message: str) -> None:
        """End the turn that an earlier process left, of a sub-agent: it does not go on."""
        await self._runner.end_suspended(End("interrupted", message))

    # --- Submissions ---------------------------------------------------------------------------------------

    async def _taken(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Take one submission after another, and carry each through even where its sender waits no longer."""

        async def take() -> _T:
            async with self._mailbox:
                if self._closed:
                    raise ProtocolError("The session is closed.", "Open it again, or start a new one.")
                return await work()

        return await whole(take())

    async def _prompt(self, prompt: Prompt) -> str:
        self._check_writable()
        if self.state.workflow.turn_count:
            self._check_own()
        return await self._prompts.take(prompt)

    async def _answer(self, answer: Answer) -> None:
        self._check_writable()
        asked = self.state.workflow.questions.get(answer.question_id)
        if asked is not None and asked.question.kind == "trust":
            await self._trusts.answer(asked.question, answer)
            return
        if asked is not None and asked.question.kind == "server":
            from postil.agent.granting.approving import answered  # noqa: PLC0415 - loaded with the first

            await answered(asked.question, answer, self._parts, self._questions)
            return
        going_back = asked is not None and asked.question.kind == "rewind"
        if going_back:
            await self._runner.must_idle()
        if asked is not None and asked.question.kind == "halt" and answer.option_id == COMPACT:
            self._runner.compactor.asked, self._runner.compactor.face = True, answer.face
        await self._questions.answer(answer)
        if asked is not None and going_back:
            await self._runner.leave()
            await self._rewinds.answered(asked.question, answer.option_id, answer.face)
        else:
            self._runner.start()

    async def _cancel(self, reason: str) -> bool:
        if self.busy:
            return self._runner.cancel(reason)
        self._check_writable()
        return await self._runner.end_suspended(End("cancelled", reason))

    async def _resume(self, resume: Resume) -> str:
        self._check_writable()
        self._check_own()
        return await self._prompts.resume(resume)

    async def _send(self, prompt_id: str | None) -> str:
        self._check_writable()
        self._check_own()
        return await self._prompts.send(prompt_id)

    async def _rewind(self, rewind: Rewind) -> Rewound:
        self._check_writable()
        self._check_own()
        await self._runner.must_idle()
        await self._runner.leave()
        await self._rewinds.withdraw()
        return await self._rewinds.rewind(rewind)

    async def _undo(self, target: Target, anchor: Anchor | None, face: str) -> Rewound | None:
        self._check_writable()
        self._check_own()
        await self._runner.must_idle()
        plan = await self._rewinds.plan(target)
        if plan.plain:
            return await self._rewind(Rewind(target, plan.fingerprint, face=face))
        await self._rewinds.ask(target, anchor)
        return None

    async def _ask_rewind(self, target: Target, anchor: Anchor | None) -> str:
        self._check_writable()
        self._check_own()
        await self._runner.must_idle()
        return await self._rewinds.ask(target, anchor)

    async def _configure(self, make: Making, *, idle: bool) -> None:
        self._check_writable()
        self._check_own()
        if idle:
            await self._runner.must_idle()
        if (configuration := make(self.state.workflow)) is not None:
            await self._emitter.emit(configuration, sync=True)

    async def _record(self, work: Coroutine[Any, Any, _T], *, own: bool = True) -> _T:
        with closing(work):
            self._check_writable()
            if own:
                self._check_own()
            return await work

    async def _compact(self, face: str) -> None:
        self._check_writable()
        await asyncio.to_thread(self.state.conversation.messages.read)
        self._runner.compactor.check()
        self._runner.compact(face)

    def _findings(self) -> Findings:
        from postil.agent.findings import Findings  # noqa: PLC0415 - loaded with the first

        return Findings(self._emitter, self._parts)

    async def _apply(self, finding_id: str, face: str) -> None:
        self._check_writable()
        await self._runner.must_idle()
        await self._findings().apply(finding_id, face)

    async def _close(self, close: Close) -> None:
        async with self._mailbox:
            if self._closed:
                return
            self._closed = True
            self._trusts.close()
            await self._runner.close(close.grace)
            await self._jobs.close()
            try:
                await self._emitter.emit(SessionClosed(reason=close.reason), sync=True)
                await self._emitter.snapshot(force=True)
            except JournalError:
                log.info("the journal of %s could not take its last event", self.id)
            finally:
                await self._emitter.close()

    def _check_own(self) -> None:
        """Raise ProtocolError for what is a person's to do with a session, where this is a sub-agent's."""
        if self._parts.above is not None:
            raise ProtocolError(
                "This session is a sub-agent's, and does the one task that it was given.",
                "Turn to the session that it works for.",
            )

    def _check_writable(self) -> None:
        if self._emitter.failure is not None:
            raise self._emitter.failure
