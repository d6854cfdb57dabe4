"""A prompt with what its slash command stands for: the words of a prompt file, or a skill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from postil.agent.commanding.collection import FoundPrompt, PromptFiles
from postil.agent.commanding.prompt_file import expanded
from postil.agent.commanding.written import SlashCommand, slash_command
from postil.agent.parts import Parts
from postil.core.effects import Access, Added
from postil.core.errors import ToolError, UsageError
from postil.core.origin import Source
from postil.core.ports.skills import SkillText
from postil.core.question import PromptContext
from postil.core.skills import SKILL, SkillGiven, SkillRow
from postil.core.state import Workflow
from postil.core.submissions import Prompt
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import policy_for
from postil.tools.skills.shown import shown, sources_of

UNKNOWN = "There is no slash command of that name."


async def with_command(prompt: Prompt, workflow: Workflow, parts: Parts) -> Prompt:
    """Return the prompt with what its slash command stands for; one of a name that nothing has is noted.

    Raises UsageError for one that cannot be used: what a person chose is never left out in silence.
    """
    command = slash_command(prompt.text)
    if command is None:
        return prompt
    row = _row(command.name, workflow)
    file = await asyncio.to_thread(_find, parts.commands, command.name, trusted=parts.trust.now.trusted)
    if file is not None and (row is None or file.owner == "user" or row.owner == "workspace"):
        return replace(prompt, context=(_words(command, file, workflow), *prompt.context))
    if row is not None:
        return replace(prompt, skill=await _skill(row, workflow, parts))
    note = PromptContext(kind="mention", name=f"/{command.name}", note=UNKNOWN)
    return replace(prompt, context=(*prompt.context, note))


def type_wanted(text: str, commands: PromptFiles | None, *, trusted: bool) -> str | None:
    """Return the agent type that a prompt's slash command is for; None where it is for any. Reads the disk."""
    command = slash_command(text)
    file = _find(commands, command.name, trusted=trusted) if command is not None else None
    return file.file.agent or None if file is not None and not file.state else None


def _find(commands: PromptFiles | None, name: str, *, trusted: bool) -> FoundPrompt | None:
    return commands.find(name, trusted=trusted) if commands is not None else None


def _row(name: str, workflow: Workflow) -> SkillRow | None:
    rows: Sequence[SkillRow] = workflow.skills.skills if workflow.skills is not None else ()
    return next((it for it in rows if it.name == name), None)


def _words(command: SlashCommand, found: FoundPrompt, workflow: Workflow) -> PromptContext:
    """Return the words of a prompt file with what was written behind its name. Raises UsageError."""
    file, now = found.file, workflow.configuration
    if found.state:
        raise UsageError(f"/{file.name} cannot be used: {found.path}: {found.state}.", _mend(found))
    if file.agent and (now is None or now.agent_type != file.agent):
        its = now.agent_type if now is not None else "none"
        raise UsageError(
            f"/{file.name} is for sessions of the agent type {file.agent}, and this one is of {its}.",
            f"Begin a new session of the type {file.agent} with it.",
        )
    theirs = Source(origin="workspace", name=found.root)
    sources = (theirs,) if found.owner == "workspace" else (Source(origin="user"),)
    text = expanded(file.body, command.arguments)
    return PromptContext(kind="command", name=f"/{file.name}", path=found.path, text=text, sources=sources)


def _mend(found: FoundPrompt) -> str:
    trust = "Trust the workspace with `postil trust allow`, or write out what you want."
    return trust if found.state.endswith("not trusted") else "Mend the file, or write out what you want."


async def _skill(row: SkillRow, workflow: Workflow, parts: Parts) -> SkillGiven:
    """Return a skill as it stands before the model. A person who names it has chosen it; a rule that denies it holds. Raises UsageError."""
    now = workflow.configuration
    if now is None or SKILL not in now.tools:
        raise UsageError("This session has no skills.", "Begin a session of another agent type.")
    if row.owner == "workspace" and not parts.trust.now.trusted:
        raise UsageError(
            f"/{row.name} came with the workspace, which is not trusted.", "Write out what you want."
        )
    try:
        text = await parts.skills.load(row)
    except ToolError as error:
        raise UsageError(f"/{row.name} cannot be used: {error.message}", error.mend) from error
    if row.owner != "built-in":
        await _check(row, text, workflow, parts)
    return SkillGiven(
        name=row.name, owner=row.owner, path=row.path, text=shown(row, text), allowed=text.allowed,
        sources=sources_of(row, parts.workspace.roots),
    )  # fmt: skip


async def _check(row: SkillRow, text: SkillText, workflow: Workflow, parts: Parts) -> None:
    standing = await parts.standing.rules()
    policy = policy_for(workflow, standing, parts.workspace.roots, parts.around)
    access = Access(added=Added("skill", row.name, input=text.digest))
    decide: Callable[[], str] = lambda: evaluate(access, policy).verdict  # noqa: E731 - for another thread
    if await asyncio.to_thread(decide) == "deny":
        raise UsageError(f"/{row.name} is denied by a rule.", "`postil permissions list` shows it.")
