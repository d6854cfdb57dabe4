"""The golden session with sub-agents."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.agent_types import OfferedType
from postil.core.delegation import Parent
from postil.core.messages import Text, Usage
from postil.core.origin import Source
from postil.core.spending import Spent
from tests.support.golden_parts import (
    agent_type,
    begin,
    call,
    configuration,
    decided,
    ended,
    finished,
    prompt,
    replied,
    routed,
    started,
)  # fmt: skip


def delegated() -> list[ev.Durable]:
    """Two sub-agents, one of which was interrupted; the session is one itself."""
    turn = "t0001"
    created, *rest = begin()
    assert isinstance(created, ev.SessionCreated)
    parent = Parent(
        session_id="s0000", turn_id="t0009", call_id="call_9", depth=1, grants=("g0001",), scope=("src/a.py",),
        read=(Source(origin="network", name="example.org"),),
    )  # fmt: skip
    offered = (OfferedType(name="explore", when="To find out.", source="built_in"),)

    def began(call_id: str, session_id: str) -> list[ev.Durable]:
        return [
            decided(turn, call_id), started(turn, call_id, "delegate", "other", "explore: Look", "agent"),
            ev.SubagentStarted(
                turn_id=turn, call_id=call_id, session_id=session_id, agent_type="explore", title="Look", depth=2
            ),
        ]  # fmt: skip

    return [
        created.model_copy(update={"parent": parent}), agent_type().model_copy(update={"offered": offered}), *rest,
        configuration("default", "begun as a sub-agent").model_copy(update={"handed": ("plan",)}),
        prompt(turn, "Look into it."), routed(turn),
        replied(turn, 1, call("call_1", "delegate", agent="explore"), call("call_2", "delegate", agent="explore"), stop="tool_use"),
        *began("call_1", "s0002"), *began("call_2", "s0003"),
        ev.FileChanged(
            turn_id=turn, call_id="call_1", change_id="c0001", label="Edit a.py", path="/project/a.py", before="1" * 64,
            after="2" * 64, added=1, removed=1, where="disk", subagent="s0002",
        ),
        ev.SubagentFinished(
            turn_id=turn, call_id="call_1", session_id="s0002", reason="end_turn", steps=2, calls=3,
            usage=Usage(input=900, output=40), cost=0.02, spent=Spent(tokens=940, nano=20_000_000), seconds=4.0, commands=("make",), commanded=False,
        ),
        finished(turn, "call_1", "delegate", "It is in a.py:1.", sources=(Source(origin="workspace", name="/project"),)),
        ev.SubagentFinished(
            turn_id=turn, call_id="call_2", session_id="s0003", reason="interrupted",
            message="Postil ended while it worked. It was not run again.", cost=None,
        ),
        finished(turn, "call_2", "delegate", "The sub-agent ended before its work was done.", outcome="failed"),
        replied(turn, 2, Text(text="It is there.")), ended(turn, "end_turn", 2),
    ]  # fmt: skip
