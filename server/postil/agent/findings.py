"""What a person does with findings: dismiss one, or have what mends it put into its file, as edits are made.

*Apply* is the person's own word for this one edit, so no mode of the session speaks of it; but what would be asked about even
where edits are accepted (secrets, protected files, what a rule denies) is not done by a Quick Fix. The intent is on record
before the file is touched, and after a crash the file is looked at: nothing is put in twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from postil.agent.calls.intent import change_of, changed, intent_of, texts_of
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.changes import Landing
from postil.core.effects import Access, FileEdit
from postil.core.errors import PostilError, ProtocolError, ToolError
from postil.core.events import FindingApplying, FindingSettled
from postil.core.finding import Finding
from postil.core.finding_place import place_of
from postil.core.revealing import one_line
from postil.permissions.evaluate import evaluate
from postil.permissions.modes import mode
from postil.permissions.policy import policy_for
from postil.permissions.taint import CLEAN

_ACCEPTED = "accept-edits"
_BY_HAND = "Change it by hand, or ask the agent."


class Findings:
    """The findings of one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts

    async def dismiss(self, finding_id: str, face: str) -> None:
        """Settle a finding as dismissed. Raises ProtocolError where there is none of that id."""
        self._open(finding_id)
        await self._emitter.emit(FindingSettled(finding_id=finding_id, how="dismissed", face=face), sync=True)

    async def apply(self, finding_id: str, face: str) -> None:
        """Put in what mends a finding. Raises ProtocolError where that cannot be done; then nothing was changed."""
        finding = self._open(finding_id)
        try:
            edit = await self._edit(finding)
        except ToolError as error:
            raise ProtocolError(error.message, error.mend) from error
        await self._check(edit)
        label = one_line(f"Apply: {finding.message}", 120)
        change_id = self._parts.ids.new("change")
        intent = FindingApplying(
            finding_id=finding_id, change_id=change_id, label=label, edit=intent_of(edit), face=face
        )
        await self._emitter.keep(texts_of([edit]))
        await self._emitter.emit(intent, sync=True)
        try:
            change = await self._parts.workspace.apply(edit, label, change_id)
        except Exception as error:
            why = (
                error.message if isinstance(error, PostilError) else f"{type(error).__name__} inside Postil."
            )
            await self._settle_seen(intent, why)
            if self._is_open(finding_id):
                raise ProtocolError(f"It was not applied. {why}", _BY_HAND) from error
            return
        await self._emitter.emit(changed(change, label, change_id))
        await self._emitter.emit(FindingSettled(finding_id=finding_id, how="applied", face=face), sync=True)

    async def recover(self) -> None:
        """End what an earlier process had begun to put in, by looking at the file: nothing is put in again."""
        intent = self._emitter.state.workflow.applying
        if intent is not None:
            await self._parts.workspace.clear_up(intent.edit, intent.change_id)
            await self._settle_seen(intent, "It was interrupted; look at the file.")

    async def _settle_seen(self, intent: FindingApplying, why: str) -> None:
        """Settle what was begun as the file tells: it may be in although nobody said so."""
        landed = await self._look(intent) == "after"
        known = any(it.change_id == intent.change_id for it in self._emitter.state.workflow.changes)
        if landed and not known:
            where = "buffer" if intent.edit.in_editor else "disk"
            event = changed(change_of(intent.edit, where), intent.label, intent.change_id)
            await self._emitter.emit(event)
        how, said = ("applied", "") if landed or known else ("kept", why)
        await self._emitter.emit(
            FindingSettled(finding_id=intent.finding_id, how=how, why=said, face=intent.face), sync=True
        )

    async def _look(self, intent: FindingApplying) -> Landing:
        try:
            return await self._parts.workspace.settle(intent.edit)
        except ToolError:
            return "neither"

    async def _edit(self, finding: Finding) -> FileEdit:
        """Return the edit on the text as it is now. Raises ToolError."""
        if finding.replacement is None:
            raise ProtocolError("The finding says no text that would mend it.", "Ask the agent to mend it.")
        workspace = self._parts.workspace
        path = await asyncio.to_thread(workspace.resolve, finding.path)
        view = await workspace.read(path)
        after = await asyncio.to_thread(mended, view.text, finding)
        if after is None:
            raise ProtocolError(
                "The text that the finding is about is not there any more.",
                "Dismiss it, or ask the agent to look again.",
            )
        return FileEdit(path, view.hash, after, view.text, in_editor=view.where == "buffer")

    async def _check(self, edit: FileEdit) -> None:
        """Raise ProtocolError for an edit that would not be made unasked where edits are accepted."""
        parts, workflow = self._parts, self._emitter.state.workflow
        standing = await parts.standing.rules()
        now = workflow.configuration
        as_person = workflow.model_copy(
            update={
                "configuration": now and now.model_copy(update={"mode": mode(_ACCEPTED).name, "held": ""})
            }
        )
        policy = policy_for(as_person, standing, parts.workspace.roots, parts.around)
        # What was read may have steered the model; the person has chosen this very edit.
        policy = replace(policy, taint=CLEAN)
        access = Access(reads=(edit.path,), edits=(edit,))
        decision = await asyncio.to_thread(evaluate, access, policy)
        if decision.verdict != "allow":
            raise ProtocolError(f"A Quick Fix does not make this edit: {decision.why}.", _BY_HAND)

    def _open(self, finding_id: str) -> Finding:
        found = (it.finding for it in self._emitter.state.workflow.findings if it.finding.id == finding_id)
        finding = next(found, None)
        if finding is None:
            raise ProtocolError(
                "That finding is not open: it was applied or dismissed, or the session went back."
            )
        return finding

    def _is_open(self, finding_id: str) -> bool:
        return any(it.finding.id == finding_id for it in self._emitter.state.workflow.findings)


def mended(text: str, finding: Finding) -> str | None:
    """Return the text with what mends the finding in the place of its lines, in the line endings that they have; None where they are gone."""
    lines = text.split("\n")
    at = place_of(finding, lines)
    if at is None or finding.replacement is None:
        return None
    count = finding.quote.count("\n") + 1
    ending = "\r" if lines[at].endswith("\r") else ""
    wanted = finding.replacement.replace("\r\n", "\n")
    new = wanted.removesuffix("\n").split("\n") if wanted else []
    end = [it + ending for it in new]
    if end and at + count == len(lines):
        # The text's last line has no ending to keep.
        end[-1] = new[-1]
    return "\n".join([*lines[:at], *end, *lines[at + count :]])
