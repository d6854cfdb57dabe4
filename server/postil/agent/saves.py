"""A command waits until the person has saved what it would not see, where the editor saves for nobody."""

from __future__ import annotations

from pathlib import Path

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.effects import Fact, Invocation
from postil.core.ephemeral import StageChanged
from postil.core.events import QuestionAsked
from postil.core.question import Anchor, Option, Question
from postil.core.state import CallState
from postil.workspace.uris import path_to_uri

RUN, CANCEL = "run_without", "cancel"
OPTIONS = (
    Option(
        id=RUN,
        title="Run without saving",
        kind="choice",
        note="it sees these files as they were last saved, and so do later commands of this turn",
    ),
    Option(id=CANCEL, title="Cancel the command", kind="choice"),
)
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

    async def settle(self, call: CallState, invocation: Invocation) -> bool:
        """Return whether the call may run: everything is saved by then, or the person does without."""
        paths = [it for it in invocation.access.unsaved if (call.turn_id, it) not in self._unwanted]
        if not paths or not self._parts.interactive:
            return True
        subject = ", ".join(self._parts.workspace.display(path) for path in paths)
        if not call.choices.get("save", {}).get(subject):
            await self._wait(call, invocation, paths, subject)
        choice = call.choices["save"][subject]
        if choice == RUN:
            self._unwanted |= {(call.turn_id, path) for path in paths}
        return choice != CANCEL

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


def _question(question_id: str, subject: str, invocation: Invocation, anchor: Anchor) -> Question:
    return Question(
        id=question_id,
        kind="save",
        title="Save first, then the command runs",
        subject=subject,
        facts=(Fact(name="runs", text=invocation.preview.subject), Fact(name="unsaved", text=subject)),
        options=OPTIONS,
        anchor=anchor,
    )
