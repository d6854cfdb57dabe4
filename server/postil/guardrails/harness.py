"""The harness that is tried: settings, agent types and whatever else counts in a workspace, as a session there would find it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from postil.agent.types.collection import AgentTypes
from postil.config.hooks import workspace_hooks
from postil.config.load import Loaded, WrittenRule, load, user_config_dir
from postil.config.named import files_named
from postil.config.options import LimitOptions
from postil.core.errors import ConfigurationError
from postil.core.hooks import Hook
from postil.permissions.harness import OF_WORKSPACES
from postil.tools.registry import Registry

_MOST_BYTES = 256 * 1024
"""Of a file that is copied; a larger one is no configuration."""

_Command = tuple[str | Sequence[str], str]
"""A line for a shell, or words; and the folder below a root that it runs in."""
_MOST_BESIDE = 100
"""Files that are copied of a folder in which a script of a hook lies."""


@dataclass(frozen=True, slots=True)
class Harness:
    """What a session in the workspace would begin with."""

    roots: tuple[Path, ...]
    """Of the real workspace; nothing is run there and nothing of it is changed."""
    loaded: Loaded
    trusted: bool
    """Whether what the workspace brings along counts."""

    @classmethod
    def of(cls, roots: tuple[Path, ...], *, trusted: bool) -> Harness:
        """Read the settings, from the same files in the same way as a session. Raises nothing."""
        return cls(roots, load(roots), trusted)

    def hooks(self) -> tuple[Hook, ...]:
        """Return the hooks that count: the administrator's, the user's, and a workspace's that is trusted.

        Blocking. Raises ConfigurationError where they cannot be read.
        """
        theirs = (it for root in self.roots for it in workspace_hooks(root)) if self.trusted else ()
        return (*self.loaded.hooks, *theirs)

    def _commands(self) -> Sequence[_Command]:
        """Return the commands of all hooks and servers that count: what they name in the workspace is a part of the harness."""
        hooks: list[Hook] = [*self.loaded.hooks]
        for root in self.roots:
            with suppress(ConfigurationError):
                hooks += workspace_hooks(root)
        servers = (it.options for it in self.loaded.servers)
        own = [((*it.command, *it.env.values()), it.cwd) for it in servers if it.command]
        return [*((it.command, "") for it in hooks), *own]

    def types(self) -> AgentTypes:
        """Return the agent types that there are."""
        return AgentTypes(
            user_config_dir(), self.roots, Registry.collect().names, trusted=lambda: self.trusted
        )

    def denying(self, rule: str) -> Harness:
        """Return it with a rule more, which denies."""
        rules = (*self.loaded.rules, WrittenRule("deny", rule, "user", "guardrails"))
        return replace(self, loaded=replace(self.loaded, rules=rules))

    def alone(self) -> Harness:
        """Return it with no server of tools named, and with no hook."""
        return replace(self, loaded=replace(self.loaded, servers=(), hooks=()))

    def with_room(self) -> Harness:
        """Return it without its limits: they have an invariant of their own, and nothing else should end at one."""
        none = LimitOptions(turn="none", session="none", day="none")
        room = {"limits": none, "max_steps": 1_000, "max_seconds": 3_600.0}
        options = self.loaded.options.model_copy(update=room)
        return replace(self, loaded=replace(self.loaded, options=options))

    def lay_out(self, folder: Path) -> tuple[Path, ...]:
        """Make a folder for each root, with copies of what counts of that root, and return them."""
        made: list[Path] = []
        for number, root in enumerate(self.roots):
            copy = folder / (f"root{number}" if number else "work")
            copy.mkdir(parents=True)
            made.append(copy)
            if self.trusted:
                for path in (*_counting(root), *_started(root, self._commands())):
                    _copy(path, copy / path.relative_to(root))
        return tuple(made)


def _counting(root: Path) -> Iterator[Path]:
    """Yield the files below a root that count as configuration, the scripts of its hooks among them; links lead elsewhere and are left out."""
    for name in OF_WORKSPACES:
        place = root / name
        if place.is_symlink():
            continue
        if place.is_file():
            yield place
        for folder, folders, names in os.walk(place):
            folders.sort()
            found = (Path(folder, it) for it in sorted(names))
            yield from (it for it in found if it.is_file() and not it.is_symlink())


def _started(root: Path, commands: Sequence[_Command]) -> Iterator[Path]:
    """Yield the files below a root that commands name, and those beside them; links lead elsewhere and are left out."""
    yield from (it for it in _scripts(root, commands) if it.is_file() and not it.is_symlink())


def _scripts(root: Path, commands: Sequence[_Command]) -> Iterator[Path]:
    base = Path(os.path.realpath(root))
    named = {
        it.relative_to(base)
        for line, cwd in commands
        for it in files_named(line, root / cwd)
        if it.is_relative_to(base)
    }
    for folder in sorted({it.parent for it in named}):
        beside = sorted((root / folder).iterdir())[:_MOST_BESIDE]
        yield from {root / it for it in named if it.parent == folder} | {*beside}


def _copy(path: Path, to: Path) -> None:
    with suppress(OSError):  # what cannot be read counts nowhere
        if path.stat().st_size <= _MOST_BYTES:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
            shutil.copymode(path, to)
