"""Old results give way to references, seldom and all at once; what was read and stands there is not read again."""

from __future__ import annotations

import itertools

import pytest

from postil.agent.session import Session
from postil.context import fading
from postil.context.fading import AGE
from postil.core.events import CallFinished, QuestionAsked, ResultsFaded
from postil.core.fold import fold
from postil.core.messages import Message, ToolMessage
from postil.core.ports import ModelRequest
from postil.core.submissions import Answer, Prompt
from postil.model.wire import Wire
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says

TEXT = "".join(f"line {number} of a file that is long enough to fade\n" for number in range(300))
PAD = 14


def todo(number: int) -> Play:
    return says(call("todo", items=[{"text": f"step {number}"}]))


def read(call_id: str, path: str = "a.py", **more: object) -> Play:
    return says(call("read", call_id, path=path, **more))


async def played(plays: list[Play], files: dict[str, str] | None = None) -> World:
    world = World([*plays, says("Done.")], files or {"a.py": TEXT})
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    return world


def results(messages: list[Message] | ModelRequest) -> dict[str, str]:
    listed = messages.messages if isinstance(messages, ModelRequest) else messages
    return {
        call_id: it.content
        for message in listed
        if isinstance(message, ToolMessage)
        for call_id, it in message.results.items()
    }


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few results be enough."""
    monkeypatch.setattr(fading, "LEAST", {"kept": 3_000, "forgotten": 3_000, "pressed": 100})


async def test_what_is_old_and_long_becomes_a_reference_that_leads_back_to_it() -> None:
    plays = [read("r1"), *map(todo, range(PAD)), says(call("recall", "back", load="result/3.1"))]
    world = await played(plays)
    (event,) = world.events(ResultsFaded)
    before, after = (results(it)["r1"] for it in (world.model.requests[1], world.model.requests[-1]))
    assert "line 299" in before
    assert "no longer shown" in after
    assert 'load="result/3.1"' in after
    assert "`read` a.py" in after
    assert event.tokens > 3_000
    assert results(world.model.requests[-1])["back"] == before


async def test_the_bytes_before_and_after_are_the_same_at_every_step_but_one() -> None:
    world = await played([read("r1"), *map(todo, range(2 * PAD))])
    assert len(world.events(ResultsFaded)) == 1
    sent = [results(it).get("r1") for it in world.model.requests[1:]]
    assert len(set(sent)) == 2
    changes = sum(one != other for one, other in itertools.pairwise(sent))
    assert changes == 1


async def test_nothing_fades_before_its_time_or_for_little() -> None:
    assert not (await played([read("r1"), *map(todo, range(AGE - 2))])).events(ResultsFaded)
    small = {"a.py": "x = 1\n" * 200}
    assert not (await played([read("r1"), *map(todo, range(2 * PAD))], small)).events(ResultsFaded)


async def test_a_replay_and_the_next_process_send_the_same_bytes() -> None:
    world = await played([read("r1"), *map(todo, range(PAD))])
    world.plays = [*world.plays, says("Again.")]
    last = world.model.requests[-1]
    assert fold(world.journal.records).conversation.faded
    world.make_model = lambda: type(world.model)(world.plays)
    session: Session = await world.reopen()
    await session.prompt(Prompt("And now?"))
    await session.idle()
    (sent,) = world.model.requests
    whole, before = Wire().encode(sent), Wire().encode(last)
    start = before.index(b'"messages":[')
    history = before[start : before.index(b',"cache_control"', start)]
    assert history in whole
    assert b"no longer shown" in history


async def test_the_same_text_is_not_given_twice_while_it_stands_there() -> None:
    world = await played([read("r1"), read("r2"), read("r3", offset=10, limit=50)])
    found = results(world.model.requests[-1])
    assert "line 299" in found["r1"]
    assert (
        found["r2"] == "a.py: unchanged since you read it. The text stands in the earlier result of `read`."
    )
    assert found["r3"].startswith("a.py, lines 10 to 59 of 300: unchanged")


async def test_a_changed_text_is_given_whole_and_the_old_one_may_go_first() -> None:
    edit = says(call("edit", path="a.py", edits=[{"old": "line 7 of", "new": "row 7 of"}]))
    world = World(
        [read("r1"), edit, read("r2"), *map(todo, range(2)), says("Done.")],
        {"a.py": TEXT},
        mode="accept-edits",
    )
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    found = results(world.model.requests[-1])
    assert "row 7" in found["r2"]
    assert "line 7 of" not in found["r1"]
    assert "read again since with another text" in found["r1"]


async def test_what_faded_is_read_again_in_full_and_has_to_be_before_it_is_replaced() -> None:
    plays = [
        read("r1"), *map(todo, range(PAD)),
        says(call("write", "w1", path="a.py", content="x = 1\n")),
        read("r2"),
        says(call("write", "w2", path="a.py", content="x = 1\n")),
    ]  # fmt: skip
    world = World([*plays, says("Done.")], {"a.py": TEXT}, mode="accept-edits")
    session = await world.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    outcomes = {it.call_id: it for it in world.events(CallFinished)}
    assert outcomes["w1"].outcome == "failed"
    assert "line 299" in outcomes["r2"].content
    assert outcomes["w2"].outcome == "completed"


async def test_what_a_person_said_does_not_fade() -> None:
    answer = "yes, and " + "word " * 4_000
    ask = says(call("ask_user", "q1", question="Which?", options=["This", "That"]))
    world = World([ask, *map(todo, range(PAD)), says("Done.")], {})
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Look."))
    asked = await watch.event(QuestionAsked)
    await session.answer(Answer(asked.question.id, "choice_1", answer))
    await session.idle()
    assert not world.events(ResultsFaded)
    assert answer.strip() in results(world.model.requests[-1])["q1"]
