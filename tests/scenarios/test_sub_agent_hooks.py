"""Hooks and sub-agents: those around one, and those within it, which handing a task on gets around no more than anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postil.core import events as ev
from postil.model.scripted.server import Received
from tests.support.house import House, house
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
    yes,
)


def hook(moment: str, command: str, matcher: str = "") -> str:
    return f"[[hooks.{moment}]]\nmatcher = '{matcher}'\nhooks = [{{ command = '''{command}''' }}]\n"


def given(file: Path) -> list[dict[str, Any]]:
    """Return what a hook was given, each time that it ran."""
    return [json.loads(it) for it in file.read_text().splitlines()]


def first(request: Received) -> str:
    return json.dumps(request.body["messages"][0])


def hooks_in(place: House, session_id: str) -> list[tuple[str, str]]:
    """Return the hooks on record of a session, with what they wanted."""
    return [
        (it.event.moment, it.event.outcome)
        for it in place.seen
        if isinstance(it.event, ev.HookEnded) and it.session_id == session_id
    ]


async def test_what_is_said_when_one_begins_stands_behind_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    settings(
        tmp_path,
        hook("SubagentStart", f"cat >> {seen}; echo >> {seen}; echo Use tabs.", "explore")
        + hook("SubagentStart", "echo Never said.", "verify")
        + hook("SessionStart", "echo Of the session."),
    )
    script = one(calls("read", "r1", path="a.py"), agent="explore")
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 1\n")
        await run(place)
        (began,) = place.events(ev.SubagentStarted)
        task, main = of_task(place)[0], of_main(place)
        assert "from hook user>\\nUse tabs.\\n</material" in first(task)
        assert "Of the session." not in first(task)
        assert "Never said." not in first(task)
        assert "Of the session." in first(main[0])
        assert "Use tabs." not in json.dumps(main[-1].body["messages"]), "it is said to the sub-agent alone"
        (about,) = given(seen)
        assert (about["agent_id"], about["agent_type"], about["prompt"]) == (
            began.session_id,
            "explore",
            "Task.",
        )
        assert about["parent_session_id"] != about["session_id"] == began.session_id
        assert hooks_in(place, began.session_id) == [("SubagentStart", "said")]


async def test_one_goes_on_until_its_hook_is_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    line = (
        f"cat >> {seen}; echo >> {seen}; test $(wc -l < {seen}) -gt 1 || {{ echo Look again. >&2; exit 2; }}"
    )
    settings(tmp_path, hook("SubagentStop", line, "explore") + hook("Stop", f"echo stop >> {seen}.main"))
    script = [
        does(MAIN, delegate("d1", "explore")), does(TASK, "Half."), does("^A hook wants", "Whole."), does(MAIN, "Done."),
    ]  # fmt: skip
    async with house(tmp_path, script, monkeypatch) as place:
        await run(place)
        assert (ended(place, "d1").outcome, ended(place, "d1").content) == ("completed", "Whole.")
        assert "Look again." in json.dumps(of_task(place)[1].body["messages"][-1])
        assert [(it["result"], it["stop_hook_active"]) for it in given(seen)] == [
            ("Half.", False),
            ("Whole.", True),
        ]
        (finished,) = place.events(ev.SubagentFinished)
        assert (finished.reason, finished.steps) == ("end_turn", 2)
        assert (tmp_path / "seen.main").read_text() == "stop\n", "a sub-agent is done, not the session"


async def test_one_is_asked_to_go_on_only_so_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path, hook("SubagentStop", "echo Again. >&2; exit 2"))
    script = [
        does(MAIN, delegate("d1", "explore")), does(TASK, "Try 0."),
        *(does("^A hook wants", f"Try {it}.") for it in range(1, 6)), does(MAIN, "Done."),
    ]  # fmt: skip
    async with house(tmp_path, script, monkeypatch) as place:
        await run(place)
        (finished,) = place.events(ev.SubagentFinished)
        assert (finished.reason, finished.steps) == ("end_turn", 6)
        assert ended(place, "d1").content == "Try 5."


@pytest.mark.parametrize("answer", ["echo Not today. >&2; exit 2", "exit 1", "echo nonsense"])
async def test_what_hooks_forbid_a_sub_agent_does_not_get_around(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = tmp_path / "after"
    settings(
        tmp_path,
        'allow = ["Edit"]\n'
        + hook("PreToolUse", answer, "write")
        + hook("PostToolUse", f"cat >> {after}; echo >> {after}; echo '{{}}'", "Read"),
    )
    script = one(calls("read", "r1", path="a.py"), calls("write", "w1", path="new.py", content="x\n"))
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 1\n")
        await run(place)  # asked, it is denied
        assert not (place.root / "new.py").exists()
        assert ended(place, "w1").outcome == "denied"
        (began,) = place.events(ev.SubagentStarted)
        expected = {"echo Not": "blocks"}.get(answer[:8], "failed")
        assert sorted(hooks_in(place, began.session_id)) == [
            ("PostToolUse", "nothing"),
            ("PreToolUse", expected),
        ]
        (read,) = given(after)
        assert (read["tool_name"], read["session_id"]) == ("read", began.session_id)


async def test_a_task_is_no_slash_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "config" / "commands"
    folder.mkdir(parents=True)
    (folder / "Task.md").write_text("What a person alone may ask for so.\n")
    script = [
        does(MAIN, delegate("d1", "explore", "/Task now.")), does("^/Task", "Ok."), does(MAIN, "Done."),
    ]  # fmt: skip
    async with house(tmp_path, script, monkeypatch) as place:
        place.answer = yes
        await run(place)
        assert ended(place, "d1").content == "Ok."
        assert not any("a person alone" in json.dumps(it.body) for it in place.server.requests)
