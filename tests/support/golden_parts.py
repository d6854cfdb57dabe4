"""Short ways to write the events of the golden sessions."""

from __future__ import annotations

from typing import Any

from postil.core import events as ev
from postil.core.agent_types import TypeLimits
from postil.core.effects import EffectClass, Fact, ToolKind, text_hash
from postil.core.messages import AssistantMessage, Block, StopReason, ToolCall, Usage
from postil.core.origin import Source
from postil.core.question import Option, Question
from postil.core.remembered import LeftOut, RememberedFile
from postil.core.spending import Allowance, Balance, Projection

MODEL = "a-model-1"
TOOLS = ("edit", "glob", "grep", "list", "read", "shell", "todo", "ask_user", "write")
BEFORE, AFTER = text_hash("return total / count\n"), text_hash("return total / max(count, 1)\n")
DIFF = "@@ -1 +1 @@\n-return total / count\n+return total / max(count, 1)\n"


def begin(mode: str = "default", *, trusted: bool = True) -> list[ev.Durable]:
    return [
        ev.SessionCreated(session_id="s0001", roots=("/project",), face="lsp", postil="0.1.0"),
        configuration(mode, "session start", trusted=trusted),
    ]


def configuration(mode: str, cause: str, *, trusted: bool = True) -> ev.ConfigurationInForce:
    return ev.ConfigurationInForce(
        agent_type="build", mode=mode, model=MODEL, tools=TOOLS, limits=ev.Limits(), cause=cause,
        trusted=trusted, trust=f"/project {'is trusted, as you said' if trusted else 'is not known to be trusted'}",
    )  # fmt: skip


def agent_type() -> ev.AgentTypeInForce:
    return ev.AgentTypeInForce(
        name="docs", title="Documents", source="workspace", file="/project/.postil/agents/docs.md",
        tools=("read", "edit"), mode="no-edits", limits=TypeLimits(steps=30, session=0.5), prompt="Your task: the documents.",
    )  # fmt: skip


def remembered() -> ev.MemoryInForce:
    files = (
        RememberedFile(path="/home/ada/.config/postil/AGENTS.md", own=True),
        RememberedFile(
            path="/project/AGENTS.md",
            cut=201,
            left_out=(LeftOut(written="../x.md", line=3, why="it lies outside the workspace"),),
        ),
    )
    notes = ("- note/deploy: Deploy (Fridays never.)",)
    text = "Memory\nUse tabs.\n"
    return ev.MemoryInForce(text=text, hash=text_hash(text), files=files, notes=notes)


def prompt(turn: str, text: str, **more: Any) -> ev.PromptReceived:
    return ev.PromptReceived(turn_id=turn, text=text, face="lsp", **more)


def routed(turn: str) -> ev.Routed:
    return ev.Routed(turn_id=turn, agent_type="build", model=MODEL, pool=TOOLS, why="the default agent")


def replied(
    turn: str, step: int, *blocks: Block, stop: StopReason = "end_turn", cost: float | None = 0.0125
) -> ev.ModelReplied:
    return ev.ModelReplied(
        turn_id=turn,
        step=step,
        model=MODEL,
        message=AssistantMessage(content=blocks),
        usage=Usage(input=100 * step, cache_read=2000, cache_write=50, output=40 + step),
        stop_reason=stop,
        cost=cost,
        seconds=1.5,
        request_id=f"req_{turn}_{step}",
    )


def model_called(turn: str, step: int, number: int) -> ev.ModelCalled:
    projection = Projection(
        estimated=1_800, input=2_000, most_input=2_200, cached=1_500, output=1_024, likely=0.0125, cost=0.03125,
        window=200_000,
    )  # fmt: skip
    balances = (Balance(scope="turn"), Balance(scope="session", most=Allowance(cost=2.0)))
    return ev.ModelCalled(
        turn_id=turn,
        step=step,
        number=number,
        day="2027-01-15",
        model=MODEL,
        projection=projection,
        balances=balances,
    )


def call(call_id: str, name: str, **given: Any) -> ToolCall:
    return ToolCall(id=call_id, name=name, input=given)


def started(
    turn: str, call_id: str, tool: str, kind: ToolKind, title: str, effect: EffectClass = "none", **more: Any
) -> ev.CallStarted:
    return ev.CallStarted(
        turn_id=turn, call_id=call_id, tool=tool, kind=kind, title=title, effect_class=effect, **more
    )


def finished(
    turn: str, call_id: str, tool: str, content: str, outcome: ev.CallOutcome = "completed", **more: Any
) -> ev.CallFinished:
    touched = outcome not in ("denied", "not_run") and tool in ("read", "edit", "shell")
    sources = (Source(origin="workspace", name="/project"),) if touched else ()
    given: dict[str, Any] = {"sources": sources, **more}
    return ev.CallFinished(
        turn_id=turn, call_id=call_id, tool=tool, outcome=outcome, content=content, seconds=0.25, **given
    )


def decided(
    turn: str, call_id: str, decision: Any = "allow", by: Any = "rule", **more: Any
) -> ev.PermissionDecided:
    given: dict[str, Any] = {"rule": "read(**)", "why": "reads inside the workspace are allowed", **more}
    return ev.PermissionDecided(
        turn_id=turn, call_id=call_id, fingerprint=f"f-{call_id}", decision=decision, by=by, **given
    )


def asked(turn: str, call_id: str, question: str, subject: str, **more: Any) -> ev.PermissionAsked:
    options = (
        Option(id="allow_once", title="Allow once", kind="allow_once"),
        Option(
            id="allow_session", title="Allow for this session", kind="allow_session", note="shell(pytest *)"
        ),
        Option(id="reject_once", title="Deny", kind="reject_once"),
        Option(id="reject_with_reason", title="Deny and say why", kind="reject_with_reason"),
    )
    facts = (Fact(name="runs", text=subject), Fact(name="why", text="no rule allows it"))
    return ev.PermissionAsked(
        turn_id=turn,
        call_id=call_id,
        fingerprint=f"f-{call_id}",
        question=Question(
            id=question, kind="permission", title="May this happen?", subject=subject, facts=facts,
            options=options, **more,
        ),
    )  # fmt: skip


def answered(
    turn: str, call_id: str, question: str, option: str, decision: Any = "allow"
) -> ev.PermissionDecided:
    return decided(
        turn, call_id, decision, "person",
        rule="", why="you decided", question_id=question, option_id=option, face="lsp",
    )  # fmt: skip


def ended(turn: str, reason: ev.TurnEnd = "end_turn", steps: int = 1, **more: Any) -> ev.TurnEnded:
    return ev.TurnEnded(
        turn_id=turn, reason=reason, steps=steps, usage=Usage(input=100, output=41), seconds=3.5, **more
    )


def edited(turn: str, call_id: str) -> list[ev.Durable]:
    label = "Edit stats.py"
    intent = ev.EditIntent(path="/project/stats.py", before=BEFORE, after=AFTER)
    return [
        started(turn, call_id, "edit", "edit", label, "file_edit", change_id="c0001", edits=(intent,)),
        ev.FileChanged(
            turn_id=turn, call_id=call_id, change_id="c0001", label=label, path="/project/stats.py",
            before=BEFORE, after=AFTER, added=1, removed=1, where="buffer", diff=DIFF,
        ),
        finished(turn, call_id, "edit", "Edited stats.py: 1 replacement.", details={"replacements": 1}),
    ]  # fmt: skip


def shell_started(turn: str, call_id: str, line: str) -> list[ev.Durable]:
    return [
        started(turn, call_id, "shell", "execute", line, "shell", command=line, cwd="/project"),
        ev.ProcessStarted(call_id=call_id, pid=4242, started=1234.5),
    ]
