"""Every slash command there is: prompt files and skills, in the order in which one of several of a name counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from postil.agent.commanding.collection import FoundPrompt
from postil.core.skills import SkillOwner
from postil.tools.skills.library import Found


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One slash command in a list."""

    name: str
    """Without its slash."""
    kind: Literal["prompt", "skill"]
    description: str
    hint: str
    """What to write behind the name."""
    agent: str
    """The agent type of the sessions that it is for; empty for all."""
    owner: SkillOwner
    path: str
    state: Literal["in force", "off"]
    why: str = ""
    """Why it is off."""


def command_rows(files: Sequence[FoundPrompt], skills: Sequence[Found]) -> list[CommandRow]:
    """Return all of them, what counts first for its name before the others; nothing of a workspace takes the place of a person's."""
    first: dict[str, str] = {}
    rows: list[CommandRow] = []
    own = [_of_file(it) for it in files if it.owner == "user"]
    own += [_of_skill(it) for it in skills if it.row.owner != "workspace"]
    theirs = [_of_file(it) for it in files if it.owner == "workspace"]
    theirs += [_of_skill(it) for it in skills if it.row.owner == "workspace"]
    for row in (*own, *theirs):
        before = first.get(row.name)
        rows.append(row if before is None or row.state == "off" else _behind(row, before))
        if row.state == "in force" or row.kind == "prompt":
            first.setdefault(row.name, row.path)
    return rows


def _of_file(it: FoundPrompt) -> CommandRow:
    file = it.file
    state = "off" if it.state else "in force"
    return CommandRow(
        file.name, "prompt", file.description, file.hint, file.agent, it.owner, it.path, state, it.state
    )


def _of_skill(it: Found) -> CommandRow:
    row, state = it.row, "off" if it.state else "in force"
    return CommandRow(row.name, "skill", row.description, "", "", row.owner, row.path, state, it.state)


def _behind(row: CommandRow, before: str) -> CommandRow:
    why = f"{before} has the same name and counts before it"
    return CommandRow(
        row.name, row.kind, row.description, row.hint, row.agent, row.owner, row.path, "off", why
    )
