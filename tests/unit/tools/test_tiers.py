"""How far a tool's own word goes, and that what was added cannot leave out that it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.effects import Added
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts
from postil.tools.registry import BUILTIN, Registry
from postil.tools.tiers import CEILINGS, Effects, annotated, held_to
from postil.tools.tool import Tool, read_tool
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace

HARMLESS = Effects(read_only=True, concurrent=True, destructive=False, open_world=False, asks=False)
WORST = Effects()


def test_what_comes_with_postil_is_believed() -> None:
    assert held_to("builtin", HARMLESS) == HARMLESS
    assert held_to("builtin", WORST) == WORST


@pytest.mark.parametrize("tier", ["plugin", "skill"])
def test_what_was_added_only_makes_itself_worse(tier: str) -> None:
    ceiling = CEILINGS[tier]  # pyright: ignore[reportArgumentType]
    assert held_to(tier, HARMLESS) == ceiling  # pyright: ignore[reportArgumentType]
    assert not ceiling.read_only
    assert not ceiling.concurrent
    assert ceiling.asks
    assert held_to(tier, WORST) == WORST  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("annotations", "destructive"),
    [
        ({}, False),
        ({"readOnlyHint": True}, False),
        ({"destructiveHint": False}, False),
        ({"destructiveHint": True}, True),
        ({"destructiveHint": True, "readOnlyHint": True}, True),
        ({"destructiveHint": "yes"}, False),
    ],
)
def test_annotations_raise_and_never_lower(annotations: dict[str, object], destructive: bool) -> None:
    taken = annotated(annotations)
    assert (taken.read_only, taken.asks, taken.open_world) == (False, True, True)
    assert taken.destructive is destructive


def as_added(name: str, added: Added) -> Tool:
    """Return a tool of ours as if a plugin had brought it, with all that it claims."""
    ours = read_tool(BUILTIN / f"{name}.md", "postil.tools.builtin")
    return Tool(ours.spec, ours.description, Path("added"), ours.module, added)


async def test_a_tool_that_was_added_is_named_in_what_it_touches() -> None:
    ports = ToolPorts(MemoryWorkspace({"a.py": "x\n"}), MemoryShell(), interactive=True)
    call = ToolCall(id="c", name="read", input={"path": "a.py"})
    ours = Registry([read_tool(BUILTIN / "read.md", "postil.tools.builtin")])
    assert (await ours.prepare(call, ports)).access.added is None
    assert ours.beside("read")
    theirs = Registry([as_added("read", Added("plugin", "files/read"))])
    access = (await theirs.prepare(call, ports)).access
    assert access.added == Added("plugin", "files/read", destructive=False, input='{"path": "a.py"}')
    assert access.effect_class == "other"
    assert not theirs.beside("read"), "that it only reads is not believed"
