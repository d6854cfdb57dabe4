"""Going back: changes are taken back as they were shown, or not at all.

The plan is made before anything is touched, and what was shown is what is done: a plan that is no longer the same
is refused. Intents of all files are on record before the first is touched; a file that changed in the last moment
is left alone and named. After a crash, files are looked at and nothing is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from postil.agent.calls.intent import intent_of
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.rewinding.last import BEFORE
from postil.agent.rewinding.lost import STAYS
from postil.agent.rewinding.past import Past
from postil.agent.rewinding.plan import Plan
from postil.agent.rewinding.taking_back import TakingBack, how_far
from postil.core.changes import RewindStarted, Rewound
from postil.core.errors import ProtocolError
from postil.core.events import QuestionAnswered, QuestionAsked
from postil.core.ports import Workspace
from postil.core.question import Anchor, Option, Question
from postil.core.state import State
from postil.core.submissions import Rewind, Target
from postil.core.trail import Change, TurnMark

_TITLE_TURN = "Rewind to before this turn?"
_TITLE_CHANGE = "Undo this change?"
_BOTH = Option(id="both", title="Rewind files and conversation", kind="choice")
_FILES = Option(id="files", title="Rewind files", kind="choice")
_CONVERSATION = Option(id="conversation", title="Rewind conversation", kind="choice")
_UNDO = Option(id="undo", title="Undo", kind="choice")
_KEEP = Option(id="keep", title="Keep", kind="choice")
_AGAIN = "Not everything went back that was to. Once nothing is in the way, go back again."
_STAYS = "Until then the conversation stays."
_OF_TURN = (_BOTH, _FILES, _CONVERSATION, _KEEP)
_OF_CHANGE = (_UNDO, _KEEP)


class Rewinds:
    """What one session can go back to."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._past = past = Past(emitter.state, emitter.kept, parts.workspace)
        self.broken_off: Rewound | None = None
        """Going back, where a crash came into it and nothing was asked for since."""
        self.plan, self.facts, self.commands_since = past.plan, past.facts, past.commands_since

    async def rewind(self, rewind: Rewind) -> Rewound:
        """Go back. Raises ProtocolError where the plan is no longer what was shown, and JournalError."""
        target = rewind.target
        plan = await self.plan(target) if rewind.files else Plan()
        if rewind.files and plan.fingerprint != rewind.plan:
            raise ProtocolError("Files have changed since the list was made.", "Look at the list again.")
        if rewind.conversation and target.turn_id is None:
            raise ProtocolError("The conversation goes back to before a turn.", "Name the turn.")
        changes = self._past.changes(target) if rewind.files else []
        mark = self._past.mark(target.turn_id) if target.turn_id is not None else None
        started = RewindStarted(
            rewind_id=self._parts.ids.new("rewind"),
            change_id=self._parts.ids.new("change"),
            label=_label(mark, changes),
            turn_id=target.turn_id,
            undoes=tuple(dict.fromkeys(change.change_id for change in changes)),
            conversation=rewind.conversation,
            edits=tuple(intent_of(edit) for edit in plan.edits),
            face=rewind.face,
        )
        return await TakingBack(started, self._parts.workspace, self._emitter).carry_out(plan)

    async def ask(self, target: Target, anchor: Anchor | None) -> str:
        """Ask whether to go back, with all that would be done in view; returns the question's id.

        Raises ProtocolError where nothing of a change can go back.
        """
        await self.withdraw()
        plan = await self.plan(target)
        if target.turn_id is None and plan.left and not plan.edits:
            raise ProtocolError(self._why_nothing(plan), "Edit it by hand, or keep it.")
        mark = self._past.mark(target.turn_id) if target.turn_id is not None else None
        question = Question(
            id=self._parts.ids.new("question"),
            kind="rewind",
            title=_TITLE_TURN if mark is not None else _TITLE_CHANGE,
            subject=mark.title if mark is not None else self._past.changes(target)[0].label,
            facts=tuple(self.facts(plan, target)),
            options=_OF_TURN if mark is not None else _OF_CHANGE,
            anchor=anchor,
            about=(target.turn_id or "", target.change_id or "", plan.fingerprint),
        )
        await self._emitter.emit(QuestionAsked(turn_id=None, question=question), sync=True)
        return question.id

    def _why_nothing(self, plan: Plan) -> str:
        names = (f"{self._parts.workspace.display(Path(it.path))}: {it.why}" for it in plan.left)
        return f"Nothing of this change can be undone. {' '.join(names)}"

    async def answered(self, question: Question, option_id: str, face: str) -> None:
        """Do what the person chose."""
        turn_id, change_id, fingerprint = question.about
        if option_id == _KEEP.id:
            return
        target = Target(turn_id or None, change_id or None)
        files = option_id != _CONVERSATION.id
        conversation = option_id in (_BOTH.id, _CONVERSATION.id)
        await self.rewind(Rewind(target, fingerprint, files, conversation, face))

    async def withdraw(self) -> None:
        """Take back a question about going back: the session has gone on."""
        self.broken_off = None
        for key, it in list(self._emitter.state.workflow.questions.items()):
            if it.question.kind == "rewind":
                await self._emitter.emit(QuestionAnswered(question_id=key, by="withdrawn"), sync=True)

    async def recover(self) -> None:
        """End a rewind that a crash came into, by looking at its files: nothing is repeated, nothing is finished."""
        started = self._emitter.state.workflow.rewind
        if started is not None:
            self.broken_off = await TakingBack(started, self._parts.workspace, self._emitter).recover()


async def broken_off(state: State, workspace: Workspace) -> str:
    """Return what a person is told of a rewind that a crash came into, before anybody opens its session; else nothing."""
    started = state.workflow.rewind
    if started is None:
        return ""
    _, stayed = await how_far(started, state.workflow.changes, workspace)
    names = ", ".join(workspace.display(Path(it.path)) for it in stayed)
    what = f"“{started.label}” was interrupted."
    if not names:
        return f"{what} All its files had gone back by then."
    return f"{what} These files did not go back: {names}. Go back again once the session is open."


def told(rewound: Rewound, display: Callable[[Path], str], *, conversation: bool) -> list[str]:
    """Return what a person is told of how it ended, a line each; `conversation` says whether that was to go back too."""
    if rewound.outcome == "completed":
        done = "Done, as far as it is on record" if rewound.incomplete else "Done"
        lines = [f"{done}, but for these:" if rewound.left else f"{done}."]
    else:
        lines = [f"Going back was interrupted.{' These files did not go back:' if rewound.left else ''}"]
    lines += [f"  {display(Path(it.path))}: {it.why}" for it in rewound.left]
    if rewound.incomplete:
        lines.append(STAYS)
    if not rewound.finished:
        lines.append(f"{_AGAIN} {_STAYS}" if conversation else _AGAIN)
    return lines


def _label(mark: TurnMark | None, changes: Sequence[Change]) -> str:
    if mark is not None:
        return f"{BEFORE}{mark.title}"
    return f"Undo: {changes[0].label}"
