"""Hooks in whole turns: they tighten, never loosen, and nothing of them happens twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from postil.core.events import (
    CallFinished,
    CallStarted,
    CompactionFailed,
    HookEnded,
    HookStarted,
    PermissionAsked,
    PermissionDecided,
    PromptReceived,
    Routed,
    TurnEnded,
)  # fmt: skip
from postil.core.hooks import Hook, HookOutput, Moment
from postil.core.messages import ToolMessage, UserMessage
from postil.core.submissions import Answer, Close, Prompt, Resume
from postil.journal.invariants import Structure
from postil.permissions.rule import parse
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call
from tests.support.fake_model import says as replies
from tests.support.hooking import MemoryHooks, Says, hook, prints, says

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
SHELL = replies(call("shell", "s1", command="make"))


def world(
    plays: Sequence[Play],
    hooks: Sequence[Hook],
    answers: dict[str, Says] | None = None,
    allow: str = "Bash",
    **more: Any,
) -> tuple[World, MemoryHooks]:
    runner = MemoryHooks(answers or {})
    made = World(plays, FILES, hooks=tuple(hooks), hook_runner=runner, **more)
    made.standing.fixed = [parse(allow, "allow", "user")] if allow else []
    return made, runner


def told(made: World) -> str:
    last = made.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    return "\n".join(it.content for it in last.ordered)


def check(made: World, state: Any) -> None:
    check_ended(made.journal.records, state)
    structure = Structure()
    assert [what for it in made.journal.records for what in structure.take(it.event)] == []  # type: ignore[arg-type] - no event is unknown


async def test_no_objection_leaves_everything_as_it_is() -> None:
    made, runner = world(
        [SHELL, replies("Ok.")],
        [hook("PreToolUse")],
        {"look": says("PreToolUse", permissionDecision="allow")},
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    [(run, given)] = runner.runs
    assert (given["hook_event_name"], given["tool_name"], given["tool_input"]) == (
        "PreToolUse",
        "shell",
        {"command": "make"},
    )
    assert (run.line, run.confined) == ("look", False)
    assert [it.line for it in made.shell.commands] == ["make"]
    assert made.names().index("HookEnded") < made.names().index("PermissionDecided")
    check(made, session.state)


async def test_allow_of_a_hook_allows_nothing() -> None:
    answers: dict[str, Says] = {"look": says("PreToolUse", permissionDecision="allow")}
    made, _ = world([SHELL, replies("Ok.")], [hook("PreToolUse")], answers, allow="", interactive=False)
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert [it.decision for it in made.events(PermissionDecided)] == ["deny"]
    check(made, session.state)


async def test_a_denial_holds_whatever_a_rule_allows_and_is_told() -> None:
    answers: dict[str, Says] = {"look": prints(status=2, stderr="Not on Fridays.")}
    made, runner = world([SHELL, replies("Ok.")], [hook("PreToolUse"), hook("PreToolUse", "second")], answers)
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert told(made) == "Denied: a hook of yours said no: Not on Fridays. Do not try to get around this."
    [decided], [finished] = made.events(PermissionDecided), made.events(CallFinished)
    assert (decided.decision, decided.source, finished.outcome) == ("deny", "hook", "denied")
    assert finished.details == {"denied_by": "hook", "rule": ""}
    assert runner.commands == ["look"], "what is denied needs no second opinion"
    check(made, session.state)


@pytest.mark.parametrize(
    "answer",
    [
        says("PreToolUse", permissionDecision="ask", permissionDecisionReason="look twice"), prints("yes, go on"), prints("{}}"), prints(status=1),
        HookOutput(None, "", "", 60.0, "it took too long"),
    ],
)  # fmt: skip
async def test_what_asks_or_fails_is_a_question_without_a_lasting_answer(answer: HookOutput) -> None:
    made, _ = world([SHELL, replies("Ok.")], [hook("PreToolUse")], {"look": answer})
    session = await made.start()
    watch = Watch(session)
    await session.prompt(Prompt("Build."))
    asked = await watch.event(PermissionAsked)
    assert {it.id for it in asked.question.options} == {"allow_once", "reject_once", "reject_with_reason"}
    [why] = [it.text for it in asked.question.facts if it.name == "why"]
    assert why.startswith("a hook of yours ")
    assert made.shell.commands == []
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    assert [it.line for it in made.shell.commands] == ["make"]
    check(made, session.state)


@pytest.mark.parametrize(("mode", "interactive"), [("deny-all", True), ("default", False)])
async def test_where_nobody_is_asked_a_failing_hook_denies(mode: str, interactive: bool) -> None:
    made, _ = world(
        [SHELL, replies("Ok.")],
        [hook("PreToolUse")],
        {"look": prints(status=1)},
        mode=mode,
        interactive=interactive,
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert [it.outcome for it in made.events(CallFinished)] == ["denied"]
    check(made, session.state)


async def test_a_changed_input_is_judged_from_the_start_and_told() -> None:
    def safer(given: dict[str, Any]) -> HookOutput:
        if given["tool_input"]["command"] == "make":
            return says("PreToolUse", updatedInput={"command": "make -n"}, permissionDecision="allow")
        return prints()

    made, runner = world(
        [SHELL, replies("Ok.")], [hook("PreToolUse")], {"look": safer}, allow="Bash(make -n)"
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert [it.line for it in made.shell.commands] == ["make -n"]
    assert [given["tool_input"]["command"] for _, given in runner.runs] == ["make", "make -n"]
    last = made.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    [remark] = last.ordered[0].remarks
    assert remark.text == 'The input of this call was changed to {"command": "make -n"}'
    assert [it.origin for it in remark.sources] == ["hook"]
    check(made, session.state)


async def test_a_change_to_what_no_rule_allows_is_asked_about() -> None:
    answers: dict[str, Says] = {
        "look": says("PreToolUse", updatedInput={"command": "rm -rf x"}, permissionDecision="allow")
    }
    made, _ = world(
        [SHELL, replies("Ok.")], [hook("PreToolUse")], answers, allow="Bash(make)", interactive=False
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    check(made, session.state)


@pytest.mark.parametrize("order", [("safe", "undo"), ("undo", "safe")])
async def test_no_hook_takes_back_what_another_has_changed(order: tuple[str, str]) -> None:
    def to(before: str, after: str) -> Callable[[dict[str, Any]], HookOutput]:
        changed = says("PreToolUse", updatedInput={"command": after})
        return lambda given: changed if given["tool_input"]["command"] == before else prints()

    answers: dict[str, Says] = {"safe": to("make", "make -n"), "undo": to("make -n", "make")}
    hooks = [hook("PreToolUse", it) for it in order]
    made, _ = world([SHELL, replies("Ok.")], hooks, answers, allow="Bash(make:*)")
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert "another one changed it back" in told(made)
    check(made, session.state)


async def test_hooks_that_change_each_others_input_come_to_an_end() -> None:
    def more(given: dict[str, Any]) -> HookOutput:
        return says("PreToolUse", updatedInput={"command": given["tool_input"]["command"] + "x"})

    made, _ = world([SHELL, replies("Ok.")], [hook("PreToolUse")], {"look": more})
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert "again and again" in told(made)
    check(made, session.state)


async def test_an_input_with_a_secret_is_not_taken() -> None:
    command = "curl -H 'x-api-key: sk-ant-" + "api03-" + "Qz8" * 31 + "' x"
    made, _ = world(
        [SHELL, replies("Ok.")],
        [hook("PreToolUse")],
        {"look": says("PreToolUse", updatedInput={"command": command})},
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert made.shell.commands == []
    assert "holds a secret" in told(made)
    assert "Qz8Qz8" not in json.dumps([it.event.model_dump(mode="json") for it in made.journal.records])


async def test_what_follows_a_call_reaches_the_model_as_material_and_undoes_nothing() -> None:
    answers: dict[str, Says] = {"look": prints('{"decision": "block", "reason": "The linter complains."}')}
    made, runner = world(
        [replies(call("read", "r1", path="a.py"), call("read", "r2", path="b.py")), replies("Ok.")],
        [hook("PostToolUse", matcher="Read")],
        answers,
    )
    session = await made.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    assert [given["tool_response"]["is_error"] for _, given in runner.runs] == [False, False]
    last = made.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    assert [[it.text for it in one.remarks] for one in last.ordered] == [["The linter complains."]] * 2
    assert [it.outcome for it in made.events(CallFinished)] == ["completed"] * 2
    check(made, session.state)


async def test_what_a_prompt_and_a_session_begin_with() -> None:
    hooks = [hook("UserPromptSubmit", "date"), hook("SessionStart", "start")]
    made, runner = world(
        [replies("One."), replies("Two.")],
        hooks,
        {"date": prints("It is Friday."), "start": prints("Use tabs.")},
    )
    session = await made.start()
    for words in ("First.", "Second."):
        await session.prompt(Prompt(words))
        await session.idle()
    assert runner.commands == ["start", "date", "date"]
    prompts = [it for it in made.model.requests[-1].messages if isinstance(it, UserMessage)]
    assert [it.text.split("\n\n")[0] for it in prompts] == ["First.", "Second."]
    assert "from hook user>\nUse tabs.\n</material" in prompts[0].text
    assert "from hook user>\nIt is Friday.\n</material" in prompts[1].text
    assert prompts[0].words == len("First.")
    assert made.events(PromptReceived)[0].text == "First."
    check(made, session.state)


@pytest.mark.parametrize(
    "answer",
    [prints(status=2, stderr="No keys here."), prints('{"continue": false, "stopReason": "No keys here."}')],
)
async def test_a_prompt_that_is_stopped_reaches_no_model(answer: HookOutput) -> None:
    made, _ = world([replies("One.")], [hook("UserPromptSubmit")], {"look": answer})
    session = await made.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    assert made.model.requests == []
    assert not made.events(Routed)
    [ended] = made.events(TurnEnded)
    assert (ended.reason, "No keys here." in ended.message) == ("cancelled", True)
    check(made, session.state)


@pytest.mark.parametrize("moment", ["UserPromptSubmit", "SessionStart", "PostToolUse", "Stop"])
async def test_a_hook_that_fails_elsewhere_is_told_and_left(moment: Moment) -> None:
    made, _ = world([SHELL, replies("Ok.")], [hook(moment)], {"look": prints("{nonsense", status=1)})
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    assert [it.line for it in made.shell.commands] == ["make"]
    assert [it.outcome for it in made.events(HookEnded)] == ["failed"]
    assert [it.reason for it in made.events(TurnEnded)] == ["end_turn"]
    check(made, session.state)


async def test_a_turn_goes_on_until_its_hook_is_content_or_was_asked_often_enough() -> None:
    plays = [replies("Done.") for _ in range(8)]
    made, runner = world(plays, [hook("Stop")], {"look": prints(status=2, stderr="Run the tests.")})
    session = await made.start()
    await session.prompt(Prompt("Mend."))
    await session.idle()
    assert len(made.model.requests) == 6
    assert [given["stop_hook_active"] for _, given in runner.runs] == [False, True, True, True, True]
    note = made.model.requests[-1].messages[-1]
    assert isinstance(note, UserMessage)
    assert note.note
    assert "Run the tests." in note.text
    check(made, session.state)


async def test_a_hook_may_end_the_turn_after_a_call() -> None:
    made, _ = world(
        [SHELL, replies("Ok.")],
        [hook("PostToolUse")],
        {"look": prints('{"continue": false, "stopReason": "Enough."}')},
    )
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await session.idle()
    [ended] = made.events(TurnEnded)
    assert (ended.reason, ended.message) == ("cancelled", "A hook ended the turn: Enough.")
    assert len(made.model.requests) == 1
    check(made, session.state)


async def test_a_compaction_can_be_stopped() -> None:
    plays = [*(replies(call("read", f"r{n}", path="a.py", first=n)) for n in range(1, 14)), replies("Ok.")]
    made, runner = world(
        plays, [hook("PreCompact", matcher="manual")], {"look": prints(status=2, stderr="Not now.")}
    )
    session = await made.start()
    await session.prompt(Prompt("Look."))
    await session.idle()
    await session.compact("test")
    await session.idle()
    [failed] = made.events(CompactionFailed)
    assert "Not now." in failed.message
    assert runner.runs[0][1]["trigger"] == "manual"
    assert session.state.conversation.compactions == ()
    check(made, session.state)


async def test_closing_while_a_hook_runs_asks_on_resuming_and_runs_it_no_second_time() -> None:
    made, runner = world([SHELL, replies("Ok.")], [hook("PreToolUse")])
    runner.held = "look"
    session = await made.start()
    await session.prompt(Prompt("Build."))
    await runner.reached.wait()
    await session.close(Close())
    assert [it.outcome for it in made.events(HookEnded)] == ["stopped"]
    runner.held = ""
    again = await made.reopen()
    watch = Watch(again)
    await again.resume(Resume())
    asked = await watch.event(PermissionAsked)
    assert runner.commands == ["look"]
    assert made.shell.commands == []
    await again.answer(Answer(asked.question.id, "allow_once"))
    await again.idle()
    assert [it.line for it in made.shell.commands] == ["make"]
    assert len(made.events(HookStarted)) == len(made.events(HookEnded)) == 1
    assert len(made.events(CallStarted)) == 1
    check(made, again.state)
