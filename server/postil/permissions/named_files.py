"""Files of the workspace that the command of a hook or of a server names: it is started with what they held when it was allowed, or not at all.

What such a file loads in its turn is not looked at.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from postil.config.named import files_named, paths_named
from postil.config.server_options import WrittenServer
from postil.core.errors import PostilError, TooLarge
from postil.core.hooks import Hook
from postil.workspace.files.opening import read_regular

_LARGEST = 4_000_000
"""Bytes of a file that are compared; of a larger one its size, its times and its number are."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Named:
    """The files of the workspace that a command names, with digests of what they hold."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the path as people read it."""
    why_not: str = ""
    """Why that cannot be told, without a full stop; then the command is not started."""

    @property
    def digest(self) -> str:
        """Of all of them; empty where there is none."""
        text = "\n".join(f"{name}\0{self.files[name]}" for name in sorted(self.files))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] if self.files else ""

    def changed(self, since: Mapping[str, str]) -> str:
        """Return which of them hold something else than then, in words; empty where all are as they were."""
        names = sorted(it for it in {*self.files, *since} if self.files.get(it) != since.get(it))
        more = len(names) - _SHOWN
        return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


NOTHING = Named()


def named_by(command: str | Sequence[str], folders: Iterable[Path], roots: Sequence[Path]) -> Named:
    """Return the files below the roots that a command names, as it may run in one of the folders. Blocking. Never raises."""
    try:
        found = {it for folder in folders for it in files_named(command, folder)}
        bases = [os.path.realpath(it) for it in roots]
        return Named({_shown(it, bases): digest(it) for it in sorted(found) if _lies_in(it, bases)})
    except PostilError as error:
        return Named(why_not=error.message.removesuffix("."))
    except (OSError, ValueError) as error:
        return Named(why_not=f"a file that it names cannot be read ({type(error).__name__})")


def named_by_server(written: WrittenServer, roots: Sequence[Path]) -> Named:
    """Return the files of the workspace that a server's command or variables name. Blocking. Never raises."""
    options = written.options
    if options.off or not options.command or not roots:
        return NOTHING
    return named_by(_words_of(written), (roots[0] / options.cwd,), roots)


def named_by_hook(hook: Hook, roots: Sequence[Path]) -> Named:
    """Return the files of the workspace that a person's hook names. Blocking. Never raises."""
    return named_by(hook.command, _folders_of(hook, roots), roots)


def started_by(
    servers: Sequence[WrittenServer], hooks: Sequence[Hook], roots: Sequence[Path]
) -> frozenset[str]:
    """Return where below the roots a file would be started, or read, by a server or a hook, whether or not one is there. Blocking."""
    found: set[Path] = set()
    for it in servers:
        if it.options.command and roots:
            found.update(_paths(_words_of(it), roots[0] / it.options.cwd))
    for hook in hooks:
        for folder in _folders_of(hook, roots):
            found.update(_paths(hook.command, folder))
    bases = [os.path.realpath(it) for it in roots]
    return frozenset(str(it) for it in found if _lies_in(it, bases) and not os.path.isdir(it))  # noqa: PTH112 - unlike Path, it never raises


def digest(path: Path) -> str:
    """Return what tells a file's content from any other. `path` is resolved. Blocking. Raises PostilError, OSError."""
    try:
        return hashlib.sha256(read_regular(path, _LARGEST)[0]).hexdigest()
    except TooLarge:
        it = path.stat()
        return f"{it.st_size} {it.st_mtime_ns} {it.st_ctime_ns} {it.st_ino}"


def _words_of(written: WrittenServer) -> Sequence[str]:
    return (*written.options.command, *written.options.env.values())


def _folders_of(hook: Hook, roots: Sequence[Path]) -> Sequence[Path]:
    """Return where a hook may run."""
    return (Path(hook.file).parent, *roots)


def _paths(command: str | Sequence[str], folder: Path) -> Iterator[Path]:
    try:
        yield from paths_named(command, folder)
    except (OSError, ValueError):
        return  # what cannot be told is not started, see `named_by`


def _lies_in(path: Path, bases: Sequence[str]) -> bool:
    return any(str(path).startswith(base.rstrip("/") + "/") for base in bases)


def _shown(path: Path, bases: Sequence[str]) -> str:
    """Return the path below the first root, or in full: two roots may have files of one name."""
    return str(path.relative_to(bases[0])) if _lies_in(path, bases[:1]) else str(path)
