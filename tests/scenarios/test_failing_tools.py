"""Tools that fail in ways that no tool should: the call ends, truthfully, and the turn goes on."""

from __future__ import annotations

import asyncio
import logging

import pytest

from postil.core.effects import Result, RunContext
from postil.core.errors import CommandFailed, EditRefused, ToolError
from postil.core.events import CallFinished, FileChanged, TurnEnded
from postil.core.submissions import Prompt
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import Play, call, says
from tests.support.odd_tools import OddTools, Run, Twist

FILES = {"a.py": "x = 1\n"}
EDIT = says(call("edit", "e1", path="a.py", edits=[{"old": "1", "new": "2"}]))
READ = says(call("read", "e1", path="a.py"))
SHELL = says(call("shell", "e1", command="make"))
REFUSAL = "The new text holds U+D800, which is no character. Leave it out."


async def early(run: Run, context: RunContext) -> Result:
    raise ZeroDivisionError


async def late(run: Run, context: RunContext) -> Result:
    await run(context)
    raise ZeroDivisionError


async def gives_up(run: Run, context: RunContext) -> Result:
    raise asyncio.CancelledError


async def refuses(run: Run, context: RunContext) -> Result:
    raise CommandFailed("It cannot be started.", "Look for it.")


async def outcome(world: World) -> tuple[str, str]:
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]
    check_ended(world.journal.records, session.state)
    [finished] = world.events(CallFinished)
    return finished.outcome, finished.content


@pytest.mark.parametrize(
    ("play", "twist", "want", "words"),
    [
        (READ, early, "failed", "The tool failed inside Postil (ZeroDivisionError)."),
        (READ, gives_up, "failed", "gave up inside Postil"),
        (EDIT, early, "failed", "the file has its old text"),
        (EDIT, late, "completed", "the edit is in"),
        (EDIT, gives_up, "failed", "the file has its old text"),
        (SHELL, early, "unknown", "Whether it finished is unknown"),
        (SHELL, late, "unknown", "Whether it finished is unknown"),
        (SHELL, refuses, "failed", "It cannot be started. Look for it."),
    ],
)
async def test_the_end_says_what_is_true(play: Play, twist: Twist, want: str, words: str) -> None:
    world = World([play, says("Ok.")], FILES, mode="accept-edits", rules=("Bash",))
    world.tools = OddTools({"e1": twist})
    got, content = await outcome(world)
    assert got == want
    assert words in content
    assert len(world.events(FileChanged)) == (twist is late and play is EDIT)


@pytest.mark.parametrize(
    ("after", "want", "words"),
    [
        ("x = 1\n", "failed", REFUSAL),
        ("x = 2\n", "completed", f"{REFUSAL} But the file has the new text: the edit is in."),
        ("x = 3\n", "unknown", f"{REFUSAL} The file has neither the old nor the new text. Read it again."),
    ],
)
async def test_a_refusal_is_told_in_its_own_words(after: str, want: str, words: str) -> None:
    world = World([EDIT, says("Ok.")], FILES, mode="accept-edits")

    async def refuse(_: Run, __: RunContext) -> Result:
        world.workspace.disk[world.workspace.at("a.py")] = after
        raise EditRefused("The new text holds U+D800, which is no character.", "Leave it out.")

    world.tools = OddTools({"e1": refuse})
    assert await outcome(world) == (want, words)


async def test_what_cannot_be_prepared_fails(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    for error, words in ((ToolError("Not like this."), "Not like this."), (KeyError("x"), "(KeyError)")):
        world = World([READ, says("Ok.")], FILES, tools=OddTools(unprepared={"e1": error}))
        got, content = await outcome(world)
        assert got == "failed"
        assert words in content


async def test_a_file_that_cannot_be_looked_at_is_unknown() -> None:
    world = World([EDIT, says("Ok.")], FILES, mode="accept-edits", tools=OddTools({"e1": late}))

    async def settle(*_: object) -> str:
        raise PermissionError

    world.workspace.settle = settle  # pyright: ignore[reportAttributeAccessIssue] - the disk fails
    got, content = await outcome(world)
    assert (got, "Read it again" in content) == ("unknown", True)


async def test_an_error_outside_any_call_ends_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    world = World([])
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    [end] = world.events(TurnEnded)
    assert (end.reason, end.message) == ("failed", "Something inside Postil failed (IndexError).")
    check_ended(world.journal.records, session.state)
