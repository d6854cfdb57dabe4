"""A type narrows and never widens: pools, limits and modes, whatever they are put together with."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import MappingProxyType

import pytest

from postil.agent.types.beginning import Beginning, lowered, pool
from postil.agent.types.collection import AgentTypes
from postil.agent.types.in_session import check_pool, chosen, plan_approved, way_out, words_of
from postil.core.agent_types import AgentTypeInForce, TypeLimits
from postil.core.effects import Access, Command, FileEdit
from postil.core.errors import OutsidePool, UnknownTool, UsageError
from postil.core.events import ConfigurationInForce, Limits
from postil.core.messages import ToolCall
from postil.core.spending import Allowance
from postil.core.state import CallState, Workflow
from postil.permissions.evaluate import evaluate
from postil.permissions.matching import RANK
from postil.permissions.modes import modes
from postil.permissions.policy import policy_for
from postil.permissions.rule import parse
from postil.tools.tool import Need, ToolSpec
from tests.support.few_tools import registry

ROOT = Path("/project")
HOLDABLE = [name for name, it in modes().items() if all(rule.verdict != "allow" for rule in it.rules)]


def configuration(**more: object) -> ConfigurationInForce:
    return ConfigurationInForce.model_validate(
        {"agent_type": "t", "mode": "default", "model": "m", "tools": ("read",), "limits": Limits(), "trusted": True, "cause": "start", **more}
    )  # fmt: skip


def workflow(agent: AgentTypeInForce | None = None, **more: object) -> Workflow:
    return Workflow(configuration=configuration(**more), agent=agent)


def typed(*tools: str, mode: str = "plan", source: str = "user") -> AgentTypeInForce:
    return AgentTypeInForce.model_validate(
        {"name": "t", "title": "T", "source": source, "tools": tools, "mode": mode, "prompt": "Words."}
    )


ACCESSES = MappingProxyType({
    "read": Access(reads=(ROOT / "a.py",)),
    "edit": Access(edits=(FileEdit(ROOT / "a.py", None, "x"),)),
    "outside": Access(reads=(Path("/etc/hosts"),)),
    "reads": Access(command=Command("wc -l a.py", ROOT, 1.0), open_world=True),
    "writes": Access(command=Command("touch a.py", ROOT, 1.0), open_world=True),
    "unknown": Access(command=Command("./check.sh", ROOT, 1.0), open_world=True),
    "host": Access(hosts=("example.org",)),
    "plan": Access(plan="1. All."),
})  # fmt: skip
RULES = ((), ("Edit", "Bash", "WebFetch"), ("Read",))


@pytest.mark.parametrize("allowed", RULES, ids=str)
@pytest.mark.parametrize("access", ACCESSES)
def test_a_held_mode_is_as_strict_as_either_mode_by_itself(access: str, allowed: tuple[str, ...]) -> None:
    standing = tuple(parse(it, "allow", "user") for it in allowed)

    def rank(mine: str, held: str = "") -> int:
        policy = policy_for(workflow(mode=mine, held=held), standing, (ROOT,))
        return RANK[evaluate(ACCESSES[access], policy).verdict]

    for mine, held in itertools.product(modes(), HOLDABLE):
        # Out of plan mode a plan is denied because there is nothing to leave: no strictness of that mode.
        apart = [it for it in (mine, held) if access != "plan" or it in ("plan", "deny-all")]
        together = rank(mine, held)
        assert all(together >= rank(it) for it in apart if access != "plan" or "plan" in (mine, held)), (
            mine,
            held,
        )


def test_of_what_the_chosen_mode_allows_a_held_one_leaves_only_what_it_allows_itself() -> None:
    policy = policy_for(workflow(mode="accept-edits", held="default"), (), (ROOT,))
    assert evaluate(ACCESSES["edit"], policy).verdict == "ask"
    held = policy_for(workflow(mode="accept-edits", held="no-edits"), (), (ROOT,))
    decision = evaluate(ACCESSES["edit"], held)
    assert (decision.verdict, decision.source) == ("deny", "agent_type")


def spec(name: str, *needs: str) -> ToolSpec:
    return ToolSpec.model_validate({"name": name, "title": name, "needs": needs})


def test_a_pool_is_what_the_type_names_and_the_session_can_have() -> None:
    specs = [
        spec("b"),
        spec("a"),
        spec("ask", "person"),
        spec("plug", "trust"),
        spec("both", "person", "trust"),
    ]

    def of(named: list[str], capabilities: list[Need]) -> tuple[str, ...]:
        return pool(named, specs, capabilities, references=True)

    assert of(["*"], ["person", "trust"]) == ("a", "ask", "b", "both", "plug")
    assert of(["*"], ["person"]) == ("a", "ask", "b")
    assert of(["*"], []) == ("a", "b")
    assert of(["a", "plug", "ask"], ["trust"]) == ("a", "plug")
    assert of([], ["person", "trust"]) == ()


@pytest.mark.parametrize("named", [["*"], ["find_tools", "use_tool"]])
def test_what_stands_in_for_references_is_in_pools_of_models_that_take_none(named: list[str]) -> None:
    specs = registry.specs()
    needs: list[Need] = ["person", "trust", "sub-agents"]
    with_references, without = (set(pool(named, specs, needs, references=it)) for it in (True, False))
    assert without - with_references == {"use_tool"}
    assert not with_references - without
    assert "use_tool" not in pool(["find_tools"], specs, needs, references=False), "a type narrows"


def test_limits_are_only_lowered() -> None:
    settings = Limits(steps=10, seconds=60, session=Allowance(cost=2.0), fixed=("day.cost",))
    more = TypeLimits(steps=50, seconds=600, session=9.0, turn=1.0, turn_tokens=5)
    found = lowered(settings, more)
    assert (found.steps, found.seconds, found.session.cost, found.turn.cost, found.turn.tokens) == (
        10,
        60,
        2.0,
        1.0,
        5,
    )
    assert (found.fixed, found.day) == (settings.fixed, settings.day)
    less = lowered(settings, TypeLimits(steps=3, session=0.5, session_tokens=7))
    assert (less.steps, less.session) == (3, Allowance(tokens=7, cost=0.5))
    assert lowered(settings, TypeLimits()) == settings


def called(tool: str, through: str = "") -> CallState:
    return CallState(call=ToolCall(id="c", name=tool, input={}), through=through, turn_id="t", step=1)


def test_a_call_outside_the_pool_is_told_apart_from_one_of_no_tool() -> None:
    held = workflow(typed("read"))
    check_pool(called("read"), held, registry.names)
    with pytest.raises(OutsidePool, match=r"`edit` is not among the tools of the agent type t"):
        check_pool(called("edit"), held, registry.names)
    with pytest.raises(UnknownTool) as caught:
        check_pool(called("fly"), held, registry.names)
    assert not isinstance(caught.value, OutsidePool)
    with pytest.raises(OutsidePool, match=r"The tools of this session are none\."):
        check_pool(called("read"), Workflow(), registry.names)


def test_a_tool_of_a_server_is_held_against_what_the_type_says() -> None:
    everything = workflow(typed("*"), tools=("find_tools", "read", "use_tool"))
    few = workflow(typed("find_tools", "mcp__a__one"), tools=("find_tools",))
    blind = workflow(typed("*"), tools=("read",))
    check_pool(called("mcp__a__two"), everything, registry.names)
    check_pool(called("mcp__a__two", "use_tool"), everything, registry.names)
    check_pool(called("mcp__a__one"), few, registry.names)
    for refused, session in ((called("mcp__a__two"), few), (called("mcp__a__one"), blind)):
        with pytest.raises(OutsidePool, match=r"`mcp__a__\w+` is not among the tools"):
            check_pool(refused, session, registry.names)


def test_what_is_used_through_another_tool_is_held_against_the_pool_as_well() -> None:
    session = workflow(typed("use_tool", "find_tools", "read"), tools=("find_tools", "read", "use_tool"))
    check_pool(called("read", "use_tool"), session, registry.names)
    for name in ("manual", "mcp__a__one"):
        with pytest.raises(OutsidePool, match=f"`{name}` is not among the tools"):
            check_pool(called(name, "use_tool"), session, registry.names)
    without = workflow(typed("*"), tools=("find_tools", "read"))
    with pytest.raises(OutsidePool, match="`use_tool` is not among the tools"):
        check_pool(called("read", "use_tool"), without, registry.names)


def test_a_person_cannot_choose_what_the_type_leaves_no_room_for() -> None:
    held = workflow(typed("read"), held="plan")
    for wanted in ("default", "accept-edits"):
        with pytest.raises(UsageError, match="Sessions of the agent type t stay in mode plan"):
            chosen(held, wanted, "test")
    stricter = chosen(held, "deny-all", "test")
    assert stricter is not None
    assert (stricter.mode, stricter.held) == ("deny-all", "plan")
    back = chosen(Workflow(configuration=stricter, agent=held.agent), "default", "test")
    assert back is not None, "what was chosen can be taken back"
    assert (back.mode, back.held) == ("default", "plan")


def test_a_person_leaves_a_plan_by_choosing_a_mode() -> None:
    for agent in (typed("*"), typed("read", "propose_plan")):
        left = chosen(workflow(agent, held="plan"), "accept-edits", "test")
        assert left is not None
        assert (left.mode, left.held) == ("accept-edits", "")
        assert chosen(workflow(agent, held="plan", mode="plan"), "plan", "test") is None
    with pytest.raises(UsageError):
        chosen(workflow(typed("*", mode="no-edits"), held="no-edits"), "accept-edits", "test")


def test_the_mode_from_before_is_that_from_before_the_first_time() -> None:
    now = chosen(workflow(mode="accept-edits"), "plan", "test")
    assert now is not None
    assert (now.mode, now.before) == ("plan", "accept-edits")
    assert chosen(Workflow(configuration=now), "plan", "test") is None
    after = plan_approved(now)
    assert (after.mode, after.before, after.held) == ("accept-edits", "", "")
    assert plan_approved(configuration(mode="deny-all", held="plan")).mode == "deny-all"


def test_the_model_is_told_the_way_out_that_there_is() -> None:
    assert "propose_plan" in way_out(configuration(held="plan", tools=("propose_plan",)))
    assert "propose_plan" not in way_out(configuration(mode="plan"))
    assert "stays in mode plan" in way_out(configuration(held="plan"))
    assert way_out(configuration(mode="deny-all")) == "The user can switch the mode. "


def test_what_a_workspaces_type_says_is_read_only_while_it_is_trusted() -> None:
    there = registry.names
    assert words_of(workflow(typed("read", source="workspace")), there).prompt == "Words."
    assert words_of(workflow(typed("read", source="workspace"), trusted=False), there).prompt == ""
    assert words_of(workflow(typed("read"), trusted=False), there).prompt == "Words."
    assert words_of(workflow(), there).prompt is None
    assert words_of(workflow(typed("read"), tools=("read", "gone")), there).tools == ("read",)


async def test_what_goes_on_never_gets_more_than_it_was_begun_with(tmp_path: Path) -> None:
    types = AgentTypes(tmp_path, [], registry.names, lambda: True)
    given = configuration(agent_type="", tools=(), mode="accept-edits")
    beginning = Beginning(types, "build", registry.specs, lambda: given, interactive=True)
    agent, begun = await beginning.new("explore")
    again = beginning.again(Workflow(configuration=begun, agent=agent))
    assert again.model_copy(update={"mode": begun.mode}) == begun
    older = begun.model_copy(update={"tools": ("read", "taken_out")})
    assert beginning.again(Workflow(configuration=older, agent=agent)).tools == ("read",)
    assert beginning.again(Workflow(configuration=older, agent=agent)).limits.steps == 40
    alone = Beginning(types, "build", registry.specs, lambda: given, interactive=False)
    assert "propose_plan" not in (await alone.new())[1].tools
    assert "propose_plan" in (await beginning.new())[1].tools
    with pytest.raises(UsageError, match="No mode 'fast'"):
        await beginning.new("build", "fast")


TAKES, TAKES_NONE = "claude-sonnet-5-5", "claude-haiku-4-5"


async def test_what_stands_in_for_references_comes_and_goes_with_the_model_and_nothing_else(
    tmp_path: Path,
) -> None:
    types = AgentTypes(tmp_path, [], registry.names, lambda: True)
    now = [configuration(agent_type="", tools=(), model=TAKES)]
    beginning = Beginning(types, "build", registry.specs, lambda: now[0], interactive=True)

    def on(model: str, session: Workflow) -> Workflow:
        now[0] = now[0].model_copy(update={"model": model})
        return session.model_copy(update={"configuration": beginning.again(session)})

    def tools(session: Workflow) -> set[str]:
        assert session.configuration is not None
        return set(session.configuration.tools)

    agent, begun = await beginning.new()
    first = Workflow(configuration=begun, agent=agent)
    assert "use_tool" not in tools(first)
    other = on(TAKES_NONE, first)
    assert tools(other) - tools(first) == {"use_tool"}
    assert tools(on(TAKES, other)) == tools(first)
    few = Workflow(configuration=begun.model_copy(update={"tools": ("read",)}), agent=typed("read"))
    assert tools(on(TAKES_NONE, few)) == {"read"}, "a type that does not name it never gets it"
    earlier = begun.model_copy(update={"tools": ("read", "use_tool")})
    kept = on(TAKES, Workflow(configuration=earlier, agent=typed("*")))
    assert tools(kept) == {"read", "use_tool"}, "as it was begun, so that its requests begin as they did"
