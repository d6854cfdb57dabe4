"""Which tools a search finds, and what is on record of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import JsonValue

from postil.core.effects import Result, RunContext, ToolsFound
from postil.core.errors import InvalidInput, UnknownTool
from postil.core.found import FoundTool
from postil.core.messages import ToolCall
from postil.core.origin import Source
from postil.core.ports import ToolPorts
from postil.tools.finding import line_of, ranked, words_of
from postil.tools.registry import Registry
from postil.tools.tool import Tool
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace
from tests.support.shelf import SHAPE, Shelf, echo, many, whole

GIVEN: list[Tool] = [
    echo("create_issue", "Opens a new issue in a repository. It needs a title.", "forge"),
    echo("list_issues", "Lists issues of a repository, newest first.", "forge"),
    echo("get_current_time", "Tells the time in a time zone.", "clock"),
    echo("convertTime", "Converts a time from one time zone to another.", "clock"),
]


def found(name: str, description: str = "", **properties: Any) -> FoundTool:
    return FoundTool(name=name, description=description, input_schema={"properties": properties})


def names(query: str, tools: Sequence[FoundTool]) -> list[str]:
    return [it.name for it in ranked(query, [words_of(it) for it in tools])]


TOOLS = [
    found("mcp__a__send_mail", "Sends a letter by mail."),
    found("mcp__a__read_mail", "Reads letters."),
    found("mcp__b__weather", "Forecasts for a city.", city={"type": "string"}),
    found("mcp__b__getURL", "Fetches an address."),
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("send a mail", "mcp__a__send_mail"),
        ("I want to read my letters", "mcp__a__read_mail"),
        ("forecast", "mcp__b__weather"),
        ("city", "mcp__b__weather"),
        ("get url", "mcp__b__getURL"),
        ("mcp__a__read_mail", "mcp__a__read_mail"),
        ("MCP__B__WEATHER", "mcp__b__weather"),
    ],
)
def test_the_tool_that_is_meant_comes_first(query: str, first: str) -> None:
    assert names(query, TOOLS)[0] == first


def test_what_fits_nothing_finds_nothing() -> None:
    assert names("quantum chromodynamics", TOOLS) == []
    assert names("", TOOLS) == []
    assert names("anything", []) == []


def test_the_order_does_not_depend_on_the_order_of_the_tools() -> None:
    same = [found(f"t_{it}", "Does the same.") for it in "cab"]
    assert names("same", same) == names("same", same[::-1]) == ["t_a", "t_b", "t_c"]


def test_a_line_is_the_first_sentence_and_hides_nothing() -> None:
    assert line_of(found("t", "First one. Second one.")) == "First one."
    assert line_of(found("t", "Only\nmore")) == "Only"
    assert line_of(found("t")) == "no description"
    assert "\u202e" not in line_of(found("t", "a\u202eb"))
    assert len(line_of(found("t", "x" * 500))) == 120


def ports() -> ToolPorts:
    return ToolPorts(MemoryWorkspace({}), MemoryShell())


async def search(registry: Registry, **wanted: Any) -> Result:
    invocation = await registry.prepare(
        ToolCall(id="c", name="find_tools", input=wanted), ports(), whole(registry)
    )
    assert invocation.access.effect_class == "none"

    async def spawned(_: int, __: float) -> None: ...

    return await invocation.run(RunContext("c", "", "", lambda _: None, spawned))


def matched(result: Result) -> ToolsFound:
    (only,) = [it for it in result.effects if isinstance(it, ToolsFound)]
    return only


async def test_a_search_names_the_best_and_says_whose_words_it_shows() -> None:
    registry = Registry.collect().with_plugins(Shelf(GIVEN))
    result = await search(registry, query="current time", most=1)
    assert matched(result).hits == ("mcp__clock__get_current_time",)
    assert matched(result).tools[0].input_schema == SHAPE
    assert "- mcp__clock__get_current_time: Tells the time in a time zone." in result.content
    assert "mcp__clock__convertTime" in result.content, "what fits as well is named"
    assert result.sources == (Source(origin="mcp", name="clock"),)


async def test_a_search_shows_a_bounded_number_of_lines() -> None:
    registry = Registry.collect().with_plugins(Shelf(many(500)))
    result = await search(registry, query="archive")
    assert len(matched(result).tools) == 5
    assert result.content.count("\n- ") == 25
    assert "476 more" in result.content
    assert len(result.content) < 6_000


async def test_a_search_waits_only_where_nothing_fits_yet() -> None:
    shelf = Shelf(GIVEN)
    shelf.coming = [echo("paint", "Paints a picture.")]
    registry = Registry.collect().with_plugins(shelf)
    result = await search(registry, query="issue")
    assert shelf.waited == 0
    assert "[shelf is still starting]" in result.content
    assert matched(await search(registry, query="paint")).hits == ("mcp__shelf__paint",)
    assert shelf.waited == 1
    nothing = await search(registry, query="chromodynamics")
    assert nothing.content == "No tool fits, of 12 tools. Other words may find one."
    assert matched(nothing).hits == ()
    assert nothing.sources == ()


async def test_a_tool_can_be_used_by_its_name_or_through_use_tool() -> None:
    registry = Registry.collect().with_plugins(Shelf(GIVEN))
    given: dict[str, JsonValue] = {"owner": "me", "deep": {"a": [1]}}
    direct = ToolCall(id="c", name="mcp__forge__create_issue", input=given)
    through = ToolCall(id="c", name="use_tool", input={"name": direct.name, "input": given})
    one, other = [await registry.prepare(it, ports(), whole(registry)) for it in (direct, through)]
    assert one.access == other.access
    assert one.fingerprint == other.fingerprint
    assert one.access.added is not None
    assert (one.access.added.name, json.loads(one.access.added.input)) == ("forge/create_issue", given)
    assert not registry.beside(direct.name)


async def test_use_tool_is_no_way_round_and_says_what_is_wrong() -> None:
    registry = Registry.collect().with_plugins(Shelf(GIVEN))
    for name, error in (("shell", InvalidInput), ("use_tool", InvalidInput), ("nothing", UnknownTool)):
        with pytest.raises(error):
            await registry.prepare(ToolCall(id="c", name="use_tool", input={"name": name}), ports())


async def test_what_was_no_object_is_told_with_the_fields_of_the_tool() -> None:
    registry = Registry.collect().with_plugins(Shelf(GIVEN))
    call = ToolCall(id="c", name="mcp__forge__create_issue", input={}, malformed="[1")
    with pytest.raises(InvalidInput, match=r"takes \{owner: string, query\?: string, limit\?: integer\}"):
        await registry.prepare(call, ports())


def test_a_pool_has_no_plugins_and_only_some_models_get_use_tool() -> None:
    registry = Registry.collect().with_plugins(Shelf(GIVEN))
    assert registry.pool(["read", "find_tools"]).plugins.tools() == ()
    with_references = {it.name for it in registry.schemas()}
    without = {it.name for it in registry.schemas(references=False)}
    assert without - with_references == {"use_tool"}
    assert not with_references - without
    assert all(not it.startswith("mcp__") for it in without)


def test_the_text_of_the_tools_in_every_request_does_not_grow_with_plugins() -> None:
    plain = Registry.collect()
    assert plain.with_plugins(Shelf(many(500))).schemas() == plain.schemas()
