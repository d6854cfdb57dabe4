"""Where agent types come from: Postil's own folder, the user's, and that of each root which is trusted, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from postil.agent.types.agent_type import MOST_BYTES, AgentType, TypeFault, read_type
from postil.core.agent_types import TypeSource
from postil.core.errors import ConfigurationError, ToolError, UsageError
from postil.workspace.files.opening import read_regular

BUILTIN = Path(__file__).with_name("builtin")
FOLDER = "agents"
"""In the user's folder of settings, and in `.postil` of a workspace."""


@dataclass(frozen=True, slots=True)
class Collected:
    """All types that can be used, and what is wrong with the other files."""

    types: tuple[AgentType, ...]
    faults: tuple[TypeFault, ...]
    restricted: tuple[Path, ...] = ()
    """Files of a workspace that is not trusted: they are seen, and not read."""


class AgentTypes:
    """The types of one workspace. Every method reads the disk, so it is called away from the event loop."""

    def __init__(
        self, own: Path, roots: Collection[Path], tools: Collection[str], trusted: Callable[[], bool]
    ) -> None:
        """`own` is the user's folder of settings; `trusted` says whether the workspace's files count."""
        self._own = own
        self._roots = tuple(roots)
        self._tools = frozenset(tools)
        self._trusted = trusted

    def find(self, name: str, collected: Collected | None = None) -> AgentType:
        """Return the type of that name, of those `collected` a moment ago or now; raises UsageError where there is none, or its
        file is wrong."""
        collected = collected or self.collect()
        found = next((it for it in collected.types if it.name == name), None)
        wrong = [it for it in collected.faults if it.name == name and (found is None or it.source == "user")]
        if wrong:
            # Also where another type has the name: the user meant this one, and it may well be the stricter.
            first = wrong[0]
            raise UsageError(
                f"The agent type {name!r} cannot be used: {first.file}:{first.line}: {first.message}.",
                "Mend the file, or name another type.",
            )
        if found is not None:
            return found
        known = ", ".join(it.name for it in collected.types)
        more = "" if self._trusted() else " The types of this workspace count once it is trusted."
        raise UsageError(f"There is no agent type {name!r}.", f"The types are {known}.{more}")

    def why_not(self, name: str) -> str:
        """Return why a type of that name cannot be had, and what to do, in sentences; empty where it can."""
        try:
            self.find(name)
        except UsageError as error:
            return f"{error.message} {error.mend}"
        return ""

    def builtin(self, name: str) -> AgentType:
        """Return one of Postil's own types; raises ConfigurationError where it is spoilt or missing."""
        found = read_file(BUILTIN / f"{name}.md", "built_in", self._tools)
        if isinstance(found, AgentType):
            return found
        raise ConfigurationError(f"{found[0].file}: {found[0].message}.", "Install Postil anew.")

    def collect(self) -> Collected:
        """Return every type, Postil's own first, each folder by name."""
        types: list[AgentType] = []
        faults: list[TypeFault] = []
        taken: dict[str, str] = {}
        for source, folder in self._folders():
            for path in _files(folder, source, faults):
                name, whose = path.stem, "a built-in type" if source == "built_in" else str(path)
                if name in taken:
                    words = (
                        f"{taken[name]} has the name {name} already; give the file and the type another one"
                    )
                    faults.append(TypeFault(name, str(path), source, words))
                    continue
                # A faulty one has its name too: what comes later is not what the person means by it.
                taken[name] = whose
                found = read_file(path, source, self._tools)
                if isinstance(found, AgentType):
                    types.append(found)
                else:
                    faults += found
        return Collected(tuple(types), tuple(faults), self._restricted())

    def faults_of(self, path: Path, text: str) -> list[TypeFault] | None:
        """Return what is wrong with a text as the file of a type, trusted or not; None where no types are looked for there."""
        source = self._source_of(path)
        if source is None:
            return None
        found = read_type(text, path.stem, str(path), source, self._tools)
        faults = found if isinstance(found, list) else []
        taken = (
            it for it in self.collect().types if it.name == path.stem and Path(it.file) != _resolved(path)
        )
        words = "{} has this name already; give the file and the type another one"
        return faults + [
            TypeFault(path.stem, str(path), source, words.format(it.file or "a built-in type"))
            for it in taken
            if it.source == "built_in" or (source, it.source) == ("workspace", "user")
        ]

    def _source_of(self, path: Path) -> TypeSource | None:
        folder = _resolved(path.parent)
        if path.suffix != ".md":
            return None
        if folder in self._workspaces():
            return "workspace"
        return "user" if folder == self._users() else None

    def _folders(self) -> Iterator[tuple[TypeSource, Path]]:
        yield "built_in", BUILTIN
        yield "user", self._users()
        if self._trusted():
            for folder in self._workspaces():
                yield "workspace", folder

    def _restricted(self) -> tuple[Path, ...]:
        if self._trusted():
            return ()
        return tuple(path for it in self._workspaces() for path in _files(it, "workspace", []))

    def _users(self) -> Path:
        # People keep their settings elsewhere and link to them; what lies in a workspace is read without following a link.
        return _resolved(self._own / FOLDER)

    def _workspaces(self) -> tuple[Path, ...]:
        return tuple(it / ".postil" / FOLDER for it in self._roots)


def read_file(path: Path, source: TypeSource, tools: Collection[str]) -> AgentType | list[TypeFault]:
    """Return the type that a file describes, or everything that is wrong with it."""
    try:
        place = _resolved(path) if source != "workspace" else path
        text = read_regular(place, MOST_BYTES)[0].decode("utf-8")
    except ToolError as error:
        return [TypeFault(path.stem, str(path), source, error.message.rstrip("."))]
    except (UnicodeDecodeError, OSError) as error:
        return [TypeFault(path.stem, str(path), source, f"it cannot be read: {error}")]
    return read_type(text.replace("\r\n", "\n"), path.stem, str(path), source, tools)


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _files(folder: Path, source: TypeSource, faults: list[TypeFault]) -> list[Path]:
    try:
        return sorted(it for it in folder.iterdir() if it.suffix == ".md" and not it.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        words = f"the folder cannot be read: {error.strerror or error}"
        faults.append(TypeFault("", str(folder), source, words))
        return []
