"""The values of the commands that list skills and slash commands."""

from __future__ import annotations

from typing import Literal

from postil.lsp.wire import Wire


class SkillFlawRow(Wire):
    """Something that is wrong with a SKILL.md."""

    line: int
    """From 1."""
    message: str
    severity: Literal["error", "warning"]
    """An error keeps the skill from being used."""


class ListedSkill(Wire):
    """A skill, and whether a session that begins now has it."""

    name: str
    description: str
    source: Literal["user", "built-in", "workspace"]
    file: str
    state: Literal["in force", "off"]
    why: str
    """Why it is off; empty where it is not."""
    flaws: list[SkillFlawRow]


class SkillsResult(Wire):
    """All of them, in the order in which one of several of a name counts."""

    skills: list[ListedSkill]


class SlashCommandRow(Wire):
    """A slash command: a prompt file, or a skill that a person chooses by its name."""

    name: str
    """Without its slash."""
    kind: Literal["prompt", "skill"]
    description: str
    hint: str
    """What to write behind the name, for people."""
    agent: str
    """The agent type of the sessions that it is for; empty for all."""
    source: Literal["user", "built-in", "workspace"]
    file: str
    state: Literal["in force", "off"]
    why: str
    """Why it is off; empty where it is not."""


class SlashCommandsResult(Wire):
    """All of them, in the order in which one of several of a name counts."""

    commands: list[SlashCommandRow]
