"""The golden sessions with hooks at all moments, and with skills."""

from __future__ import annotations

from typing import Any

from postil.core import events as ev
from postil.core.effects import text_hash
from postil.core.hooks import HookOutcome, Moment
from postil.core.messages import Remark, Text, ToolCall
from postil.core.origin import Source
from postil.core.question import PromptContext
from postil.core.skills import SkillGiven, SkillRow
from tests.support.golden_parts import (
    begin,
    call,
    decided,
    ended,
    finished,
    prompt,
    replied,
    routed,
    shell_started,
    started,
)

PROJECT = Source(origin="workspace", name="/project")


def hook(turn: str, number: int, moment: Moment, outcome: HookOutcome, **more: Any) -> list[ev.Durable]:
    call_id = more.pop("call_id", None)
    same: dict[str, Any] = {
        "hook_id": f"h{number:04}",
        "key": f"{number:032}",
        "moment": moment,
        "owner": "user",
        "turn_id": turn,
        "call_id": call_id,
    }
    more.setdefault("exit_code", 0)
    return [
        ev.HookStarted(**same, file="/home/ada/.config/postil/settings.toml", command="~/bin/look"),
        ev.HookEnded(**same, outcome=outcome, seconds=0.25, **more),
    ]


def hooked() -> list[ev.Durable]:
    turn, after = "t0001", "t0002"
    said = Remark(text="It is Friday.", sources=(Source(origin="hook", name="user"),))
    stop = Remark(text="Run the tests.", sources=(Source(origin="hook", name="workspace"), PROJECT))
    return [
        *begin(), prompt(turn, "Build it."),
        *hook(turn, 1, "SessionStart", "nothing"), *hook(turn, 2, "UserPromptSubmit", "said", remark=said),
        routed(turn), replied(turn, 1, call("call_1", "shell", command="make"), stop="tool_use"),
        *hook(turn, 3, "PreToolUse", "changed", call_id="call_1", input={"command": "make -n"}, remark=said),
        decided(turn, "call_1"), *shell_started(turn, "call_1", "make -n"), finished(turn, "call_1", "shell", "ok\n"),
        *hook(turn, 4, "PostToolUse", "said", call_id="call_1", remark=said),
        replied(turn, 2, Text(text="Built.")), *hook(turn, 5, "Stop", "blocks", why="Run the tests.", remark=stop),
        replied(turn, 3, call("call_2", "shell", command="pytest"), stop="tool_use"),
        *hook(turn, 6, "PreToolUse", "failed", call_id="call_2", why="it took too long", exit_code=None)[:1],
        ev.SessionResumed(face="lsp", postil="0.1.0", clean=False),
        *hook(turn, 6, "PreToolUse", "interrupted", call_id="call_2", why="it was interrupted")[1:],
        decided(turn, "call_2", "deny"), finished(turn, "call_2", "shell", "Denied.", "denied"), ended(turn, steps=3),
        prompt(after, "Go on."), *hook(after, 7, "UserPromptSubmit", "blocks", why="Enough.", ends_turn=True),
    ]  # fmt: skip


def skilled() -> list[ev.Durable]:
    turn, user, text = "t0001", Source(origin="user"), "Skills\n- docs: Writes docs.\n"
    rows = (
        SkillRow(
            name="docs",
            description="Writes docs.",
            owner="user",
            path="/home/ada/.agents/skills/docs/SKILL.md",
        ),
        SkillRow(
            name="build",
            description="Builds.",
            owner="workspace",
            path="/project/.agents/skills/build/SKILL.md",
        ),
    )
    opened = ev.SkillActivated(
        turn_id=turn,
        call_id="call_1",
        name="docs",
        owner="user",
        path=rows[0].path,
        text="First look.",
        allowed=("read", "Bash(git:*)"),
        sources=(user,),
    )
    given = SkillGiven(
        name="docs", owner="user", path=rows[0].path, text="First look.", allowed=("read",), sources=(user,)
    )
    command = PromptContext(
        kind="command", name="/review", path="/project/.postil/commands/review.md", text="Review src.", sources=(PROJECT,)
    )  # fmt: skip
    return [
        *begin(), ev.SkillsInForce(text=text, hash=text_hash(text), skills=rows), prompt(turn, "Write docs."), routed(turn),
        replied(turn, 1, ToolCall(id="call_1", name="skill", input={"name": "docs"}), stop="tool_use"), decided(turn, "call_1"), started(turn, "call_1", "skill", "other", "Load the skill docs"), opened,
        finished(turn, "call_1", "skill", "First look.", sources=(user,)), replied(turn, 2, Text(text="Written.")), ended(turn, steps=2),
        prompt("t0002", "/docs src", skill=given), routed("t0002"), replied("t0002", 1, Text(text="Done.")), ended("t0002"),
        prompt("t0003", "/review src", context=(command,)), routed("t0003"), replied("t0003", 1, Text(text="Fine.")), ended("t0003"),
    ]  # fmt: skip
