"""One compaction: a call of the model without tools, set aside and counted like others, and what comes of it on record.

Nothing changes before its text is on record; one that fails, is stopped or killed leaves the conversation as it was.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

from postil.agent.budgets.admission import Admission
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.agent.retries import Retries
from postil.agent.whole import whole
from postil.context.compact import kept, left_out
from postil.core.compaction import Compacted, CompactionFailed, CompactionStarted, FailureReason
from postil.core.errors import ModelError
from postil.core.messages import UserMessage
from postil.core.ports import Begun, ModelRequest, Reply, Retrying
from postil.core.spending import Projection

STOPPED = "Stopped; the conversation is as it was."


@dataclass(slots=True)
class Summary:
    """A compaction in progress."""

    started: CompactionStarted
    step: int
    asks: ModelRequest
    """The request for the summary."""
    admission: Admission
    emitter: Emitter
    parts: Parts
    retries: Retries
    begun: bool = False
    reply: Reply | None = None

    async def carry_out(self, request: ModelRequest) -> bool:
        """Have `request` begin with a summary, and return whether that worked. Raises JournalError; and CancelledError, once it is
        on record."""
        since = self.parts.clock.monotonic()
        try:
            reply = await self._ask()
            if reply is None:
                await self._fail("no room", "A limit has no room for the summary.")
            else:
                await self._record(reply, request, since)
                return True
        except ModelError as error:
            await self._count_unseen()
            self.begun = error.begun
            await self._fail("failed", error.message, error.mend)
        except asyncio.CancelledError:
            await whole(self._stopped())
            raise
        finally:
            self.retries.over()
            await self.admission.settle()
        return False

    async def _ask(self) -> Reply | None:
        """Return the reply with the summary; None where a limit has no room. Raises ModelError."""
        request = await self.admission.admit_at_once(self.asks, self.step)
        if request is None:
            return None
        self.begun = True
        async with aclosing(self.parts.model.stream(request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    self.reply = piece
                elif isinstance(piece, Begun):
                    self.retries.over()
                    self.admission.note_begun(piece.usage)
                elif isinstance(piece, Retrying):
                    self.retries.note(piece, self.started.turn_id or self.started.compaction_id, self.step)
                    if piece.begun and await self.admission.admit_at_once(request, self.step) is None:
                        return None
        reply = self.reply
        if reply is None:
            raise ModelError("truncated", "The summary broke off before its end.", begun=True)
        no_words = reply.message.calls or not reply.message.text.strip()
        if no_words or reply.stop_reason in ("refusal", "model_context_window_exceeded"):
            raise ModelError("malformed", "The model wrote no summary.", begun=True)
        return reply

    async def _record(self, reply: Reply, request: ModelRequest, since: float) -> None:
        """Put the summary on record. Raises ModelError for one that makes nothing shorter."""
        state, started = self.emitter.state, self.started
        upto, words = started.upto, reply.message.text.strip()
        if reply.stop_reason == "max_tokens":
            words += "\n\n[The summary was cut here, at its limit of output tokens.]"
        window = self.parts.model.known_limits(request.model).context_window
        verbatim = await asyncio.to_thread(kept, state, upto, self.parts.workspace.display, window)
        rest = await asyncio.to_thread(left_out, state, upto)
        shown = [UserMessage(text=verbatim + words + rest), *state.conversation.messages[upto:]]
        after = tokens_of(replace(request, messages=shown), self.emitter, self.parts)
        if after >= started.tokens:
            raise ModelError("malformed", "The summary is no shorter than what it is of.", begun=True)
        event = Compacted(
            compaction_id=started.compaction_id, turn_id=started.turn_id, step=self.step, upto=upto,
            kept=verbatim, summary=words, rest=rest,
            before=started.tokens, after=after,
            model=reply.model, usage=reply.usage, cost=reply.cost,
            seconds=round(self.parts.clock.monotonic() - since, 3),
        )  # fmt: skip
        await self.emitter.emit(event, sync=True)
        await self.parts.shelve(state)

    async def _stopped(self) -> None:
        await self._count_unseen()
        await self._fail("cancelled", STOPPED)

    async def _count_unseen(self) -> None:
        """Put on record what the service read for a reply that nobody saw the end of; of one that came whole it is known."""
        if self.reply is None:
            await self.admission.settle()

    async def _fail(self, reason: FailureReason, message: str, mend: str = "") -> None:
        """Put on record that it came to nothing; a reply that was of no use was used up all the same."""
        reply = self.reply
        event = CompactionFailed(
            compaction_id=self.started.compaction_id, turn_id=self.started.turn_id, step=self.step,
            reason=reason, message=message, mend=mend, begun=self.begun,
            usage=reply.usage if reply is not None else None, cost=reply.cost if reply is not None else None,
        )  # fmt: skip
        await self.emitter.emit(event, sync=True)


def projected(request: ModelRequest, emitter: Emitter, parts: Parts) -> Projection:
    """Return what a request would use."""
    return parts.projector.project(request, emitter.state, parts.clock.now())


def tokens_of(request: ModelRequest, emitter: Emitter, parts: Parts) -> int:
    """Return about how many tokens a request has."""
    return projected(request, emitter, parts).input
