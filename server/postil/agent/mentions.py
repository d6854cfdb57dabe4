"""Files that a prompt mentions, `@src/app.py` or `@src/app.py:10-40`, attached to it as a person would attach them.

Only what the agent could read unasked is attached, as the person sees it; of anything else the words stay as they are,
and the agent reads it, or asks to, by itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from postil.agent.parts import Parts
from postil.core.effects import Access
from postil.core.errors import ToolError
from postil.core.question import PromptContext
from postil.core.state import Workflow
from postil.core.submissions import Prompt
from postil.permissions.evaluate import Policy, evaluate
from postil.permissions.policy import policy_for

MOST = 10
"""Files that one prompt attaches."""
ROOM = 40_000
"""Characters of a file; of a longer one the first lines are attached, and their numbers tell."""

_MENTION = re.compile(r"(?<![\w@/.`])@((?:\./|/)?[\w.+-]+(?:/[\w.+-]+)*)(?::(\d{1,7})(?:-(\d{1,7}))?)?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A path as it is written, and the lines of it that are meant, from 1; 0 for all of them."""

    written: str
    first: int = 0
    last: int = 0


def mentions(text: str) -> Iterator[Mention]:
    """Yield what may be a mention of a file, each once. Whether there is such a file is for the caller to see."""
    seen: set[Mention] = set()
    for found in _MENTION.finditer(text):
        written = found[1] if found[2] else found[1].rstrip(".")
        first = int(found[2] or 0)
        mention = Mention(written, first, max(first, int(found[3] or first)))
        if written.strip("./") and mention not in seen:
            seen.add(mention)
            yield mention


async def with_files(prompt: Prompt, workflow: Workflow, parts: Parts) -> Prompt:
    """Return the prompt with the files attached that it mentions. Never raises for one that cannot be attached."""
    wanted = list(mentions(prompt.text))
    if not wanted:
        return prompt
    standing = await parts.standing.rules()
    policy = policy_for(workflow, standing, parts.workspace.roots, parts.around)
    found = [await _attached(it, policy, parts) for it in wanted]
    files = [it for it in found if it is not None][:MOST]
    return replace(prompt, context=(*prompt.context, *files))


async def _attached(mention: Mention, policy: Policy, parts: Parts) -> PromptContext | None:
    workspace = parts.workspace
    try:
        path = workspace.resolve(mention.written)
        if not await asyncio.to_thread(_may_read, path, workspace.written(mention.written), policy):
            return None
        text = (await workspace.read(path)).text
    except ToolError:
        return None
    shown = workspace.display(path)
    if not mention.first and len(text) <= ROOM:
        return PromptContext(kind="file", path=shown, text=text)
    lines = text.split("\n")
    chosen = _fitting(lines[max(0, mention.first - 1) : mention.last or len(lines)])
    if not chosen:
        return None
    first = max(1, mention.first)
    last = first + len(chosen) - 1
    return PromptContext(kind="file", path=shown, text="\n".join(chosen), first_line=first, last_line=last)


def _may_read(path: Path, written: str, policy: Policy) -> bool:
    return evaluate(Access(reads=(path,), named=(written,)), policy).verdict == "allow"


def _fitting(lines: list[str]) -> list[str]:
    """Return as many of the lines as there is room for."""
    room = ROOM
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return lines[:number]
    return lines
