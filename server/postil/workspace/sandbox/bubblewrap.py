"""bubblewrap: a command in namespaces of its own, with a view of the disk that is put together for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.workspace.environment import SYSTEM_PATH
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.mechanism import Launch
from postil.workspace.sandbox.plan import handed
from postil.workspace.sandbox.seccomp import filter_of, known_calls


def find_bubblewrap() -> str | None:
    """Return the program, of the system's folders only."""
    return shutil.which("bwrap", path=SYSTEM_PATH)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Runs commands in bubblewrap, with the filter of system calls in front where the machine's calls are known."""

    program: str
    title: str = "bubblewrap"

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return the command in bubblewrap, which gets the clean environment too: inside, its own can be read."""
        calls = known_calls()
        files = (handed(filter_of(calls, network=within.network)),) if calls is not None else ()
        words = arguments(self.program, argv, cwd, within, files[0] if files else None)
        return Launch(tuple(words), environment, files)


def arguments(
    program: str, argv: Sequence[str], cwd: Path, within: Confinement, calls: int | None
) -> list[str]:
    """Return the whole command line. `calls` is the descriptor that the filter is read from."""
    words = [program, "--die-with-parent", "--new-session", "--unshare-all", "--cap-drop", "ALL"]
    if within.network:
        words.append("--share-net")
    words += ["--ro-bind", "/", "/"]
    for it in _from_outside_in(within):
        words += it
    # Its settings of the kernel belong to whoever is root outside.
    words += ["--dev", "/dev", "--proc", "/proc", "--remount-ro", "/proc"]
    if calls is not None:
        words += ["--seccomp", str(calls)]
    return [*words, "--chdir", str(cwd), "--", *argv]


def _from_outside_in(within: Confinement) -> list[tuple[str, ...]]:
    """Return what is mounted where; a mount hides what was mounted below it before."""
    mounts = [(it, 0, ("--tmpfs", str(it))) for it in within.hidden if not it.is_relative_to("/dev")]
    mounts += [(it, 1, ("--ro-bind", str(it), str(it))) for it in within.readable if it != Path("/")]
    mounts += [(it, 2, ("--bind", str(it), str(it))) for it in within.writable]
    mounts += [(it, 3, ("--ro-bind", os.devnull, str(it))) for it in within.covered]
    return [words for _, _, words in sorted(mounts, key=lambda it: (len(it[0].parts), it[1], it[0]))]
