"""Sub-agents that are stopped, closed, or out of budget, and what they spent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from postil.core import events as ev
from postil.core.submissions import Cancel, Prompt
from tests.support.agent_world import Watch
from tests.support.house import house
from tests.support.sub_agents import MAIN, TASK, calls, delegate, does, ended, one, settings, whole


async def test_a_stop_takes_them_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = [
        does(MAIN, delegate("d1", task="Task 1"), delegate("d2", task="Task 2")),
        does("^Task 1", calls("write", "w1", path="a.txt", content="1\n")),
        does("^Task 1", "I look further.", calls("shell", "s1", command="sleep 600")),
        does("^Task 2", calls("ask_user", "q1", question="Go on?", options=["Yes", "No"])),
    ]
    settings(tmp_path, 'allow = ["Edit(**)", "Bash(sleep:*)"]\n')
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see)
        watch = Watch(session)
        await session.prompt(Prompt("Do it."))
        await watch.event(ev.ProcessStarted)
        await watch.event(ev.QuestionAsked)
        await session.cancel(Cancel("Enough."))
        await session.idle()
        assert {it.reason for it in place.events(ev.TurnEnded)} == {"cancelled"}
        assert [it.reason for it in place.events(ev.SubagentFinished)] == ["cancelled", "cancelled"]
        first = ended(place, "d1")
        assert first.outcome == ended(place, "d2").outcome == "cancelled"
        assert "Its last words were:\nI look further." in first.content
        assert "[Files that it changed: a.txt." in first.content
        assert place.app.sessions.open_sessions == (session,)
        assert len(place.events(ev.SessionClosed)) == 2
        await whole(place)


async def test_closing_takes_them_along_and_nothing_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, delegate("d1")),
        does(TASK, calls("ask_user", "q1", question="Go on?", options=["Yes", "No"])),
        does(MAIN, "Then without."),
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see)
        await session.prompt(Prompt("Do it."))
        await Watch(session).event(ev.QuestionAsked)
        await place.app.sessions.close(session.id, "the window was closed")
        assert not place.app.sessions.open_sessions
        assert ended(place, "d1").outcome == "cancelled"
        again = await place.reopen(session.id)
        assert again.suspended
        await whole(place)


def spent(found: Sequence[ev.ModelReplied]) -> int:
    return sum(it.usage.total_input + it.usage.output for it in found)


async def test_what_they_spend_counts_for_the_turn_the_session_and_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, one(calls("list", "l1"), agent="explore"), monkeypatch) as place:
        session = await place.begin()
        await place.turn(session, "Do it.")
        total = spent(place.events(ev.ModelReplied))
        (end,) = place.events(ev.SubagentFinished)
        assert 0 < end.spent.tokens < total
        workflow = session.state.workflow
        assert workflow.spent.tokens == total == workflow.usage.total_input + workflow.usage.output
        last = place.events(ev.TurnEnded)[-1]
        assert last.usage.total_input + last.usage.output == total
        balances = {it.scope: it for it in place.events(ev.ModelCalled)[-1].balances}
        before = total - spent(place.events(ev.ModelReplied)[-1:])
        assert {it.spent.tokens for it in balances.values()} == {before}, "the same in every account"
        assert set(balances) == {"turn", "session", "day"}


async def test_one_stops_where_its_parents_budget_does_and_the_parent_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, delegate("d1", "explore")),
        *(does(TASK, "I look.", calls("glob", f"l{it}", pattern=f"*.{it}")) for it in range(200)),
    ]
    settings(tmp_path, "max_tokens = 1024\n[limits]\nturn_tokens = 60000\n")
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see)
        watch = Watch(session)
        await session.prompt(Prompt("Do it."))
        asked = await watch.event(ev.QuestionAsked)
        (end,) = place.events(ev.SubagentFinished)
        assert end.reason == "budget_exhausted"
        assert asked.question.kind == "halt"
        (whose,) = {it.session_id for it in place.seen if it.event is asked}
        assert whose == session.id, "the question is the parent's"
        assert session.state.workflow.spent.tokens <= 60_000
        assert "A limit" in ended(place, "d1").content or "Stopped before" in ended(place, "d1").content
        assert "I look." in ended(place, "d1").content
        await session.cancel(Cancel())
        await session.idle()
