"""What is at hand to attach a mention with, and what keeps any from bringing more than the agent could read unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from postil.agent.parts import Parts
from postil.core.cutting import beginning
from postil.core.effects import Access, Command
from postil.core.errors import PostilError, ToolError
from postil.core.question import PromptContext
from postil.core.redaction.redact import redact
from postil.core.submissions import Prompt
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.policy import Policy
from postil.tools.texts import computed

ROOM = 40_000
"""Characters that one mention brings at most."""
UNREADABLE = "It may not be read unasked, so it is not attached."


class NotAttached(PostilError):
    """There is nothing of that name, or nothing that may be attached; the message says which."""


@dataclass(frozen=True, slots=True)
class Material:
    """The session's parts, and the rules in force when the prompt came."""

    parts: Parts
    policy: Policy
    prompt: Prompt
    session_id: str

    async def may_read(self, path: Path, written: str = "") -> bool:
        """Whether the tool `read` would read the file unasked; `written` is how it is named, with links in it."""
        return (await self.judged(path, written)).verdict == "allow"

    async def judged(self, path: Path, written: str = "") -> Decision:
        """Return what would become of a call of the tool `read`."""
        access = Access(reads=(path,), named=(written,) if written else ())
        return await asyncio.to_thread(evaluate, access, self.policy)

    async def readable(self, paths: Sequence[Path]) -> list[Path]:
        """Return those of the paths that could be read unasked."""

        def judged() -> list[Path]:
            return [it for it in paths if evaluate(Access(reads=(it,)), self.policy).verdict == "allow"]

        return await asyncio.to_thread(judged)

    async def text(self, path: Path) -> str:
        """Return a file's text as the person sees it, without secrets: they are found where all of it is looked at."""
        view = await self.parts.workspace.read(path)
        return await computed(len(view.text), lambda: redact(view.text).text)

    async def output(self, line: str, folder: Path, seconds: float) -> str:
        """Return what a command prints that runs unasked because it only reads. Raises NotAttached."""
        command = Command(line, folder, seconds)
        command = replace(command, outlook=await self.parts.shell.outlook(command))
        access = Access(command=command, open_world=True)
        decision = await asyncio.to_thread(evaluate, access, self.policy)
        if decision.verdict != "allow" or not decision.only_reads:
            raise NotAttached(f"`git diff` does not run unasked here: {decision.why}.")
        try:
            ended = await self.parts.shell.run(replace(command, only_reads=True), _quiet, _unnoted)
        except ToolError as error:
            raise NotAttached(error.message) from error
        if ended.exit_code != 0:
            raise NotAttached(_failed(ended.output))
        return ended.output + ("\n[…]\n" if ended.left_out else "")


Attach = Callable[[Material], Awaitable[Sequence[PromptContext]]]


def cut(text: str, most: int = ROOM) -> tuple[str, str]:
    """Return as much of the text as there is room for, and what is to be said of it where that is not all."""
    if len(text) <= most:
        return text, ""
    kept = beginning(text[:most]) or text[:most]
    return kept, f"cut: the first {len(kept):,} of {len(text):,} characters"


def _failed(output: str) -> str:
    """Return why there is nothing, by what git has said."""
    said = output.strip().partition("\n")[0]
    if "ambiguous argument 'HEAD'" in said:
        return "There is no commit yet with which anything could be compared."
    if "not a git repository" in said.lower():
        return "The folder is in no git repository."
    return f"`git diff` failed: {said or 'it took too long'}."


def _quiet(output: str) -> None:
    del output


async def _unnoted(pid: int, started: float) -> None:
    del pid, started
