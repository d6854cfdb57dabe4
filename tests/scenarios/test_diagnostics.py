"""Problems of the editor through a whole turn: judged as reading, and with words that are the workspace's."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import CallFinished
from postil.core.origin import Source
from postil.core.ports import Problem
from postil.core.submissions import Prompt
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import call, says

FILES = {"a.py": "a = 1\n"}


@pytest.mark.parametrize("mode", ["default", "plan"])
async def test_problems_are_told_unasked_and_are_the_workspaces_words(mode: str) -> None:
    world = World([says(call("diagnostics", "d1")), says("Ok.")], FILES, interactive=False, mode=mode)
    world.workspace.type("a.py", "a = 2\n")
    world.workspace.reported = {Path("/project/a.py"): [Problem(1, "error", "never")]}
    session = await world.start()
    await session.prompt(Prompt("What is wrong?"))
    await session.idle()
    [finished] = world.events(CallFinished)
    assert (finished.outcome, finished.content) == ("completed", "a.py:1: error: never")
    assert finished.sources == (Source(origin="workspace", name="/project"),)
    check_ended(world.journal.records, session.state)


async def test_a_place_outside_the_workspace_is_not_looked_at_unasked() -> None:
    world = World([says(call("diagnostics", "d1", path="../other")), says("Ok.")], FILES, interactive=False)
    session = await world.start()
    await session.prompt(Prompt("What is wrong there?"))
    await session.idle()
    [finished] = world.events(CallFinished)
    assert (finished.outcome, finished.details["denied_by"]) == ("denied", "nobody")
