"""bubblewrap: a command in namespaces of its own, with a view of the disk that is put together for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.workspace.commands.environment import SYSTEM_PATH
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
    lets_work: bool = True
    lays_over: bool = True

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return the command in bubblewrap, which gets the clean environment too: inside, its own can be read."""
        files: list[int] = []
        try:
            calls = known_calls()
            if calls is not None:
                files.append(handed(filter_of(calls, network=within.network, works=within.works)))
            filtered = files[0] if files else None
            files += [handed(it.data) for it in within.laid]
        except BaseException:
            Launch((), {}, tuple(files)).close()
            raise
        laid = files[len(files) - len(within.laid) :]
        words = arguments(self.program, argv, cwd, within, filtered, laid)
        return Launch(tuple(words), environment, tuple(files))


def arguments(
    program: str,
    argv: Sequence[str],
    cwd: Path,
    within: Confinement,
    calls: int | None,
    laid: Sequence[int] = (),
) -> list[str]:
    """Return the whole command line. `calls` is the descriptor that the filter is read from, `laid` those of what is laid over."""
    words = [program]
    # What works is asked to end like any other command, and has its last words; what only reads has none.
    words += [] if within.works else ["--die-with-parent", "--new-session"]
    words += ["--unshare-all", "--cap-drop", "ALL"]
    if within.network:
        words.append("--share-net")
    words += ["--ro-bind", "/", "/"]
    for it in _from_outside_in(within, laid):
        words += it
    # Its settings of the kernel belong to whoever is root outside.
    words += ["--dev", "/dev", "--proc", "/proc", "--remount-ro", "/proc"]
    if calls is not None:
        words += ["--seccomp", str(calls)]
    return [*words, "--chdir", str(cwd), "--", *argv]


def _from_outside_in(within: Confinement, laid: Sequence[int]) -> list[tuple[str, ...]]:
    """Return what is mounted where; a mount hides what was mounted below it before."""
    ordered = sorted(_mounts(within, laid), key=lambda it: (len(it[0].parts), it[1], it[0]))
    return [words for _, _, words in ordered]


def _mounts(within: Confinement, laid: Sequence[int]) -> Iterator[tuple[Path, int, tuple[str, ...]]]:
    for it in within.hidden:
        if not it.is_relative_to("/dev"):
            yield it, 0, ("--tmpfs", str(it))
    for it in within.readable:
        if it != Path("/"):
            yield it, 1, ("--ro-bind", str(it), str(it))
    for it in within.writable:
        yield it, 2, ("--bind", str(it), str(it))
    for it in within.kept:
        yield it, 3, ("--ro-bind", str(it), str(it))
    for it in within.absent:
        yield it, 4, ("--tmpfs", str(it), "--remount-ro", str(it))
    for it in within.covered:
        yield it, 5, ("--ro-bind", os.devnull, str(it))
    for one, file in zip(within.laid, laid, strict=True):
        yield one.path, 6, ("--perms", f"{one.mode & 0o777:04o}", "--ro-bind-data", str(file), str(one.path))
