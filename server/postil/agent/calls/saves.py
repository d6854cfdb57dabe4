"""A command waits until the person has saved what it would not see, where the editor saves for nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.effects import Fact, Invocation
from postil.core.ephemeral import StageChanged
from postil.core.events import QuestionAsked
from postil.core.question import Anchor, Option, Question
from postil.core.state import CallState
from postil.workspace.files.uris import path_to_uri

RUN, SHOW, CANCEL = "run_without", "run_as_shown", "cancel"
_RUN = Option(
    id=RUN,
    title="Run without saving",
    kind="choice",
    note="it sees these files as they were last saved, and so do later commands of this turn",
)
_SHOW = Option(
    id=SHOW,
    title="Run with what is on the screen",
    kind="choice",
    note="it sees the unsaved text of these files and cannot change them, and so do later commands of this turn",
)
_CANCEL = Option(id=CANCEL, title="Cancel the command", kind="choice")
Sees = Literal["as_saved", "as_on_screen", "cancelled"]
"""What a command sees of documents that may be unsaved, or that it is not to run."""
CANCELLED = (
    "Not run: the user cancelled it, because documents that it would have read are not saved. "
    "Do not try it again as it is; go on without it, or say what it is needed for."
)


class Saves:
    """Asks for documents to be saved. Saving them all is an answer, and the likeliest one."""

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._unwanted: set[tuple[str, Path]] = set()
        """Documents that the person did not want to save, each with its turn."""
        self._shown: set[tuple[str, Path]] = set()
        """Those of them whose unsaved text commands are to see."""

    async def settle(self, call: CallState, invocation: Invocation) -> Sees:
        """Return what the command is to see once everything is saved or the person does without."""
        unsaved = {(call.turn_id, it) for it in invocation.access.unsaved}
        paths = sorted(it for _, it in unsaved - self._unwanted)
        if not paths or not self._parts.interactive:
            return "as_on_screen" if unsaved & self._shown else "as_saved"
        subject = ", ".join(self._parts.workspace.display(path) for path in paths)
        if not call.choices.get("save", {}).get(subject):
            await self._wait(call, invocation, paths, subject)
        choice = call.choices["save"][subject]
        if choice in (RUN, SHOW):
            self._unwanted |= unsaved
        if choice == SHOW:
            self._shown |= unsaved
        if choice == CANCEL:
            return "cancelled"
        return "as_on_screen" if unsaved & self._shown else "as_saved"

    async def _wait(self, call: CallState, invocation: Invocation, paths: list[Path], subject: str) -> None:
        still = {it.subject: key for key, it in self._questions.open_of(call, "save").items()}
        question_id = still.get(subject)
        if question_id is None:
            await self._questions.withdraw(call, "save")
            question_id = self._parts.ids.new("question")
            question = _question(question_id, subject, invocation, self._anchor(paths))
            asked = QuestionAsked(turn_id=call.turn_id, call_id=call.call.id, question=question)
            await self._emitter.emit(asked, sync=True)
        self._emitter.show(
            StageChanged(
                turn_id=call.turn_id, stage="waiting", detail=f"{subject} to be saved", step=call.step
            )
        )
        await self._questions.wait_unless(question_id, self._parts.workspace.until_saved(paths))

    def _anchor(self, paths: list[Path]) -> Anchor:
        """Return where the prompt was made, if that is in one of the documents, else the first of them."""
        uris = [path_to_uri(path) for path in paths]
        anchor = self._questions.anchor()
        return anchor if anchor is not None and anchor.uri in uris else Anchor(uri=uris[0])


def _options(invocation: Invocation) -> tuple[Option, ...]:
    command = invocation.access.command
    confined = command is not None and bool(command.outlook.sandbox) and command.outlook.lays_over
    return (_SHOW, _RUN, _CANCEL) if confined else (_RUN, _CANCEL)


def _question(question_id: str, subject: str, invocation: Invocation, anchor: Anchor) -> Question:
    return Question(
        id=question_id,
        kind="save",
        title="Save first, then the command runs",
        subject=subject,
        facts=(Fact(name="runs", text=invocation.preview.subject), Fact(name="unsaved", text=subject)),
        options=_options(invocation),
        anchor=anchor,
    )
