"""The prompts of a session that wait: each is sent, joins the turn in progress, or is taken back, once.

What waits is on record before its sender has an answer, and the event that sends it is the one that ends its waiting: a crash at any moment
neither loses nor repeats it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from postil.agent.emitter import Emitter
from postil.agent.hooking.moments import Moments
from postil.agent.parts import Parts
from postil.core.errors import ProtocolError
from postil.core.events import PromptQueued, PromptReceived, PromptSteered, PromptTakenBack
from postil.core.prompting import GOES_ON, MOST_WAITING
from postil.core.state import TurnState
from postil.core.submissions import Prompt


class Queue:
    """What waits in one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts
        self.stopped = False
        """Whether somebody stopped the work between two turns."""
        self.held = False
        """Whether nothing of it is sent by itself in this process."""

    @property
    def due(self) -> PromptQueued | None:
        """What is to be sent now: nothing while a turn is open, nor after one that did not end by itself."""
        workflow = self._emitter.state.workflow
        end = workflow.last_end
        if self.held or self.stopped or workflow.turns or end is None or end.reason not in GOES_ON:
            return None
        return workflow.next_waiting

    def one(self, prompt_id: str | None) -> PromptQueued:
        """Return the prompt of this id, without one the next. Raises ProtocolError where none waits."""
        workflow = self._emitter.state.workflow
        found = workflow.next_waiting if prompt_id is None else workflow.waiting(prompt_id)
        if found is None:
            raise ProtocolError("That prompt does not wait any more.", "It was sent, or taken back.")
        return found

    async def take(self, prompt: Prompt) -> str:
        """Let a prompt wait and return its id. Raises ProtocolError where too many do, and UsageError as its slash command does."""
        if len(self._emitter.state.workflow.queue) >= MOST_WAITING:
            raise ProtocolError(
                f"{MOST_WAITING} prompts wait already.", "Take one back, or wait for a turn to end."
            )
        prompt = await commanded(prompt, self._emitter, self._parts)
        prompt_id = self._parts.ids.new("turn")
        await self._emitter.emit(
            PromptQueued(prompt=received(prompt_id, prompt), steers=prompt.steers), sync=True
        )
        return prompt_id

    async def steer(self, prompt_id: str) -> None:
        """Let a prompt that waits join the turn in progress. Raises ProtocolError where it does not wait."""
        found = self.one(prompt_id)
        if not found.steers:
            event = found.model_copy(update={"steers": True})
            await self._emitter.emit(event, sync=True, check=lambda: self._check(prompt_id))

    async def take_back(self, prompt_id: str, *, why: str = "", face: str = "") -> None:
        """Let a prompt wait no longer. Raises ProtocolError where it does not."""
        event = PromptTakenBack(prompt_id=prompt_id, why=why, face=face)
        await self._emitter.emit(event, sync=True, check=lambda: self._check(prompt_id))

    async def send(self, waiting: PromptQueued) -> str:
        """Have the turn of a prompt that waits begin, and return its id. Raises ProtocolError where it does not wait any more."""
        event = await self._whole(waiting)
        await self._emitter.emit(event, sync=True, check=lambda: self._check(waiting.id))
        return waiting.id

    async def send_due(self) -> bool:
        """Send what is due; return whether something may be due or begin still."""
        waiting = self.due
        if waiting is None:
            return False
        event = await self._whole(waiting)

        def check() -> None:
            if self.due is None:
                raise ProtocolError("It is to wait.")
            self._check(waiting.id)

        with suppress(ProtocolError):  # It was taken back, or somebody stopped the work, in the last moment.
            await self._emitter.emit(event, sync=True, check=check)
        return True

    async def join(self, turn: TurnState, moments: Moments) -> None:
        """Make what steers the next messages of a turn, each once hooks have seen it."""
        workflow = self._emitter.state.workflow
        while workflow.next_waiting is not None and workflow.next_waiting.steers:
            waiting = workflow.next_waiting
            why = await moments.before_joining(turn, waiting.prompt)
            if turn.ended_by_hook:
                return
            try:
                if why:
                    await self.take_back(waiting.id, why=f"This is not done: {why}")
                    continue
                event = PromptSteered(turn_id=turn.id, step=turn.steps + 1, prompt=await self._whole(waiting))
                await self._emitter.emit(event, sync=True, check=partial(self._check, waiting.id))
            except ProtocolError:
                continue  # It was taken back in the last moment.

    def _check(self, prompt_id: str) -> None:
        if self._emitter.state.workflow.waiting(prompt_id) is None:
            raise ProtocolError("That prompt does not wait any more.", "It was sent, or taken back.")

    async def _whole(self, waiting: PromptQueued) -> PromptReceived:
        """Return the prompt as it is sent: what it mentions is attached as it is by now."""
        it = waiting.prompt
        prompt = Prompt(it.text, it.context, it.anchor, it.face, it.skill)
        return received(waiting.id, await mentioned(prompt, self._emitter, self._parts))


async def commanded(prompt: Prompt, emitter: Emitter, parts: Parts) -> Prompt:
    """Return the prompt with what its slash command stands for: a person's choice, as it is when they make it."""
    # A task is a model's words.
    if prompt.text.lstrip()[:1] != "/" or parts.above is not None:
        return prompt
    from postil.agent.commanding.giving import with_command  # noqa: PLC0415 - loaded with the first

    return await with_command(prompt, emitter.state.workflow, parts)


async def mentioned(prompt: Prompt, emitter: Emitter, parts: Parts) -> Prompt:
    """Return the prompt with what it mentions."""
    if "@" not in prompt.text and not any(
        it.by_path or (it.kind == "command" and "@" in it.text) for it in prompt.context
    ):
        return prompt
    from postil.agent.mentioning.attaching import with_mentions  # noqa: PLC0415 - loaded with the first

    return await with_mentions(prompt, emitter.state.workflow, parts)


def received(turn_id: str, prompt: Prompt) -> PromptReceived:
    """Return a prompt as it is recorded."""
    return PromptReceived(
        turn_id=turn_id,
        text=prompt.text,
        context=prompt.context,
        anchor=prompt.anchor,
        face=prompt.face,
        skill=prompt.skill,
    )
