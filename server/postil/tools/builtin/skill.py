"""`skill`: the instructions of a skill, a file beside them, or the list of all."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from postil.core.effects import Access, Added, Fact, Invocation, Preview, Result, RunContext, SkillOpened
from postil.core.errors import InvalidInput, NotFound, StaleDocument
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.ports.skills import SkillText
from postil.core.revealing import one_line
from postil.core.skills import SkillRow
from postil.tools.output import both_ends
from postil.tools.skills.shown import ROOM, shown, sources_of


class Params(Value):
    """Which skill, and which file of it."""

    name: Annotated[str | None, Field(max_length=100, description="The skill's name.")] = None
    file: Annotated[
        str | None, Field(max_length=500, description="A file beside the skill, relative to its folder.")
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would be loaded."""
    if params.name is None:
        return _list(ports)
    row = ports.skills.rows.get(params.name)
    if row is None:
        known = ", ".join(ports.skills.rows) or "none"
        raise NotFound(
            f"There is no skill {one_line(params.name)} in this session.", f"The skills are {known}."
        )
    if row.owner == "workspace" and not ports.skills.trusted:
        raise InvalidInput(f"{row.name} came with the workspace, which is not trusted.", "Go on without it.")
    if params.file is not None:
        return _file(row, params.file, ports)
    return _skill(row, await ports.skills.library.load(row), ports)


def _list(ports: ToolPorts) -> Invocation:
    async def run(_: RunContext) -> Result:
        rows = ports.skills.rows.values()
        text = "\n".join(f"{it.name} ({it.owner}): {it.description}" for it in rows)
        sources = tuple(
            dict.fromkeys(source for it in rows for source in sources_of(it, ports.workspace.roots))
        )
        return Result(
            text or "There are no skills.", details={"found": len(ports.skills.rows)}, sources=sources
        )

    return Invocation(title="List skills", kind="search", access=Access(), run=run)


def _skill(row: SkillRow, text: SkillText, ports: ToolPorts) -> Invocation:
    async def run(_: RunContext) -> Result:
        if (await ports.skills.library.load(row)).digest != text.digest:
            raise StaleDocument(f"The skill {row.name} has changed meanwhile.")
        words = shown(row, text)
        opened = SkillOpened(
            name=row.name,
            owner=row.owner,
            path=row.path,
            text=words,
            allowed=text.allowed,
            sources=sources_of(row, ports.workspace.roots),
        )
        return Result(
            words,
            effects=(opened,),
            details={"skill": row.name},
            sources=sources_of(row, ports.workspace.roots),
        )

    facts = [Fact(name="from", text=row.path)]
    if text.allowed is not None:
        facts.append(
            Fact(
                name="mind",
                text=f"while it is active it leaves out every tool but {', '.join(text.allowed) or 'a few'}",
            )
        )
    return Invocation(
        title=one_line(f"Load the skill {row.name}"),
        kind="other",
        access=Access(added=Added("skill", row.name, input=text.digest))
        if row.owner != "built-in"
        else Access(),
        preview=Preview(subject=f"{row.name}: {row.description}", facts=tuple(facts)),
        run=run,
    )


def _file(row: SkillRow, name: str, ports: ToolPorts) -> Invocation:
    if row.name not in ports.skills.active:
        raise InvalidInput(f"{row.name} is not loaded.", "Load the skill before its files.")

    async def run(_: RunContext) -> Result:
        text, left_out = both_ends(await ports.skills.library.resource(row, name), ROOM)
        return Result(
            text,
            details={"left_out": left_out} if left_out else {},
            sources=sources_of(row, ports.workspace.roots),
        )

    title = one_line(f"Read {name} of the skill {row.name}")
    return Invocation(title=title, kind="read", access=Access(), preview=Preview(subject=title), run=run)
