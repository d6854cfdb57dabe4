"""Skills and slash commands: every file of one can be read, and a skill only leaves tools out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from postil.agent.commanding.collection import PromptFiles
from postil.config.load import user_config_dir
from postil.core.events import CallStarted
from postil.core.messages import ToolCall
from postil.core.question import Question
from postil.core.skills import SkillActivated
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import FILES, no, trial, yes
from postil.tools.skills.front_matter import Flaw
from postil.tools.skills.library import Library

TITLE = "Skills and slash commands can be read, and permit nothing"

_NAME = "qx7skill"
_INSTALL = "Install Postil anew"
_COMMAND = "touch made.txt"


async def check(harness: Harness) -> Sequence[Finding]:
    """Look at every file that counts, and use a skill that leaves tools out and one that would let tools in."""
    command = call("shell", command=_COMMAND)
    files, *tried = await asyncio.gather(
        asyncio.to_thread(lambda: [*_skills(harness), *_commands(harness)]),
        _used(harness, "Read", command, "a tool was used that a skill leaves out while it is active"),
        _used(
            harness,
            "Read(./docs/**)",
            call("read", path="a.py"),
            "a file was read unasked that the pattern of a skill does not mean while it is active",
            _loading,
        ),
        _used(
            harness.denying(f"Bash({_COMMAND})"),
            f"Bash({_COMMAND})",
            command,
            "a skill had a command run that a rule denies",
        ),
    )
    return [*files, *chain.from_iterable(tried)]


def _skills(harness: Harness) -> Iterator[Finding]:
    library = Library(harness.roots, Path(os.path.realpath(Path.home())), "")
    for it in library.inventory(trusted=harness.trusted):
        if it.row.owner == "workspace" and not harness.trusted:
            continue
        yield from _flaws(it.flaws, it.row.path, "skill")
        if it.state and not any(one.severity == "error" for one in it.flaws):
            yield Finding(f"this skill does not count: {it.state}", it.row.path, weak=True)


def _commands(harness: Harness) -> Iterator[Finding]:
    prompts = PromptFiles(user_config_dir(), harness.roots, no_type=harness.types().why_not)
    for it in prompts.inventory(trusted=harness.trusted):
        if it.owner == "workspace" and not harness.trusted:
            continue
        yield from _flaws(it.file.flaws, it.path, "slash command")
        if it.state and it.file.fault is None:
            yield Finding(f"this slash command cannot be used: {it.state}", it.path, weak=True)


def _flaws(flaws: Sequence[Flaw], path: str, what: str) -> Iterator[Finding]:
    """Yield what is wrong with a file. One that is faulty is not used, so nothing is broken by it."""
    for it in flaws:
        said = it.message.rstrip(".")
        if it.severity == "error":
            said = f"this {what} cannot be used: {said}"
        yield Finding(said, f"{path}:{it.line}", "Mend the file, or take it away", weak=True)


async def _used(
    harness: Harness, allowed: str, use: ToolCall, said: str, answer: Callable[[Question], str] = yes
) -> Sequence[Finding]:
    """Load a skill, then use a tool, under rules that allow both; where rules let the skill not be loaded, nothing is to be seen."""
    text = f"---\nname: {_NAME}\ndescription: Tries.\nallowed-tools: {allowed}\n---\nTry.\n"
    files = {**FILES, f".agents/skills/{_NAME}/SKILL.md": text}
    plays = [calls(call("skill", name=_NAME)), calls(use)]
    async with trial(harness, plays, allow=("Skill", "Bash"), files=files) as place:
        place.answer = answer
        await place.turn(await place.begin())
        if place.events(SkillActivated) and any(it.call_id == use.id for it in place.events(CallStarted)):
            return [Finding(said, "", _INSTALL)]
    return ()


def _loading(question: Question) -> str:
    """Agree to nothing but the skill itself, which the harness's rules may have asked about."""
    return yes(question) if _NAME in question.subject else no(question)
