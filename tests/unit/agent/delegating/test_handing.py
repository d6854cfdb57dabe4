"""What a sub-agent has of the session above: its sources, the files of its person's prompt, and grants that still allow there."""

from __future__ import annotations

from pathlib import Path

from postil.agent.delegating.handing import grants_of, parent_of
from postil.core import events as ev
from postil.core.delegation import SubagentStarted
from postil.core.fold import fold
from postil.core.origin import Source
from postil.core.state import Workflow
from postil.permissions.scope import asked_for
from postil.permissions.taint import CLEAN, taint_of
from tests.support.golden_parts import begin, call, decided, finished, prompt, replied, routed, started

ROOTS = (Path("/project"),)
STARTED = SubagentStarted(
    turn_id="t1", call_id="c2", session_id="s2", agent_type="build", title="Do", depth=1
)  # fmt: skip


def state(*more: ev.Durable) -> Workflow:
    events = [*begin(), ev.GrantAdded(grant_id="g1", rule="Bash(make:*)", scope="session"), prompt("t1", "Mend src/a.py."), routed("t1"), *more]  # fmt: skip
    return fold(ev.Recorded(n, 0.0, it) for n, it in enumerate(events, 1)).workflow


def from_the_network() -> list[ev.Durable]:
    return [
        replied("t1", 1, call("c1", "fetch", url="https://example.org"), stop="tool_use"),
        decided("t1", "c1"), started("t1", "c1", "fetch", "fetch", "Fetch", "network"),
        finished("t1", "c1", "fetch", "Words.", sources=(Source(origin="network", name="example.org"),)),
    ]  # fmt: skip


def below(workflow: Workflow, task: str) -> Workflow:
    """Return a sub-agent of that session that was given a task."""
    grants = grants_of(workflow, ROOTS)
    parent = parent_of(STARTED, workflow, "s0001", grants, ROOTS)
    created, *rest = begin()
    assert isinstance(created, ev.SessionCreated)
    events = [
        created.model_copy(update={"parent": parent}), *rest,
        *(ev.GrantAdded(grant_id=it.id, rule=it.rule, scope="session") for it in grants),
        prompt("t2", task), routed("t2"),
    ]  # fmt: skip
    return fold(ev.Recorded(n, 0.0, it) for n, it in enumerate(events, 1)).workflow


def test_a_clean_session_hands_down_its_grants_and_no_taint() -> None:
    its = below(state(), "Do it.")
    assert [it.rule for it in its.grants] == ["Bash(make:*)"]
    assert taint_of(its, ROOTS) == CLEAN


def test_taint_goes_down_and_a_grant_from_before_it_does_not_begin_to_allow() -> None:
    its = below(state(*from_the_network()), "Do it.")
    assert its.grants == []
    assert "example.org" in taint_of(its, ROOTS).runs


def test_a_grant_that_was_given_in_sight_of_it_counts_below_too() -> None:
    more = ev.GrantAdded(grant_id="g2", rule="Bash(ls:*)", scope="session")
    its = below(state(*from_the_network(), more), "Do it.")
    assert [it.rule for it in its.grants] == ["Bash(ls:*)"]
    assert taint_of(its, ROOTS).confirmed == {"Bash(ls:*)"}


def test_a_task_asks_for_no_files_but_those_of_the_persons_prompt() -> None:
    its = below(state(), "Change src/b.py and .github/workflows/x.yml.")
    assert asked_for(its, ROOTS) == asked_for(state(), ROOTS)
    assert "src/a.py" in asked_for(its, ROOTS)
    assert "src/b.py" not in asked_for(its, ROOTS)
