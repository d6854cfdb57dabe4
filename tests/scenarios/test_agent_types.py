"""What a session of each built-in type may call, and what becomes of a call of anything else: the real loop, real files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from postil.agent.types.collection import BUILTIN
from postil.core import events as ev
from postil.core.agent_types import EVERY_TOOL
from postil.core.question import Question
from postil.core.submissions import SetMode
from tests.support.few_tools import registry
from tests.support.house import House, beginning, house, no, tools_of

Becomes = Literal["runs", "asked", "mode", "outside", "no plan mode"]
"""It runs, a person is asked, the mode denies it, it is no tool of the session, or it ends a mode that is not in force."""

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "architecture_evidence": ("architecture_evidence", {}),
    "ask_user": ("ask_user", {"question": "Which?", "options": ["One", "Two"]}),
    "background": ("background", {"action": "list"}),
    "delete": ("delete", {"path": "a.py"}),
    "diagnostics": ("diagnostics", {}),
    "edit": ("edit", {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}),
    "fetch": ("fetch", {"url": "https://example.org/"}),
    "find_tools": ("find_tools", {"query": "zzyzx"}),
    "glob": ("glob", {"pattern": "*.py"}),
    "grep": ("grep", {"pattern": "x"}),
    "list": ("list", {}),
    "manual": ("manual", {"words": "plan mode"}),
    "move": ("move", {"path": "a.py", "to": "c.py"}),
    "propose_plan": ("propose_plan", {"plan": "1. Change a.py."}),
    "read": ("read", {"path": "b.py"}),
    "recall": ("recall", {"queries": ["anything"]}),
    "remember": ("remember", {"topic": "things", "heading": "Things", "text": "A thing."}),
    "report_finding": (
        "report_finding",
        {"path": "b.py", "line": 1, "quote": "y = 1", "severity": "info", "message": "A name says nothing."},
    ),
    "shell that reads": ("shell", {"command": "wc -l a.py"}),
    "shell that writes": ("shell", {"command": "touch made.txt"}),
    "shell that redirects": ("shell", {"command": "echo x > a.py"}),
    "shell, unknown": ("shell", {"command": "./check.sh"}),
    "skill": ("skill", {}),
    "symbols": ("symbols", {"path": "b.py"}),
    "todo": ("todo", {"items": [{"text": "Look"}]}),
    "use_tool": ("use_tool", {"name": "manual", "input": {"words": "plan mode"}}),
    "write": ("write", {"path": "new.py", "content": "x = 1\n"}),
}
READS: tuple[str, ...] = ("glob", "grep", "list", "read", "recall", "shell that reads")
FINDS: tuple[str, ...] = (
    "architecture_evidence", "find_tools", "ask_user", "background", "manual", "skill", "todo",
)  # fmt: skip
ELSEWHERE = {"delegate"}
"""Tools that other tests are about: `test_delegate.py`."""
CHANGES = ("delete", "edit", "move", "remember", "write", "shell that writes", "shell that redirects")


def table(
    runs: tuple[str, ...],
    *,
    asked: tuple[str, ...] = (),
    mode: tuple[str, ...] = (),
    no_plan: tuple[str, ...] = (),
) -> dict[str, Becomes]:
    """Return what becomes of each call; what is named nowhere is outside the pool."""
    found: dict[str, Becomes] = dict.fromkeys(CALLS, "outside")
    named: list[tuple[Becomes, tuple[str, ...]]] = [
        ("runs", runs), ("asked", asked), ("mode", mode), ("no plan mode", no_plan)
    ]  # fmt: skip
    for becomes, names in named:
        found |= dict.fromkeys(names, becomes)
    return found


EXPECTED: dict[str, dict[str, Becomes]] = {
    "build": table(
        (*READS, *FINDS, "diagnostics", "report_finding", "symbols"),
        asked=(*CHANGES, "shell, unknown", "fetch"),
        no_plan=("propose_plan",),
    ),
    "explore": table(
        (*READS, "diagnostics", "symbols"),
        mode=("shell that writes", "shell that redirects", "shell, unknown"),
    ),
    "plan": table(
        (*READS, *FINDS, "diagnostics", "report_finding", "symbols"),
        mode=(*CHANGES, "shell, unknown"),
        asked=("propose_plan", "fetch"),
    ),
    "verify": table(
        (*READS, "background", "diagnostics"),
        mode=("shell that writes", "shell that redirects"),
        asked=("shell, unknown",),
    ),
    "review": table(
        (*READS, "diagnostics", "report_finding", "symbols"),
        mode=("shell that writes", "shell that redirects", "shell, unknown"),
    ),
    "guide": table(("manual",)),
}


def test_every_built_in_type_is_in_the_table() -> None:
    assert set(EXPECTED) == {it.stem for it in BUILTIN.glob("*.md")}
    assert {tool for tool, _ in CALLS.values()} == set(registry.names) - ELSEWHERE, "and every tool"


def became(place: House, call_id: str) -> Becomes | str:
    """Return what became of a call, from what is on record."""
    (finished,) = [it for it in place.events(ev.CallFinished) if it.call_id == call_id]
    started = any(it.call_id == call_id for it in place.events(ev.CallStarted))
    asked = any(it.call_id == call_id for it in place.events(ev.PermissionAsked))
    if finished.outcome == "completed":
        return "asked and runs" if asked else "runs"
    assert (finished.outcome, started) == ("denied", False), finished.content
    decided = [it for it in place.events(ev.PermissionDecided) if it.call_id == call_id][-1]
    assert decided.decision == "deny"
    if asked:
        return "asked"
    if finished.details.get("error") == "OutsidePool":
        assert "is not among the tools of the agent type" in finished.content
        return "outside"
    if decided.source == "built_in" and "plan mode is not in force" in decided.why:
        return "no plan mode"
    closed = "closed-files" in decided.checks  # a denial of edits counts for commands that write
    assert closed or decided.source in ("mode", "agent_type"), decided
    return "mode"


@pytest.mark.parametrize("agent", EXPECTED)
async def test_what_each_type_may_call_and_what_becomes_of_all_else(
    agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [{"tool": "read", "input": {"path": name}, "id": f"seen_{name[0]}"} for name in ("a.py", "b.py")]
    wanted = [
        {"tool": tool, "input": given, "id": f"call_{number}"}
        for number, (tool, given) in enumerate(CALLS.values())
    ]
    script = [{"blocks": seen}, {"blocks": wanted}, "Done."]
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 1\n")
        (place.root / "b.py").write_text("y = 1\n")
        (place.root / "check.sh").write_text("#!/bin/sh\ntouch made.txt\n")
        (place.root / "check.sh").chmod(0o755)
        before = place.texts()
        session = await place.begin(agent)
        await place.turn(session)
        found = {name: became(place, f"call_{number}") for number, name in enumerate(CALLS)}
        assert found == EXPECTED[agent]
        assert place.texts() == before
        assert not place.events(ev.FileChanged)
        (ended,) = place.events(ev.TurnEnded)
        assert ended.reason == "end_turn", "the session goes on after whatever was denied"
        await _is_on_record(place, agent)


async def _is_on_record(place: House, agent: str) -> None:
    """What the model was shown, what is recorded and what could be called are the same, from the first request to the last."""
    (typed,) = place.events(ev.AgentTypeInForce)
    (configuration,) = place.events(ev.ConfigurationInForce)
    (routed,) = place.events(ev.Routed)
    assert (typed.name, configuration.agent_type, routed.agent_type) == (agent, agent, agent)
    assert configuration.tools == routed.pool
    callable_ = {CALLS[name][0] for name, it in EXPECTED[agent].items() if it != "outside"}
    assert set(configuration.tools) - ELSEWHERE == callable_
    requests = list(place.server.requests)
    assert len({repr(beginning(it)) for it in requests}) == 1, "denials leave the beginning alone"
    deferred = {it.name for it in registry.specs() if it.deferral != "always"}
    assert tools_of(requests[0]) == [
        it for it in configuration.tools if it not in deferred or it in typed.tools
    ]
    assert any(it["text"] == typed.prompt for it in requests[0].body["system"])
    assert len(place.events(ev.PrefixChanged)) == 1


@pytest.mark.parametrize("agent", [it for it in EXPECTED if it != "build"])
@pytest.mark.parametrize("rule", ["Edit", "Bash"])
async def test_no_rule_and_no_mode_that_a_person_chooses_gives_a_type_more(
    agent: str, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that allow everything, in the freest mode: what the type withholds stays withheld."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(f'allow = ["{rule}"]\n')
    wanted = [
        {"tool": tool, "input": given, "id": f"call_{number}"}
        for number, (tool, given) in enumerate(CALLS.values())
    ]
    script = [{"tool": "read", "input": {"path": "a.py"}, "id": "seen"}, {"blocks": wanted}, "Done."]
    async with house(tmp_path, script, monkeypatch, mode="accept-edits") as place:
        (place.root / "a.py").write_text("x = 1\n")
        (place.root / "check.sh").write_text("#!/bin/sh\nexit 0\n")
        (place.root / "check.sh").chmod(0o755)
        before = place.texts()
        await place.turn(await place.begin(agent))
        withheld = [name for name, it in EXPECTED[agent].items() if it in ("mode", "outside")]
        number = {name: number for number, name in enumerate(CALLS)}
        found = {name: became(place, f"call_{number[name]}") for name in withheld}
        assert found == {name: EXPECTED[agent][name] for name in withheld}
        assert place.texts() == before


async def test_a_tool_that_does_not_exist_is_told_apart_from_one_that_the_type_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script: list[Any] = [{"tool": "fly", "input": {}, "id": "c1"}, "Done."]
    async with house(tmp_path, script, monkeypatch) as place:
        await place.turn(await place.begin("guide"))
        (finished,) = place.events(ev.CallFinished)
        assert (finished.outcome, finished.content) == (
            "failed",
            "There is no tool named `fly` here. The tools of this session are manual.",
        )


def test_all_tools_are_in_the_pools_of_build_and_plan() -> None:
    for name in ("build", "plan"):
        assert f'tools: ["{EVERY_TOOL}"]' in (BUILTIN / f"{name}.md").read_text()


# --- Plan ----------------------------------------------------------------------------------------------------


THE_PLAN = "1. `a.py`: x becomes 2.\n2. Run it."
EDIT: dict[str, Any] = {"tool": "edit", "input": {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}}
PLAN: dict[str, Any] = {"tool": "propose_plan", "input": {"plan": THE_PLAN}}


def planned(*answers: str) -> list[Any]:
    """A session that tries to edit, proposes until it is told yes, and edits."""
    calls = [{"tool": "read", "input": {"path": "a.py"}}, EDIT, *(PLAN for _ in answers), EDIT]
    return [{"blocks": [{**it, "id": f"c{number}"}]} for number, it in enumerate(calls)] + ["Done."]


@pytest.mark.parametrize("mode", ["default", "accept-edits", "plan", "no-edits"])
async def test_an_approved_plan_ends_plan_mode_and_nothing_else_changes(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["reject_once", "allow_once"])

    def answer(question: Question) -> str:
        if question.title == "Leave plan mode?":
            assert question.subject == THE_PLAN
            assert [it.id for it in question.options] == ["allow_once", "reject_once", "reject_with_reason"]
            return next(answers)
        return "allow_once" if question.kind == "permission" else no(question)

    script = planned("no", "yes")
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 1\n")
        place.answer = answer
        session = await place.begin("plan", mode)
        await place.turn(session)
        outcomes = {it.call_id: it.outcome for it in place.events(ev.CallFinished)}
        last = "denied" if mode == "no-edits" else "completed"
        assert outcomes == {"c0": "completed", "c1": "denied", "c2": "denied", "c3": "completed", "c4": last}
        told = {it.call_id: it.content for it in place.events(ev.CallFinished)}
        assert "hand it in with `propose_plan`" in told["c1"]
        assert place.texts() == {"a.py": "x = 1\n" if mode == "no-edits" else "x = 2\n"}
        begun, after = place.events(ev.ConfigurationInForce)
        assert (begun.held, begun.mode) == ("plan", mode)
        back = "default" if mode == "plan" else mode
        assert (after.held, after.mode, after.cause) == ("", back, "plan approved by person")
        assert (after.agent_type, after.tools) == ("plan", begun.tools)
        asked = [it.question.title for it in place.events(ev.PermissionAsked)]
        assert asked == ["Leave plan mode?"] * 2 + (["Edit this file?"] if back == "default" else [])
        (by_person,) = [
            it for it in place.events(ev.PermissionDecided) if it.by == "person" and it.call_id == "c3"
        ]
        assert (by_person.decision, by_person.face) == ("allow", "test")
        assert len({repr(beginning(it)) for it in place.server.requests}) == 1
        suffixes = [str(it.body["messages"][-1]) for it in place.server.requests]
        assert ["Permission mode: plan" in it for it in suffixes] == [True] * 4 + [False] * 2


async def test_a_session_of_another_type_leaves_plan_mode_for_the_mode_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [{"blocks": [{**it, "id": f"c{n}"}]} for n, it in enumerate([PLAN, PLAN])] + ["Done."]
    async with house(tmp_path, script, monkeypatch, mode="accept-edits") as place:
        place.answer = lambda question: "allow_once"
        session = await place.begin()
        await session.set_mode(SetMode("plan", "test"))
        await place.turn(session)
        configurations = place.events(ev.ConfigurationInForce)
        assert [(it.mode, it.before) for it in configurations] == [
            ("accept-edits", ""), ("plan", "accept-edits"), ("accept-edits", ""),
        ]  # fmt: skip
        assert [it.outcome for it in place.events(ev.CallFinished)] == ["completed", "denied"]


async def test_where_nobody_is_there_the_plan_is_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [{"blocks": [{**PLAN, "id": "c0"}]}, "My plan: 1. a.py."]
    async with house(tmp_path, script, monkeypatch, interactive=False) as place:
        await place.turn(await place.begin("plan"))
        assert "propose_plan" not in tools_of(place.server.requests[0])
        (finished,) = place.events(ev.CallFinished)
        assert finished.details == {"denied_by": "agent_type", "error": "OutsidePool"}
        (configuration,) = place.events(ev.ConfigurationInForce)
        assert configuration.held == "plan"


async def test_a_session_that_goes_on_keeps_its_type_its_pool_and_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config" / "agents"
    folder.mkdir(parents=True)
    own = "---\nname: own\ntitle: Own\nwhen: Always.\ntools: [read, glob]\nmode: plan\nlimits: {steps: 7}\n---\n"
    (folder / "own.md").write_text(f"{own}Your task: read.\n")
    async with house(tmp_path, ["One."], monkeypatch) as place:
        session = await place.begin("own")
        await place.turn(session)
        first = beginning(place.server.requests[0])
    (folder / "own.md").write_text(
        own.replace("[read, glob]", '["*"]').replace("mode: plan", "mode: as-chosen")
    )
    async with house(
        tmp_path, [{"tool": "write", "input": {"path": "n", "content": ""}}, "Two."], monkeypatch
    ) as place:
        again = await place.reopen(session.id)
        await place.turn(again)
        assert beginning(place.server.requests[0]) == first
        in_force = again.state.workflow.configuration
        assert in_force is not None
        assert (in_force.agent_type, in_force.tools, in_force.held) == ("own", ("glob", "read"), "plan")
        assert in_force.limits.steps == 7
        assert [it.outcome for it in place.events(ev.CallFinished)] == ["denied"]
        assert place.texts() == {}
