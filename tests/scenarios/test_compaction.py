"""A conversation that grows too long goes on from a summary, with what matters word for word; nothing is lost on the way."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from postil.agent.parts import Compacting
from postil.context.estimate import Estimator
from postil.core.errors import ModelError, ProtocolError
from postil.core.events import (
    Compacted,
    CompactionFailed,
    CompactionStarted,
    Limits,
    ModelReplied,
    PermissionAsked,
    PrefixChanged,
    QuestionAsked,
    TurnEnded,
)
from postil.core.fold import fold
from postil.core.messages import AssistantMessage, ToolMessage
from postil.core.ports import ModelRequest
from postil.core.spending import Allowance
from postil.core.submissions import Answer, Cancel, Prompt, Resume, Rewind, Target
from postil.model.wire import Wire
from tests.scenarios.test_prefix import beginning
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Gate, Play, call, says
from tests.support.summing_model import Story, SummingModel

GOAL = "Make the parser\nkeep its last field.\n\n- and add a test; <never> touch vendor/"
LINE = "def function_{n}(argument: int) -> int:  # what it does, said at length so that it fills the window\n"
FILES = {f"src/f{number}.py": LINE.format(n=number) * 60 for number in range(12)} | {"a.py": "x = 1\n"}
PLAN = [{"text": "Keep the stripped newline", "status": "in_progress"}, {"text": "Add a test"}]
SUMMARY = "### Found\n\n- the loop in `src/f3.py` ends at the last separator"


def world_of(story: Story, **more: object) -> World:
    world = World(story.plays, FILES, mode="accept-edits", **more)  # pyright: ignore[reportArgumentType] (of whatever kind)
    world.use_model(lambda: SummingModel(story))
    return world


def step(number: int) -> Play:
    """Read in one step of three, write a few words in each."""
    words = f"In step {number} I look further, and say so in some words. " * 12
    if number % 3:
        return says(words, call("grep", f"g{number}", pattern=f"function_{number % 12}", path="a.py"))
    return says(words, call("read", f"r{number}", path=f"src/f{number // 3 % 12}.py", limit=40 + number % 7))


def shown(request: ModelRequest) -> str:
    """Return all that the request says, as the service gets it."""
    return Wire().encode(request).decode().replace("\\n", "\n").replace('\\"', '"')


def tokens(request: ModelRequest) -> int:
    return Estimator().estimate(request).tokens


async def long_session(story: Story, world: World) -> None:
    """Three turns: questions, a grant and edits in the first; then steps without end."""
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt(GOAL))
    asked = await watch.event(QuestionAsked)
    await session.answer(Answer(asked.question.id, "choice_2", "but only in src"))
    command = await watch.event(PermissionAsked)
    await session.answer(Answer(command.question.id, "allow_session"))
    await session.idle()
    await session.prompt(Prompt("Now the rest of it."))
    await session.idle()
    await session.prompt(Prompt("And once more, please."))
    await session.idle()


def long_plays(steps: int) -> list[Play]:
    first = [
        says(call("todo", "t1", items=PLAN)),
        says(call("ask_user", "q1", question="Strip or keep?", options=["Strip", "Keep"])),
        says(call("shell", "s1", command="pytest -q")),
        says(call("edit", "e1", path="a.py", edits=[{"old": "1", "new": "2"}])),
        says("First part done."),
    ]
    middle = [step(number) for number in range(len(first), steps - 60)]
    last = [step(number) for number in range(steps - 60, steps)]
    return [*first, *middle, says("Second part done."), *last, says("All done.")]


async def test_three_hundred_steps_go_on_with_all_that_matters() -> None:
    story = Story(long_plays(310), [SUMMARY] * 20, window=48_000)
    world = world_of(story, limits=Limits(steps=1_000))
    await long_session(story, world)
    done = world.events(Compacted)
    assert len(world.events(ModelReplied)) >= 300
    assert done, "it was compacted"
    assert all(it.after < it.before / 2 for it in done), "each made it smaller by half at least"
    print(
        f"\n{len(world.events(ModelReplied))} steps: "
        + ", ".join(f"{it.before:,} to {it.after:,}" for it in done)
    )
    assert max(map(tokens, story.requests)) < story.window, "no request was too large"

    positions = [number for number, it in enumerate(story.requests) if "# What was said before" in shown(it)]
    state = world.journal.state()
    for number in (positions[0], positions[-1]):
        text = shown(story.requests[number])
        assert GOAL in text
        assert "Permission mode: accept-edits" in text
        assert state.workflow.grants[0].rule in text
        assert "a.py: edited; last: Edit a.py" in text
        assert "[in_progress] Keep the stripped newline" in text
        assert "[pending] Add a test" in text
        assert "Strip or keep?" in text
        assert "Keep\nbut only in src" in text
        assert SUMMARY in text
    assert "Now the rest of it." in shown(story.requests[positions[-1]])
    check_last_steps(world, story.requests[positions[0]], done[0])


def check_last_steps(world: World, request: ModelRequest, done: Compacted) -> None:
    """The last steps before it stand in the next request as they were."""
    state = fold(it for it in world.journal.records if it.seq <= state_seq(world, done))
    tail = state.conversation.messages[done.upto :]
    assert sum(isinstance(it, AssistantMessage) for it in tail) >= 5
    assert list(request.messages[1:]) == list(tail)


def state_seq(world: World, event: Compacted) -> int:
    return next(it.seq for it in world.journal.records if it.event is event)


async def test_the_prefix_and_every_byte_before_the_boundary_stay() -> None:
    story = Story(long_plays(120), [])
    world = world_of(story, limits=Limits(steps=1_000))
    await long_session(story, world)
    assert world.events(Compacted)
    sent = story.requests
    assert all(beginning(one) == beginning(other) for one, other in itertools.pairwise(sent))
    assert len(world.events(PrefixChanged)) == 1
    calm = [
        (one, other)
        for one, other in itertools.pairwise(sent)
        if one.messages[0] == other.messages[0] and not faded_between(one, other)
    ]
    assert len(calm) > len(sent) * 0.9
    assert all(list(other.messages[: len(one.messages)]) == list(one.messages) for one, other in calm)


def faded_between(one: ModelRequest, other: ModelRequest) -> bool:
    def count(request: ModelRequest) -> int:
        return sum(
            "no longer shown" in it.content
            for m in request.messages
            if isinstance(m, ToolMessage)
            for it in m.ordered
        )

    return count(one) != count(other)


def short_plays(steps: int) -> list[Play]:
    return [*(step(number) for number in range(steps)), says("Done.")]


async def one_turn(story: Story, world: World) -> None:
    session = await world.start()
    await session.prompt(Prompt(GOAL))
    await session.idle()


async def test_a_summary_that_fails_changes_nothing_and_is_tried_again_later() -> None:
    failure = ModelError("overloaded", "The service is overloaded.", retryable=True)
    story = Story(short_plays(95), [failure, says(call("read", "x", path="a.py")), says("")])
    world = world_of(story)
    world.compacting = Compacting(0.6)
    await one_turn(story, world)
    failed = world.events(CompactionFailed)
    assert [it.reason for it in failed] == ["failed"] * 3
    assert failed[1].message == "The model wrote no summary."
    assert [it.usage is not None for it in failed] == [False, True, True]
    used = [
        it.usage.total_input + it.usage.output
        for it in (*world.events(ModelReplied), *failed, *world.events(Compacted))
        if it.usage is not None
    ]
    assert world.journal.state().workflow.spent.tokens == sum(used), "what was of no use, and no more"
    assert len(world.events(Compacted)) >= 1
    assert [it.event.reason for it in world.journal.records if isinstance(it.event, TurnEnded)] == [
        "end_turn"
    ]
    places = [it.seq for it in world.journal.records if isinstance(it.event, CompactionStarted)]
    assert all(later - earlier > 3 for earlier, later in itertools.pairwise(places)), "not at every step"


@pytest.mark.parametrize("extra", range(0, 2_400, 400))
async def test_what_the_model_could_not_read_is_compacted_however_lately_that_failed(extra: int) -> None:
    failure = ModelError("overloaded", "The service is overloaded.", retryable=True)
    story = Story(short_plays(95), [failure, says(""), says("")], window=24_000 + extra)
    world = world_of(story)
    world.compacting = Compacting(0.6)
    await one_turn(story, world)
    assert world.events(Compacted)
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]


async def test_a_kill_in_the_middle_loses_nothing_and_it_is_tried_again() -> None:
    gate = Gate()
    story = Story(short_plays(60), [gate])
    world = world_of(story)
    session = await world.start()
    await session.prompt(Prompt(GOAL))
    await gate.reached.wait()
    before = [it.model_copy(deep=True) for it in session.state.conversation.messages]
    world.die()
    after = world.copy()
    after.use_model(lambda: SummingModel(story))
    second = await after.reopen()
    assert list(second.state.conversation.messages) == before
    assert not second.state.conversation.compactions
    assert second.state.workflow.compaction is None
    (failed,) = after.events(CompactionFailed)
    assert (failed.reason, failed.begun) == ("interrupted", True)
    worst = second.state.workflow.last_call
    assert worst is not None
    assert worst.spent == worst.event.projection.worst, "what nobody saw the end of stays spent"
    await second.resume(Resume())
    await second.idle()
    assert after.events(Compacted)
    assert second.state.workflow.end == "end_turn"
    gate.go.set()
    await session.idle()


async def test_stopping_it_stops_the_turn_and_changes_nothing() -> None:
    gate = Gate()
    story = Story(short_plays(60), [gate])
    world = world_of(story)
    session = await world.start()
    await session.prompt(Prompt(GOAL))
    await gate.reached.wait()
    assert await session.cancel(Cancel())
    await session.idle()
    (failed,) = world.events(CompactionFailed)
    assert failed.reason == "cancelled"
    assert session.state.workflow.end == "cancelled"
    assert not session.state.conversation.compactions


async def test_a_person_asks_between_turns_and_the_next_request_is_short() -> None:
    story = Story([*short_plays(21), says("Yes.")], [SUMMARY], window=400_000)
    world = world_of(story)
    await one_turn(story, world)
    session = await world.reopen()
    spent = session.state.workflow.spent
    await session.compact("test")
    await session.idle()
    (done,) = world.events(Compacted)
    assert (done.turn_id, world.events(CompactionStarted)[0].cause) == (None, "person")
    assert session.state.workflow.spent.tokens == spent.tokens + 2_300, "the summary is paid for like a step"
    await session.prompt(Prompt("Is it done?"))
    await session.idle()
    assert tokens(story.requests[-1]) < tokens(story.requests[-2]) / 2
    assert SUMMARY in shown(story.requests[-1])


async def test_there_is_nothing_to_compact_in_a_short_conversation() -> None:
    story = Story(short_plays(1), [])
    world = world_of(story)
    await one_turn(story, world)
    with pytest.raises(ProtocolError, match="nothing to compact"):
        await (await world.reopen()).compact("test")


async def test_a_person_asks_while_a_turn_runs() -> None:
    story = Story(short_plays(40), [SUMMARY], window=400_000)
    world = world_of(story)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt(GOAL))
    await watch.event(ModelReplied, lambda it: it.step == 20)
    await session.compact("test")
    await session.idle()
    (done,) = world.events(Compacted)
    assert done.turn_id is not None
    assert session.state.workflow.end == "end_turn"


async def test_while_the_user_thinks_where_that_is_set() -> None:
    for between in (False, True):
        story = Story(short_plays(20), [], window=24_500)
        world = world_of(story)
        world.compacting = Compacting(0.8, between_turns=between)
        plain = max(map(tokens, (await finished(story, world)).requests))
        assert plain > 0.6 * story.window
        causes = [it.cause for it in world.events(CompactionStarted)]
        assert causes == (["between turns"] if between else [])


async def finished(story: Story, world: World) -> Story:
    await one_turn(story, world)
    return story


async def test_never_is_never() -> None:
    story = Story(short_plays(60), [])
    world = world_of(story)
    world.compacting = Compacting(None)
    await one_turn(story, world)
    assert not world.events(CompactionStarted)


async def test_a_rewind_to_before_it_shows_what_was_said_again() -> None:
    story = Story([*short_plays(10), *short_plays(40), says("Again.")], [SUMMARY])
    world = world_of(story)
    session = await world.start()
    await session.prompt(Prompt("First."))
    await session.idle()
    first = list(session.state.conversation.messages)
    await session.prompt(Prompt("Second."))
    await session.idle()
    assert world.events(Compacted)
    turn = session.state.workflow.marks[1].turn_id
    await session.rewind(Rewind(Target(turn), "", files=False, conversation=True))
    assert not session.state.conversation.compactions
    assert list(session.state.conversation.messages) == first
    await session.prompt(Prompt("Third."))
    await session.idle()
    assert list(story.requests[-1].messages[: len(first)]) == first


def wordy_plays(steps: int) -> list[Play]:
    words = "What I think of it, at great length. " * 200
    return [*(says(words, call("grep", pattern=f"x{number}")) for number in range(steps)), says("Done.")]


async def test_at_a_limit_it_makes_room_where_that_is_enough_and_else_halts() -> None:
    for most, compacts in ((1_010_000, True), (140_000, False)):
        story = Story(wordy_plays(60), [], window=400_000)
        world = world_of(story, interactive=False, limits=Limits(session=Allowance(tokens=most)))
        await one_turn(story, world)
        state = world.journal.state()
        assert state.workflow.spent.tokens <= most
        causes: Sequence[str] = [it.cause for it in world.events(CompactionStarted)]
        sizes = [tokens(it) for it in story.requests]
        print(
            most,
            causes,
            state.workflow.spent.tokens,
            len(sizes),
            sizes[-3:],
            [(it.before, it.after) for it in world.events(Compacted)],
        )
        assert ("limit" in causes) is compacts
        assert state.workflow.end == "end_turn" or any(
            it.question.kind == "halt" for it in state.workflow.questions.values()
        )


async def test_a_secret_that_the_model_repeats_is_not_in_the_summary() -> None:
    token = "ghp_" + "a1B2" * 9
    story = Story([*short_plays(21), says("Yes.")], [f"### Found\n\nThe token is {token}."], window=400_000)
    world = world_of(story)
    await one_turn(story, world)
    session = await world.reopen()
    await session.compact("test")
    await session.idle()
    (done,) = world.events(Compacted)
    assert token not in done.summary
    assert "[redacted:" in done.summary


async def test_a_prompt_meanwhile_waits_for_its_end() -> None:
    gate = Gate()
    story = Story([*short_plays(21), says("Yes.")], [gate], window=400_000)
    world = world_of(story)
    await one_turn(story, world)
    session = await world.reopen()
    await session.compact("test")
    await gate.reached.wait()
    await session.prompt(Prompt("Is it done?"))
    gate.go.set()
    await session.idle()
    assert "At last." in shown(story.requests[-1])
