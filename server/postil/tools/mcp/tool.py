"""A server's tool as the registry has it: held to its tier, shown in full before it is used, and plain about how it ended."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from postil.core.effects import Access, Added, Invocation, Preview, Result, RunContext
from postil.core.errors import OutcomeUnknown, ToolError
from postil.core.ports import ToolPorts
from postil.core.revealing import legible, one_line, revealed
from postil.tools.added import AddedSpec, AddedTool, Anything
from postil.tools.mcp.listed import Answer, ListedTool, Lost, Refused
from postil.tools.mcp.names import rule_name, tool_name
from postil.tools.output import both_ends
from postil.tools.tiers import annotated
from postil.tools.tool import ToolLimits

Call = Callable[[str, dict[str, JsonValue]], Awaitable[Answer]]
"""Calls a tool of the server by the server's own name for it. Raises Refused, Lost, ToolError."""

_LONGEST_DESCRIPTION = 4_000
_LONGEST_SCHEMA = 16_000
_OUTPUT = 30_000
_NOT_AT_THE_TOP = ("anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$schema")
"""What the service does not take at the top of a schema."""


def added_tools(server: str, listed: Sequence[ListedTool], call: Call) -> dict[str, AddedTool]:
    """Return a server's tools by the names that the model calls them; of two with one name the first counts."""
    tools: dict[str, AddedTool] = {}
    for it in sorted(listed, key=lambda it: it.name):
        tool = _added(server, it, call)
        tools.setdefault(tool.spec.name, tool)
    return tools


def gone(name: str, server: str, why: str) -> AddedTool:
    """Return a tool that only says why it cannot be used."""

    async def prepare(_: Anything, __: ToolPorts) -> Invocation:
        raise ToolError(f"`{name}` cannot be used: {why}.", "Use another tool, or tell the user.")

    spec, added = AddedSpec(name=name, title="A tool that is not there"), Added("plugin", f"{server}/{name}")
    return AddedTool(spec, why, {"type": "object"}, added, prepare)


def _added(server: str, listed: ListedTool, call: Call) -> AddedTool:
    name = f"{server}/{rule_name(listed.name)}"
    effects = annotated(listed.annotations)
    added = Added("plugin", name, effects.destructive)

    async def prepare(params: Anything, _: ToolPorts) -> Invocation:
        given = params.root

        async def run(_: RunContext) -> Result:
            return await _run(server, listed.name, given, call)

        return Invocation(
            title=one_line(f"Use {name}"),
            kind="other",
            access=Access(open_world=True, added=added),
            preview=Preview(subject=f"{name} {revealed(json.dumps(given, ensure_ascii=False, indent=1))}"),
            run=run,
        )

    spec = AddedSpec(
        name=tool_name(server, listed.name),
        title=one_line(listed.title or listed.name, 60) or "tool",
        effects=effects,
        limits=ToolLimits(output=_OUTPUT),
    )
    schema, cut = _schema(listed.input_schema)
    return AddedTool(spec, _description(server, listed, cut=cut), schema, added, prepare)


async def _run(server: str, tool: str, given: dict[str, JsonValue], call: Call) -> Result:
    try:
        answered = await call(tool, given)
    except Refused as error:
        raise ToolError(f"The server `{server}` did not run it: {error}.") from error
    except Lost as error:
        raise OutcomeUnknown(f"The server `{server}` was lost ({error})") from error
    text, left_out = both_ends(answered.text, _OUTPUT - 200)
    return Result(text, is_error=answered.is_error, details={"left_out": left_out} if left_out else {})


def _description(server: str, listed: ListedTool, *, cut: bool) -> str:
    words = legible(listed.description.strip()) or "The server says nothing of it."
    if len(words) > _LONGEST_DESCRIPTION:
        words = words[: _LONGEST_DESCRIPTION - 1] + "…"
    more = " Its parameters are too many to be shown." if cut else ""
    return f"{words}\n\nA tool of the server `{server}`.{more}"


def _schema(schema: Mapping[str, JsonValue]) -> tuple[dict[str, JsonValue], bool]:
    """Return the parameters as the service takes them, and whether they had to be left out."""
    kept = {key: value for key, value in schema.items() if key not in _NOT_AT_THE_TOP}
    text = json.dumps({**kept, "type": "object"}, ensure_ascii=False)
    if len(text) > _LONGEST_SCHEMA:
        return {"type": "object"}, True
    made = cast("dict[str, JsonValue]", json.loads(legible(text)))
    if not isinstance(made.get("properties", {}), dict):
        made.pop("properties")
    return made, False
