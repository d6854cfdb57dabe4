"""Where prompt files come from, and which of several of one name counts: the user's, then those of each root that is trusted.

A workspace's are in `.postil/commands` and `.claude/commands`. Nothing of them counts, or is read, until the workspace is trusted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from postil.agent.commanding.prompt_file import PromptFile, read_prompt
from postil.core.errors import ToolError
from postil.core.skills import SkillOwner
from postil.tools.skills.front_matter import Flaw
from postil.workspace.files.opening import read_regular

FOLDER = "commands"
"""In the user's folder of settings, and within `PLACES` of a workspace."""
PLACES = (Path(".postil"), Path(".claude"))
MOST = 200
"""Files of one folder that are looked at."""
MOST_BYTES = 256 * 1024
"""Of a file."""
NOT_TRUSTED = "the workspace is not trusted"


@dataclass(frozen=True, slots=True)
class FoundPrompt:
    """A prompt file, and whether it counts."""

    file: PromptFile
    owner: SkillOwner
    path: str
    state: str = ""
    """Why it does not count, without a full stop; empty where it does."""
    root: str = ""
    """The workspace's folder that it came with."""


@dataclass(frozen=True, slots=True)
class PromptFiles:
    """The prompt files of a user and a workspace. Every method reads the disk, so it is called away from the event loop."""

    own: Path
    """The user's folder of settings."""
    roots: Collection[Path]
    keeps_back: Callable[[Path], bool] = field(default=lambda _: False)
    """Which files rules keep from the agent."""
    no_type: Callable[[str], str] = field(default=lambda _: "")
    """Why an agent type of that name cannot be had, in sentences; empty where it can."""

    def inventory(self, *, trusted: bool) -> list[FoundPrompt]:
        """Return every prompt file there is, also those that do not count, with why. Never raises."""
        found: list[FoundPrompt] = []
        first: dict[str, str] = {}
        looked_up: dict[str, str] = {}
        for owner, folder, root in self._folders():
            for path in _files(folder):
                one = self._of_its_type(self._found(owner, path, root, trusted=trusted), looked_up)
                if owner == "workspace" and one.file.name in first:
                    words = f"{first[one.file.name]} has the same name and counts before it"
                    one = replace(one, state=one.state or words)
                # A faulty one has its name too: what comes later is not what the person means by it.
                first.setdefault(one.file.name, one.path)
                found.append(one)
        return found

    def find(self, name: str, *, trusted: bool) -> FoundPrompt | None:
        """Return what a name stands for, whether it can be used or not; None where there is no file for it."""
        return next((it for it in self.inventory(trusted=trusted) if it.file.name == name), None)

    def _folders(self) -> Iterator[tuple[SkillOwner, Path, str]]:
        yield "user", self.own / FOLDER, ""
        for root in self.roots:
            for it in PLACES:
                yield "workspace", root / it / FOLDER, str(root)

    def _found(self, owner: SkillOwner, path: Path, root: str, *, trusted: bool) -> FoundPrompt:
        if owner == "workspace" and not trusted:
            return FoundPrompt(PromptFile(path.stem), owner, str(path), NOT_TRUSTED, root)
        try:
            text = self._text(owner, path, root)
        except (ToolError, UnicodeDecodeError) as error:
            why = error.message.removesuffix(".") if isinstance(error, ToolError) else "it is not UTF-8"
            return FoundPrompt(PromptFile(path.stem), owner, str(path), why, root)
        file = read_prompt(text, path.stem)
        fault = file.fault
        why = f"line {fault.line}: {fault.message.removesuffix('.')}" if fault is not None else ""
        return FoundPrompt(file, owner, str(path), why, root)

    def _of_its_type(self, one: FoundPrompt, looked_up: dict[str, str]) -> FoundPrompt:
        """Return it as off where the agent type that it is for cannot be had; each type is looked up once."""
        name = one.file.agent
        if not name or one.state:
            return one
        if name not in looked_up:
            looked_up[name] = self.no_type(name)
        if not (why := looked_up[name]):
            return one
        one.file.flaws.append(Flaw(one.file.agent_line, why, "error"))
        return replace(one, state=f"line {one.file.agent_line}: {why.removesuffix('.')}")

    def _text(self, owner: SkillOwner, path: Path, root: str) -> str:
        real = Path(os.path.realpath(path))
        if owner == "workspace":
            if not real.is_relative_to(root):
                raise ToolError("It leads out of the workspace.")
            if self.keeps_back(real):
                raise ToolError("A rule keeps it from the agent.")
        return read_regular(real, MOST_BYTES)[0].decode("utf-8")


def _files(folder: Path) -> list[Path]:
    try:
        names = sorted(it.name for it in folder.iterdir() if it.suffix == ".md" and it.name[0] != ".")
    except OSError:
        return []
    return [folder / it for it in names[:MOST]]
