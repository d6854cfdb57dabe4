"""Sub-agents: what comes back of them and what they may do, in Postil as it is built, with real files and a scripted model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postil.core import events as ev
from postil.core.errors import OfSubAgent, ProtocolError
from postil.core.submissions import Answer, Prompt, SetMode
from tests.support.agent_world import Watch
from tests.support.house import house, tools_of
from tests.support.sub_agents import (
    MAIN,
    TASK,
    calls,
    delegate,
    does,
    ended,
    of_main,
    of_task,
    one,
    run,
    settings,
    whole,
    yes,
)


async def test_only_the_result_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = one(calls("read", "r1", path="a.py"), agent="explore", last="x is in a.py:1.")
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 'needle'\n")
        await run(place)
        (first, *_, last), (task, *_) = of_main(place), of_task(place)
        assert "needle" not in json.dumps(last.body), "what it read stays with it"
        assert "x is in a.py:1." in json.dumps(last.body)
        assert "Do it" not in json.dumps(task.body), "it knows nothing of the conversation"
        assert "You work for another agent" in json.dumps(task.body["system"])
        done = ended(place, "d1")
        assert (done.outcome, done.content) == ("completed", "x is in a.py:1.")
        assert [it.origin for it in done.sources] == ["workspace"], "a model's words are material"
        (began,), (end,) = place.events(ev.SubagentStarted), place.events(ev.SubagentFinished)
        assert (began.agent_type, began.title, began.depth) == ("explore", "A task", 1)
        assert (end.session_id, end.reason, end.calls, end.steps) == (began.session_id, "end_turn", 1, 2)
        (top,) = await place.app.sessions.list()
        assert top.session_id != began.session_id, "it is no session of its own in lists"
        with pytest.raises(OfSubAgent, match=f"worked for session {top.session_id}"):
            await place.app.sessions.open(began.session_id, "test")
        assert "delegate" in tools_of(first)


@pytest.mark.parametrize(
    ("agent", "has"),
    [
        ("build", True),
        ("plan", True),
        ("explore", False),
        ("verify", False),
        ("review", False),
        ("guide", False),
    ],
)
async def test_who_can_have_sub_agents(
    agent: str, has: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, ["Hello."], monkeypatch) as place:
        session = await place.begin(agent)
        await place.turn(session)
        (request,) = place.server.requests
        assert ("delegate" in tools_of(request)) == has
        if has:
            (tool,) = [it for it in request.body["tools"] if it["name"] == "delegate"]
            assert "- `explore`: To find out how something works" in tool["description"]


@pytest.mark.parametrize("deepest", [0, 1, 2])
async def test_how_deep_they_may_stand(deepest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, f"sub_agents = {deepest}\n")
    script = [
        does(MAIN, delegate("d1", task="Task one.")),
        does("^Task one", delegate("d2", task="Task two.")),
        does("^Task two", delegate("d3", task="Task three.")),
        *(does(it, "Done.") for it in ("^Task two", "^Task one", MAIN)),
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        await run(place)
        began = place.events(ev.SubagentStarted)
        assert [it.depth for it in began] == list(range(1, deepest + 1))
        refused = ended(place, f"d{deepest + 1}")
        assert refused.outcome == "denied"
        assert refused.details["error"] == "OutsidePool"
        assert len(await place.app.sessions.list()) == 1


async def test_a_type_that_cannot_be_had_begins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [does(MAIN, delegate("d1", "nobody")), does(MAIN, "Done.")]
    async with house(tmp_path, script, monkeypatch) as place:
        await run(place)
        done = ended(place, "d1")
        assert done.outcome == "failed"
        assert "There is no agent type 'nobody'. The types are build," in done.content
        assert not place.events(ev.SubagentStarted)


async def test_a_pool_is_within_its_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config" / "agents").mkdir(parents=True)
    (tmp_path / "config" / "agents" / "reader.md").write_text(
        "---\nname: reader\ntitle: Reader\nwhen: To read.\ntools: [read, delegate]\nmode: as-chosen\n---\nRead.\n"
    )
    script = one(calls("write", "w1", path="new.py", content="x\n"))
    async with house(tmp_path, script, monkeypatch) as place:
        await run(place, "reader")
        (_, below) = place.events(ev.ConfigurationInForce)
        assert below.tools == ("read",)
        assert ended(place, "w1").details["error"] == "OutsidePool"
        assert not place.texts()


@pytest.mark.parametrize(("agent", "mode"), [("plan", None), (None, "plan"), (None, "deny-all")])
async def test_a_mode_holds_below(
    agent: str | None, mode: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (
        calls("write", "w1", path="new.py", content="x\n"),
        calls("shell", "s1", command="touch made.txt"),
        calls("propose_plan", "p1", plan="1. Write."),
    )
    async with house(tmp_path, one(*wanted), monkeypatch) as place:
        place.answer = yes
        await run(place, agent, mode)
        assert {ended(place, it).outcome for it in ("w1", "s1", "p1")} == {"denied"}
        assert not place.texts(), "nothing is written through a sub-agent"


async def test_what_a_rule_denies_stays_denied_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, 'deny = ["Edit(secret/**)"]\nallow = ["Edit(**)"]\n')
    wanted = (
        calls("write", "w1", path="secret/a.txt", content="x\n"),
        calls("write", "w2", path="open.txt", content="x\n"),
    )
    async with house(tmp_path, one(*wanted), monkeypatch) as place:
        await run(place)
        assert (ended(place, "w1").outcome, ended(place, "w2").outcome) == ("denied", "completed")
        assert list(place.texts()) == ["open.txt"]
        assert "[Files that it changed: open.txt. Read them again" in ended(place, "d1").content


async def test_its_questions_come_to_the_same_face_and_say_whose_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path, one(calls("write", "w1", path="new.py", content="x\n")), monkeypatch) as place:
        place.answer = yes
        await run(place)
        (asked,) = place.events(ev.PermissionAsked)
        (by,) = [it.text for it in asked.question.facts if it.name == "asked by"]
        assert by == "the sub-agent build: A task"
        assert place.texts() == {"new.py": "x\n"}


async def test_what_was_granted_above_holds_below_until_it_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, calls("write", "w0", path="a.txt", content="0\n")),
        does(MAIN, delegate("d1")),
        does(TASK, calls("read", "r1", path="a.txt")),
        does(TASK, calls("write", "w1", path="a.txt", content="1\n")),
        does(TASK, calls("ask_user", "q1", question="Go on?", options=["Yes", "No"])),
        does(TASK, calls("write", "w2", path="a.txt", content="2\n")),
        does(TASK, "Done."),
        does(MAIN, "Done."),
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see)
        watch = Watch(session)
        await session.prompt(Prompt("Do it."))
        asked = await watch.event(ev.PermissionAsked)
        await session.answer(Answer(asked.question.id, "allow_session"))
        question = await watch.event(ev.QuestionAsked)
        assert ended(place, "w1").outcome == "completed"
        (grant,) = session.state.workflow.grants
        assert await place.app.grants.revoke(grant.id, "test")
        (child,) = [it.session_id for it in place.events(ev.SubagentStarted)]
        await place.app.sessions.get(child).answer(Answer(question.question.id, "choice_1"))
        again = await watch.event(ev.PermissionAsked, lambda it: it.call_id == "w2")
        await place.app.sessions.get(child).answer(Answer(again.question.id, "reject_once"))
        await session.idle()
        assert place.texts() == {"a.txt": "1\n"}
        await whole(place)


async def test_a_mode_that_is_chosen_above_while_it_works_holds_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, delegate("d1")),
        does(TASK, calls("ask_user", "q1", question="Go on?", options=["Yes", "No"])),
        does(TASK, calls("write", "w1", path="a.txt", content="1\n")),
        does(TASK, "Done."),
        does(MAIN, "Done."),
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see, mode="accept-edits")
        watch = Watch(session)
        await session.prompt(Prompt("Do it."))
        question = await watch.event(ev.QuestionAsked)
        await session.set_mode(SetMode("deny-all"))
        child = place.app.sessions.get(place.events(ev.SubagentStarted)[0].session_id)
        with pytest.raises(ProtocolError, match="does the one task"):
            await child.set_mode(SetMode("accept-edits"))
        await child.answer(Answer(question.question.id, "choice_1"))
        await session.idle()
        assert ended(place, "w1").outcome == "denied"
        assert not place.texts()


async def test_eight_work_at_once_and_the_ninth_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Task {it}" for it in range(1, 10)]
    script = [
        does(MAIN, *(delegate(f"d{it}", task=it) for it in names)),
        *(does(f"^{it}", calls("ask_user", it.replace(" ", "_"), question="Go on?", options=["Yes", "No"])) for it in names),
        *(does(f"^{it}", f"{it} is done.") for it in names),
        does(MAIN, "Done."),
    ]  # fmt: skip
    async with house(tmp_path, script, monkeypatch) as place:
        session = await place.app.sessions.new("test", place.see)
        watch = Watch(session)
        await session.prompt(Prompt("Do it."))
        for name in names[:8]:
            await watch.event(ev.QuestionAsked, lambda it, name=name: it.call_id == name.replace(" ", "_"))
        assert len(place.events(ev.SubagentStarted)) == 8, "all of them work, and no ninth"
        assert len(place.app.sessions.open_sessions) == 9
        for name in names:
            asked = await watch.event(
                ev.QuestionAsked, lambda it, name=name: it.call_id == name.replace(" ", "_")
            )
            (whose,) = {it.session_id for it in place.seen if it.event is asked}
            await place.app.sessions.get(whose).answer(Answer(asked.question.id, "choice_1"))
        await session.idle()
        results = [ended(place, f"d{it}").content for it in names]
        assert results == [f"{it} is done." for it in names]
        assert place.app.sessions.open_sessions == (session,)
        await whole(place)


async def test_two_that_edit_one_file_lose_nothing_of_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edits(name: str) -> list[Any]:
        old = {"old": "start\n", "new": f"start\n{name}\n"}
        return [
            does(f"^Task {name}", calls("read", f"r{name}", path="a.txt")),
            does(f"^Task {name}", calls("edit", f"e{name}", path="a.txt", edits=[old])),
            does(f"^Task {name}", "Done."),
        ]

    names = [str(it) for it in range(1, 7)]
    script = [
        does(MAIN, *(delegate(f"d{it}", task=f"Task {it}") for it in names)),
        *(it for name in names for it in edits(name)),
        does(MAIN, "Done."),
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.txt").write_text("start\nend\n")
        await run(place, mode="accept-edits")
        done = [it for it in names if ended(place, f"e{it}").outcome == "completed"]
        lines = (place.root / "a.txt").read_text().splitlines()
        assert (lines[0], lines[-1]) == ("start", "end")
        assert sorted(lines[1:-1]) == sorted(done), "each edit that says it is in, is in"
