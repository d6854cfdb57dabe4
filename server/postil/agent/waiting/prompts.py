"""What becomes of a prompt: a turn of its own, at once or later, or a part of the one that runs."""

from __future__ import annotations

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.rewinding.rewind import Rewinds
from postil.agent.runner import Runner
from postil.agent.waiting.queue import Queue, commanded, mentioned, received
from postil.core.errors import ProtocolError
from postil.core.events import SHORT_ENDS, PromptReceived
from postil.core.submissions import Prompt, Resume

CONTINUE = "Go on from where you stopped."
CHECK = "Check what was edited."


class Prompts:
    """What is asked of one session, in the order in which it comes."""

    def __init__(
        self, emitter: Emitter, parts: Parts, runner: Runner, rewinds: Rewinds, queue: Queue
    ) -> None:
        self._emitter = emitter
        self._parts = parts
        self._runner = runner
        self._rewinds = rewinds
        self.queue = queue

    async def take(self, prompt: Prompt) -> str:
        """Begin a turn, or let the prompt wait where one is in progress; return its turn's id."""
        if prompt.checks:
            return await self._check(prompt.face)
        if self._runner.in_turn:
            prompt_id = await self.queue.take(prompt)
            self._runner.follow()  # The turn may have ended meanwhile.
            return prompt_id
        await self._gone_on()
        turn_id = self._parts.ids.new("turn")
        prompt = await commanded(prompt, self._emitter, self._parts)
        prompt = await mentioned(prompt, self._emitter, self._parts)
        await self._emitter.emit(received(turn_id, prompt), sync=True)
        self._runner.start()
        return turn_id

    async def send(self, prompt_id: str | None) -> str:
        """Send what waits now: it joins the turn in progress, or begins one. Return the turn's id; raises ProtocolError."""
        found = self.queue.one(prompt_id)
        turn = self._emitter.state.workflow.turn
        if turn is not None and self._runner.in_turn:
            await self.queue.steer(found.id)
            self._runner.follow()
            return turn.id
        await self._gone_on()
        await self.queue.send(found)
        self._runner.start()
        return found.id

    async def resume(self, resume: Resume) -> str:
        """Go on with what was left: an open turn, one that ended too early, or what waits. Return the turn's id; raises ProtocolError."""
        workflow = self._emitter.state.workflow
        if self._runner.suspended:
            self._runner.start()
            return workflow.turns[0].id
        if self._rewinds.broken_off is not None:
            raise ProtocolError(
                "Going back was interrupted, so there is no work to go on with.",
                "Go back again, or ask for something new.",
            )
        if workflow.queue and not workflow.turns and workflow.end not in SHORT_ENDS:
            return await self.send(None)
        if workflow.turns or workflow.last_end is None:
            raise ProtocolError("There is nothing to resume.")
        return await self.take(Prompt(CONTINUE, face=resume.face))

    async def _check(self, face: str) -> str:
        """Begin a turn that runs the checks of what was edited, and return its id. Raises ProtocolError where there is nothing to run."""
        workflow = self._emitter.state.workflow
        if self._runner.in_turn:
            raise ProtocolError("A turn is in progress.", "Its edits are checked when it ends.")
        checks, configuration = self._parts.checks, workflow.configuration
        if checks is None or configuration is None or "shell" not in configuration.tools:
            raise ProtocolError("Nothing is checked in this session.", "It has no shell, or `verify` is off.")
        if not workflow.changes and not workflow.verifying.commanded:
            raise ProtocolError("This session has edited nothing.", "There is nothing to check.")
        if not await checks.known():
            raise ProtocolError("No check is known here.", "Name one under `check` in the settings.")
        await self._gone_on()
        turn_id = self._parts.ids.new("turn")
        event = PromptReceived(turn_id=turn_id, text=CHECK, face=face, checks=True)
        await self._emitter.emit(event, sync=True)
        self._runner.start()
        return turn_id

    async def _gone_on(self) -> None:
        """Leave what an earlier process left open: something else takes its place."""
        await self._runner.leave()
        await self._rewinds.withdraw()
