"""What hooks ask before a call stays asked, although the call's input is changed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core.events import PermissionAsked
from postil.core.hooks import HookOutput
from postil.core.messages import ToolMessage
from postil.core.submissions import Answer, Prompt
from postil.permissions.rule import parse
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import call
from tests.support.fake_model import says as replies
from tests.support.hooking import MemoryHooks, Says, hook, prints, says


def changing(given: dict[str, Any]) -> HookOutput:
    if given["tool_input"]["command"] == "make":
        return says("PreToolUse", updatedInput={"command": "make -n"})
    return prints()


def changing_and_asking(given: dict[str, Any]) -> HookOutput:
    if given["tool_input"]["command"] == "make":
        return says(
            "PreToolUse", updatedInput={"command": "make -n"}, permissionDecision="ask", permissionDecisionReason="Is it time?",
        )  # fmt: skip
    return prints()


def objecting(given: dict[str, Any]) -> HookOutput:
    if given["tool_input"]["command"] == "make":
        return says("PreToolUse", permissionDecision="ask", permissionDecisionReason="Is it time?")
    return prints()


@pytest.mark.parametrize(
    ("hooks", "answers"),
    [
        (["look"], {"look": changing_and_asking}),
        (["first", "look"], {"first": objecting, "look": changing}),
    ],
)
@pytest.mark.parametrize("interactive", [True, False])
async def test_what_a_hook_asks_is_asked_although_the_input_is_changed(
    hooks: list[str], answers: dict[str, Says], interactive: bool
) -> None:
    made = World(
        [replies(call("shell", "s1", command="make")), replies("Ok.")],
        {"a.py": "x = 1\n"},
        hooks=tuple(hook("PreToolUse", it) for it in hooks),
        hook_runner=MemoryHooks(answers),
        interactive=interactive,
    )
    made.standing.fixed = [parse("Bash(make -n)", "allow", "user")]
    session = await made.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    if interactive:
        asked = await watch.event(PermissionAsked)
        assert any("wants it asked about: Is it time?" in it.text for it in asked.question.facts)
        assert made.shell.commands == []
        await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert [it.line for it in made.shell.commands] == (["make -n"] if interactive else [])
    last = made.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    assert interactive or "Is it time?" in last.ordered[0].content
    check_ended(made.journal.records, session.state)
