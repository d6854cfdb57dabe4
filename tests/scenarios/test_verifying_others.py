"""What changes files beside the tools that edit: hooks that have a turn go on, sub-agents, commands, jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core import events as ev
from postil.core.submissions import Target
from tests.scenarios.test_verifying import SEEN, SETTINGS, edit, project, ran, shell, verdict
from tests.support.agent_world import Watch
from tests.support.house import House
from tests.support.sub_agents import MAIN, TASK, calls, delegate, does, whole

GOES_ON = """
[[hooks.Stop]]
hooks = [{ command = "test -e build/once && exit 0; mkdir -p build; touch build/once; echo Not yet. >&2; exit 2" }]
"""
SAID = "not verified: commands may have changed files; no check is newer"
MENDS = [
    does(TASK, calls("read", "r1", path="a.py")),
    does(TASK, calls("edit", "e1", path="a.py", edits=[{"old": "1", "new": "2"}])),
]


def verdicts(place: House, session: str) -> list[str]:
    return [
        it.event.words
        for it in place.seen
        if isinstance(it.event, ev.VerificationEnded) and it.session_id == session
    ]


@pytest.mark.parametrize(
    ("later", "last"),
    [
        (edit("2", "3"), "not verified: tests failed (1 failed)"),
        (edit("x = 2", "x = 22"), "verified: tests (1 passed)"),
    ],
)
async def test_an_edit_after_a_verdict_makes_the_verdict_old(
    later: dict[str, Any], last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), "Done.", later, "Done now.", "It stays so."]
    async with project(tmp_path, monkeypatch, script, settings=SETTINGS + GOES_ON) as place:
        session = await ran(place)
        assert next(it.outcome for it in place.events(ev.HookEnded)) == "blocks"
        assert verdicts(place, session.id) == ["verified: tests (1 passed)", last]


async def test_a_turn_that_goes_on_and_changes_nothing_is_judged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [SEEN, edit("1", "2"), "Done.", "I am sure."]
    async with project(tmp_path, monkeypatch, script, settings=SETTINGS + GOES_ON) as place:
        session = await ran(place)
        assert verdicts(place, session.id) == ["verified: tests (1 passed)"]


async def test_what_a_sub_agent_edits_is_verified_in_the_turn_that_it_works_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [does(MAIN, delegate("d1")), *MENDS, does(TASK, "Mended."), does(MAIN, "Done.")]
    async with project(tmp_path, monkeypatch, script) as place:
        session = await place.begin()
        await place.turn(session, "Do it.")
        assert verdicts(place, session.id) == ["verified: tests (1 passed)"]
        (passed,) = [it for it in place.events(ev.FileChanged) if it.subagent]
        (began,) = place.events(ev.SubagentStarted)
        assert (passed.subagent, passed.call_id, passed.path) == (
            began.session_id, "d1", str(place.root / "a.py"),
        )  # fmt: skip
        await whole(place)


async def test_what_a_sub_agent_edits_makes_evidence_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [
        calls("read", "r0", path="a.py"),
        calls("edit", "e0", path="a.py", edits=[{"old": "1", "new": "2"}]),
    ]
    script = [
        *(does(MAIN, it) for it in first),
        does(MAIN, calls("shell", "s0", command="./check.sh")),
        does(MAIN, delegate("d1")),
        does(TASK, calls("read", "r1", path="a.py")),
        does(TASK, calls("edit", "e1", path="a.py", edits=[{"old": "2", "new": "3"}])),
        does(TASK, "Mended."),
        does(TASK, "It stays so."),
        does(MAIN, "Done."),
        does(MAIN, "It stays so."),
    ]  # fmt: skip
    async with project(tmp_path, monkeypatch, script) as place:
        session = await place.begin()
        await place.turn(session, "Do it.")
        assert verdicts(place, session.id) == ["not verified: tests failed (1 failed)"]


@pytest.mark.parametrize(
    ("command", "said"), [("touch made.py", [SAID]), ("cat a.py", []), ("./check.sh", [])]
)
async def test_what_the_commands_of_a_sub_agent_may_have_changed_is_said_above(
    command: str, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, delegate("d1")), does(TASK, calls("shell", "s1", command=command)), does(TASK, "Done."), does(MAIN, "Done."),
    ]  # fmt: skip
    async with project(tmp_path, monkeypatch, script) as place:
        session = await place.begin()
        await place.turn(session, "Do it.")
        assert verdicts(place, session.id) == said
        (end,) = place.events(ev.SubagentFinished)
        assert (end.commands, end.commanded) == ((command,), bool(said))
        (mark,) = session.state.workflow.marks
        assert mark.commands == (command,), "going back says what it cannot take back"


@pytest.mark.parametrize(
    "command",
    ["echo 'x = 2' > a.py", "touch new.py", "rm b.py", "sed -i s/1/2/ a.py && false", "mv b.py c.py"],
)
async def test_a_turn_in_which_commands_alone_changed_files_does_not_look_verified(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, [shell(command), "Done."]) as place:
        await ran(place)
        assert verdict(place).words == SAID
        assert (verdict(place).verified, verdict(place).reason) == (False, "commands")
        assert not place.events(ev.ChecksStarted), "nothing is run that nobody edited for"


async def test_a_check_of_the_models_own_after_a_command_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [shell("sed -i s/1/2/ a.py"), shell("./check.sh"), "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == "verified: tests (1 passed)"


async def test_where_no_check_is_known_commands_are_on_record_and_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with project(tmp_path, monkeypatch, [shell("touch new.py"), "Done."], settings="") as place:
        await ran(place)
        assert verdict(place).reason == "no_check"
        assert verdict(place).words == "not verified: commands may have changed files; no check is known"


async def test_after_edits_and_commands_every_check_has_to_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SETTINGS + '[[check]]\nname = "pages"\ncommand = "test -e page.html"\ncovers = ["*.html"]\n'
    script = [SEEN, edit("1", "2"), shell("touch other.html"), "Done.", "I see."]
    async with project(tmp_path, monkeypatch, script, settings=other) as place:
        await ran(place)
        assert verdict(place).words == "not verified: pages failed"


async def test_what_runs_in_the_background_may_change_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = {"tool": "shell", "input": {"command": "touch late.py", "background": True}}
    script = [job, {"tool": "background", "input": {"action": "read", "job": "1", "wait": 10}}, "Done."]
    async with project(tmp_path, monkeypatch, script) as place:
        await ran(place)
        assert verdict(place).words == SAID


async def test_the_end_of_a_job_makes_evidence_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = {
        "tool": "shell",
        "input": {"command": "until test -e build/go; do sleep 0.05; done; rm b.py", "background": True},
    }
    async with project(tmp_path, monkeypatch, [job, SEEN, edit("1", "2"), "Done."]) as place:
        session = await ran(place)
        watch, verifying = Watch(session), session.state.workflow.verifying
        assert verifying.fresh("tests") is not None
        (place.root / "build").mkdir()
        (place.root / "build/go").touch()
        await watch.event(ev.JobEnded)
        assert verifying.fresh("tests") is None


async def test_going_back_takes_back_what_sub_agents_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        does(MAIN, calls("read", "r0", path="a.py")),
        does(MAIN, calls("edit", "e0", path="a.py", edits=[{"old": "1", "new": "5"}])),
        does(MAIN, delegate("d1")),
        does(TASK, calls("read", "r1", path="a.py")),
        does(TASK, calls("edit", "e1", path="a.py", edits=[{"old": "5", "new": "2"}])),
        does(TASK, calls("write", "w1", path="new.py", content="z = 1\n")),
        does(TASK, calls("move", "m1", path="b.py", to="c.py")),
        does(TASK, "Mended."),
        does(MAIN, calls("read", "r2", path="a.py")),
        does(MAIN, calls("edit", "e2", path="a.py", edits=[{"old": "x = 2", "new": "x = 22"}])),
        does(MAIN, "Done."),
    ]
    async with project(tmp_path, monkeypatch, script) as place:
        before = place.texts()
        session = await place.begin()
        await place.turn(session, "Do it.")
        assert (place.root / "a.py").read_text() == "x = 22\n"
        assert not (place.root / "b.py").exists()
        (mark,) = session.state.workflow.marks
        target = Target(turn_id=mark.turn_id)
        plan = await (await place.app.sessions.past(session.id)).plan(target)
        assert plan.plain
        rewound = await session.undo(target, None, "test")
        assert rewound is not None
        assert not rewound.left
        assert rewound.finished
        assert place.texts() == before
        await whole(place)
