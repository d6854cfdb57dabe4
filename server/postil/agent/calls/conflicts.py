"""Open documents with unsaved text whose files a command has changed: for each, a person says which text stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

from postil.agent.calls.intent import changed, intent_of, texts_of
from postil.agent.calls.settle import record_landed, record_taken, settle
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.questions import Questions
from postil.core.effects import Conflict, Fact, FileEdit, Result, Returned
from postil.core.ephemeral import StageChanged
from postil.core.errors import StaleDocument, ToolError
from postil.core.events import CallStarted, QuestionAsked
from postil.core.question import Anchor, Option, Question
from postil.core.state import CallState
from postil.workspace.files.uris import path_to_uri
from postil.workspace.texts.diff import first_difference, unified_diff

KEEP, TAKE = "keep_mine", "take_disk"
OPTIONS = (
    Option(id=KEEP, title="Keep mine", kind="choice", note="the editor's text stays, and stays unsaved"),
    Option(id=TAKE, title="Take disk", kind="choice", note="one undo in the editor brings yours back"),
)
TRIES = 10
"""How often the disk's text is put into a document that is being typed in."""


class Conflicts:
    """Asks about the documents that a call's command has overtaken, and does what is answered.

    The call has returned by then and would not be run again, so what it returned is on record with the first
    question: a turn that goes on after a restart finds the questions open and the result where it was.

    Taking the disk's text is a change like any other, with an intent, kept texts and a record, so it can be taken back.
    """

    def __init__(self, emitter: Emitter, parts: Parts, questions: Questions) -> None:
        self._emitter = emitter
        self._parts = parts
        self._questions = questions
        self._taking = asyncio.Lock()
        """One at a time, so that the call's last intent is the only one that can be in doubt."""

    async def settle(self, call: CallState, result: Result, title: str) -> str:
        """Return what the model reads of the result, with what became of each document."""
        paths = [it.path for it in result.effects if isinstance(it, Conflict)]
        if not paths:
            return result.content
        if not self._parts.interactive:
            return "\n".join([result.content, *(self._note(path, "") for path in paths)])
        returned: Returned | None = Returned(
            content=result.content, is_error=result.is_error, details=result.details
        )
        for path in paths:
            try:
                question = await self._question(path, title)
            except ToolError:
                continue  # closed meanwhile, or gone from the disk: there is nothing to choose
            asked = QuestionAsked(
                turn_id=call.turn_id, call_id=call.call.id, question=question, returned=returned
            )
            await self._emitter.emit(asked, sync=True)
            returned = None
        return await self.finish(call, result.content)

    async def finish(self, call: CallState, content: str) -> str:
        """Wait for the answers that are missing; return the content with what became of each document."""
        await record_taken(call, self._emitter, self._parts.workspace)
        self._emitter.show(
            StageChanged(turn_id=call.turn_id, stage="waiting", detail="your answer", step=call.step)
        )
        if not self._parts.interactive:
            await self._questions.withdraw(call, "conflict", by="nobody")
        still = {it.subject: key for key, it in self._questions.open_of(call, "conflict").items()}
        paths = sorted({*still, *call.choices.get("conflict", {})})
        notes = await asyncio.gather(*(self._one(call, path, still.get(path)) for path in paths))
        return "\n".join([content, *notes])

    async def _one(self, call: CallState, subject: str, question_id: str | None) -> str:
        path = Path(subject)
        if question_id is not None:
            await self._questions.wait_unless(question_id, self._parts.workspace.until_saved([path]))
        answer = call.choices["conflict"].get(subject, "")
        if answer != TAKE:
            return self._note(path, answer)
        try:
            await self._take(call, path)
        except ToolError as error:
            return (
                f"[{self._name(path)}: the user chose the disk's text, and it is not in the editor: {error}]"
            )
        return f"[{self._name(path)}: the user took the disk's text, which the editor shows now.]"

    async def _take(self, call: CallState, path: Path) -> None:
        """Put the disk's text into the document, in one step that the editor can undo."""
        workspace = self._parts.workspace
        async with self._taking:
            for attempt in range(1, TRIES + 1):
                edit = await self._edit(path)
                if edit.before_text == edit.after:
                    return
                try:
                    await self._replace(call, edit)
                except StaleDocument:
                    if attempt == TRIES:
                        raise
                else:
                    await workspace.save([path])  # so that the editor, too, knows that it shows the file
                    return

    async def _replace(self, call: CallState, edit: FileEdit) -> None:
        """Make the edit, with its texts kept and its intent on record before, and what it changed after."""
        workspace = self._parts.workspace
        change_id = self._parts.ids.new("change")
        intent = CallStarted(
            turn_id=call.turn_id,
            call_id=call.call.id,
            tool=call.call.name,
            kind="edit",
            title=f"Take the disk's text of {self._name(edit.path)}",
            effect_class="file_edit",
            change_id=change_id,
            edits=(intent_of(edit),),
        )
        await self._emitter.keep(texts_of([edit]))
        await self._emitter.emit(intent, sync=True)
        try:
            change = await workspace.apply(edit, intent.title, change_id)
        except StaleDocument:
            raise
        except ToolError:
            # An edit that was refused may have landed all the same: look before saying so.
            settled = await settle(intent, workspace)
            await record_landed(intent, settled.landed, self._emitter, workspace)
            if not settled.landed:
                raise
        else:
            event = changed(change, intent.title, change_id, turn_id=call.turn_id, call_id=call.call.id)
            await self._emitter.emit(event, sync=True)

    async def _edit(self, path: Path) -> FileEdit:
        """Return what taking the disk's text would do to the document."""
        mine = await self._parts.workspace.read(path)
        disk = await self._parts.workspace.read_saved(path)
        return FileEdit(path, mine.hash, disk.text, mine.text, in_editor=True)

    async def _question(self, path: Path, title: str) -> Question:
        edit = await self._edit(path)
        shown = self._name(path)
        mine, disk = edit.before_text or "", edit.after or ""
        diff = await asyncio.to_thread(unified_diff, mine, disk, shown)
        line = first_difference(mine, disk)
        return Question(
            id=self._parts.ids.new("question"),
            kind="conflict",
            title="Which text stays?",
            subject=str(path),
            facts=(Fact(name="changed by", text=title), Fact(name="file", text=shown)),
            options=OPTIONS,
            diff=diff,
            anchor=Anchor(uri=path_to_uri(path), line=line, end_line=line),
        )

    def _note(self, path: Path, answer: str) -> str:
        name = self._name(path)
        if answer == KEEP:
            return f"[{name}: the user kept the unsaved text; what the command wrote there is on disk only.]"
        if self._parts.interactive:
            return f"[{name}: the user has saved, reloaded or closed it since. Read it again.]"
        return f"[{name}: nobody is there to choose, so the unsaved text was kept; what the command wrote is on disk.]"

    def _name(self, path: Path) -> str:
        return self._parts.workspace.display(path)
