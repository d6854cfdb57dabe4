"""Where a conversation is more than the model can read or a limit has room for: what is done unasked, offered, or said."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from postil.agent.parts import Compacting
from postil.core.errors import ModelError
from postil.core.events import Compacted, CompactionStarted, Limits, ModelReplied, QuestionAsked, TurnEnded
from postil.core.fold import fold
from postil.core.ports import ModelPiece, ModelRequest
from postil.core.spending import Allowance
from postil.core.submissions import Answer, Cancel, Prompt, Rewind, Target
from tests.scenarios.test_compaction import GOAL, SUMMARY, short_plays, shown, tokens, wordy_plays, world_of
from tests.support.agent_world import Watch
from tests.support.fake_model import Play, call, says
from tests.support.summing_model import Story, SummingModel


def reads(number: int) -> Play:
    """Read many large files in one step."""
    return says("All at once.", *(call("read", f"r{it}", path=f"big{it}.txt") for it in range(number)))


BIG = {f"big{it}.txt": f"line of file {it}\n" * 1_500 for it in range(8)}


@pytest.mark.parametrize("counted", [True, False])
async def test_a_step_larger_than_the_window_goes_on_without_its_largest_results(counted: bool) -> None:
    story = Story([reads(8), says("Done.")], [], window=24_000)
    world = world_of(story)
    world.workspace.disk |= {world.workspace.at(name): text for name, text in BIG.items()}
    world.use_model(lambda: Narrow(story, counted=counted))
    session = await world.start()
    await session.prompt(Prompt("Look at all of them."))
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]
    assert tokens(story.requests[-1]) < story.window
    assert "which do not fit your window beside the rest. Ask for less at once" in shown(story.requests[-1])
    assert fold(world.journal.records).model_dump() == session.state.model_dump()


async def test_a_prompt_larger_than_the_window_says_so_and_the_session_goes_on() -> None:
    story = Story([says("Done.")], [], window=24_000)
    world = world_of(story)
    session = await world.start()
    turn_id = await session.prompt(Prompt("word " * 60_000))
    await session.idle()
    (ended,) = world.events(TurnEnded)
    assert ended.reason == "failed"
    assert "the model can read 24,000" in ended.message
    assert "Nothing is left to shorten" in ended.message
    assert not world.events(ModelReplied)
    plan = await session.plan(Target(turn_id=turn_id))
    await session.rewind(Rewind(Target(turn_id=turn_id), plan.fingerprint, conversation=True))
    await session.prompt(Prompt("With less."))
    await session.idle()
    assert world.events(TurnEnded)[-1].reason == "end_turn"


async def test_a_reply_larger_than_half_the_window_is_summarised() -> None:
    story = Story(
        [*short_plays(6)[:-1], says("A very long tale. " * 4_500), says("Yes.")], [SUMMARY], window=24_000
    )
    world = world_of(story)
    session = await world.start()
    await session.prompt(Prompt("Tell me."))
    await session.idle()
    await session.prompt(Prompt("And now?"))
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn", "end_turn"]
    assert world.events(Compacted)
    assert tokens(story.requests[-1]) < story.window


async def test_where_compacting_is_left_to_a_person_it_says_so() -> None:
    story = Story(
        [*short_plays(6)[:-1], says("A very long tale. " * 4_500), says("Yes.")], [SUMMARY], window=24_000
    )
    world = world_of(story)
    world.compacting = Compacting(None)
    session = await world.start()
    await session.prompt(Prompt("Tell me."))
    await session.idle()
    await session.prompt(Prompt("And now?"))
    await session.idle()
    failed = world.events(TurnEnded)[-1]
    assert failed.reason == "failed"
    assert "Settings leave compacting to you" in failed.message
    assert failed.mend.startswith("Compact the conversation, which makes it about ")
    await session.compact("test")
    await session.prompt(Prompt("Again, then."))
    await session.idle()
    assert world.events(TurnEnded)[-1].reason == "end_turn"
    assert tokens(story.requests[-1]) < story.window


class Narrow(SummingModel):
    """Refuses what it cannot read; and may not count."""

    def __init__(self, story: Story, *, counted: bool) -> None:
        super().__init__(story)
        if not counted:
            self.counts = None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        if tokens(request) > self.story.window:
            raise ModelError("context_overflow", "The conversation is longer than the model can read (400).")
        async for piece in super().stream(request):
            yield piece


async def test_at_a_limit_compacting_first_is_offered_where_it_is_not_done_unasked() -> None:
    story = Story(wordy_plays(60), [], window=400_000)
    world = world_of(story, limits=Limits(session=Allowance(tokens=1_000_000)))
    world.compacting = Compacting(None)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt(GOAL))
    asked = await watch.event(QuestionAsked)
    assert [it.title for it in asked.question.options] == [
        "Raise the limit and continue",
        "Compact first",
        "End turn",
    ]
    note = asked.question.options[1].note
    assert note.startswith("frees about ")
    steps = len(story.requests)
    await session.answer(Answer(asked.question.id, "compact", face="test"))
    done = await watch.event(Compacted)
    await watch.event(ModelReplied, lambda it: it.step > steps)
    assert done.after < done.before
    assert world.events(CompactionStarted)[0].cause == "person"
    await session.cancel(Cancel())
    await session.idle()
    assert world.journal.state().workflow.spent.tokens <= 1_000_000


async def test_compacting_first_is_not_offered_where_there_is_no_room_for_it() -> None:
    story = Story(wordy_plays(60), [], window=400_000)
    world = world_of(story, limits=Limits(session=Allowance(tokens=60_000)))
    world.compacting = Compacting(None)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt(GOAL))
    asked = await watch.event(QuestionAsked)
    assert [it.id for it in asked.question.options] == ["raise", "end"]
    await session.answer(Answer(asked.question.id, "end"))
    await session.idle()
