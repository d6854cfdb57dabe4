"""What compacting does with prompts, summaries and times that are out of the ordinary."""

from __future__ import annotations

from postil.core.events import Compacted
from postil.core.submissions import Prompt
from tests.scenarios.test_compaction import shown, tokens, world_of
from tests.support.fake_model import says
from tests.support.summing_model import Story


async def test_a_session_of_many_long_prompts_goes_on() -> None:
    story = Story([says("Yes.") for _ in range(60)], [], window=60_000)
    world = world_of(story)
    session = await world.start()
    for number in range(60):
        await session.prompt(Prompt(f"Look at log {number}: " + "a line of a log, " * 700))
        await session.idle()
        assert session.state.workflow.end == "end_turn"
    done = world.events(Compacted)
    assert done
    assert all(it.after < 0.8 * it.before for it in done), "each made it much smaller"
    assert max(map(tokens, story.requests)) < story.window
    last = shown(story.requests[-1])
    assert "Look at log 0: " in last
    assert "Look at log 40: " in last


async def test_of_more_prompts_than_there_is_room_for_the_first_and_the_newest_are_kept() -> None:
    story = Story([says("Yes.") for _ in range(400)], [], window=24_000)
    world = world_of(story)
    session = await world.start()
    for number in range(400):
        await session.prompt(Prompt(f"Question {number}: " + "what of this? " * 15))
        await session.idle()
        assert session.state.workflow.end == "end_turn"
    kept = world.events(Compacted)[-1].kept
    assert "Question 0: " in kept
    assert "prompts between these are left out." in kept
    assert "Question 2: " not in kept
