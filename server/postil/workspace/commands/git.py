"""git as Postil runs it: what a repository's own configuration could start is found, and switched off where that can be done."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from postil.core.errors import CommandFailed
from postil.workspace.commands.environment import SYSTEM_PATH, program_environment
from postil.workspace.commands.shell import finish_program, start_launch, start_program
from postil.workspace.sandbox.mechanism import Launch

_MOST_CONFIG = 1 << 20
_PATIENCE = 5.0
_FILTER = re.compile(r"^filter\.(.+)\.(?:clean|smudge|process|required)$", re.IGNORECASE)
_CANNOT_BE_SWITCHED_OFF = re.compile(
    r"^(?:include\.|includeif\.|core\.worktree$|core\.alternaterefscommand$|extensions\.partialclone$|"
    r"remote\..*\.(?:promisor|partialclonefilter)$|submodule\.|alias\.(?:whatchanged|pack-redundant)$)",
    re.IGNORECASE,
)
"""Keys that a later setting does not take back: other files, other folders, what fetches missing objects,
repositories inside that git would enter with their own settings, and names that later versions let an alias take."""

_ALWAYS = {
    "core.fsmonitor": "false", "core.hooksPath": "/dev/null", "core.pager": "cat", "core.untrackedCache": "false", "log.showSignature": "false",
    "protocol.allow": "never", "safe.bareRepository": "explicit", "diff.ignoreSubmodules": "all", "status.submoduleSummary": "false",
    "diff.autoRefreshIndex": "false", "gc.auto": "0", "maintenance.auto": "false", "advice.detachedHead": "false", "color.ui": "false",
    "gpg.program": "false", "gpg.openpgp.program": "false", "gpg.x509.program": "false", "gpg.ssh.program": "false",
    "gpg.ssh.defaultKeyCommand": "", "core.sshCommand": "false", "core.gitProxy": "false", "core.askPass": "true", "credential.helper": "",
    "submodule.recurse": "false", "diff.submodule": "short", "interactive.diffFilter": "cat", "uploadpack.packObjectsHook": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """What is known of the repository that a folder lies in."""

    problem: str = ""
    """Why git may not run there unasked; empty where it may."""
    filters: tuple[str, ...] = ()
    """Names of filters that its own configuration defines."""


def repository_at(folder: Path) -> Repository:
    """Look at the configuration of the repository that holds `folder`. Blocking; never raises."""
    try:
        return _look(folder)
    except (OSError, ValueError, CommandFailed) as error:
        return Repository(f"its configuration could not be read ({type(error).__name__})")


def repository_folders(folder: Path) -> tuple[Path, ...]:
    """Return the folders that git needs to see for its answers about `folder`: files, data and settings. Blocking; never raises."""
    try:
        found = _git_folder(folder)
    except (OSError, ValueError):
        return ()
    top = next((it for it in (folder, *folder.parents) if (it / ".git").exists()), folder)
    return (top, *found) if found is not None else ()


def tracked(folder: Path, paths: Sequence[Path]) -> frozenset[Path]:
    """Return those of the paths whose contents lie in the repository that holds `folder`. Blocking; never raises."""
    inside = [it for it in paths if it.is_relative_to(folder)]
    looked = repository_at(folder)
    if not inside or looked.problem:
        return frozenset()
    argv = ("git", "ls-files", "-z", "--", *(f":(literal){it.relative_to(folder)}" for it in inside))
    environment = program_environment(os.environ) | hardened(looked.filters)
    try:
        ended = finish_program(start_launch(Launch(argv, environment), folder), _PATIENCE)
    except CommandFailed:
        return frozenset()
    return frozenset(folder / it for it in _texts(ended.stdout)) if ended.code == 0 else frozenset()


def hardened(filters: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the variables that keep git from starting what a repository's configuration names."""
    settings = dict(_ALWAYS)
    for name in filters:
        settings |= {f"filter.{name}.{key}": "" for key in ("clean", "smudge", "process")}
        settings[f"filter.{name}.required"] = "false"
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for index, (key, value) in enumerate(settings.items()):
        numbered |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return numbered | {
        "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "GIT_EDITOR": "true",
        "GIT_ALLOW_PROTOCOL": "", "GIT_PROTOCOL_FROM_USER": "0", "GIT_ATTR_NOSYSTEM": "1",
    }  # fmt: skip


def without_repository() -> dict[str, str]:
    """Return the variables with which git finds no repository at all, wherever it is started."""
    return hardened() | {"GIT_DIR": "/dev/null"}


def _look(folder: Path) -> Repository:
    found = _git_folder(folder)
    if found is None:
        return Repository()
    git, common = found
    names: list[str] = []
    for path in (common / "config", git / "config.worktree"):
        if path.exists():
            state = path.stat()
            names += _keys(path, state.st_mtime_ns, state.st_size, state.st_ino)
    if (common / "modules").is_dir() or any((it / ".gitmodules").exists() for it in _up_to(git, folder)):
        return Repository("it has submodules, whose own configuration counts as well")
    bad = next((it for it in names if _CANNOT_BE_SWITCHED_OFF.match(it)), None)
    if bad is not None:
        return Repository(f"its configuration sets {bad}")
    filters = sorted({match[1] for it in names if (match := _FILTER.match(it))})
    return Repository(filters=tuple(filters))


def _up_to(git: Path, folder: Path) -> Iterator[Path]:
    """Yield the folders from `folder` up to the top of its working tree."""
    for here in (folder, *folder.parents):
        yield here
        if (here / ".git").exists() or here == git:
            return


def _git_folder(folder: Path) -> tuple[Path, Path] | None:
    """Return the folder of the repository's data and the one of its configuration; None outside of any."""
    for here in (folder, *folder.parents):
        entry = here / ".git"
        if entry.is_symlink():
            raise ValueError(entry)
        if entry.is_dir():
            return entry, _common(entry)
        if entry.is_file():
            git = Path(os.path.realpath(here / _one_line(entry).removeprefix("gitdir:").strip()))
            return git, _common(git)
        if (here / "HEAD").is_file() and (here / "objects").is_dir():
            raise ValueError("a repository without a working tree")
    return None


def _common(git: Path) -> Path:
    named = git / "commondir"
    return Path(os.path.realpath(git / _one_line(named))) if named.is_file() else git


def _one_line(path: Path) -> str:
    with path.open("rb") as file:
        return os.fsdecode(file.read(4096)).strip()


@lru_cache(maxsize=64)
def _keys(path: Path, changed: int, size: int, inode: int) -> tuple[str, ...]:
    """Return the names of all settings in a file, read by git itself, which runs nothing for that."""
    if size > _MOST_CONFIG:
        raise ValueError(path)
    git = shutil.which("git", path=SYSTEM_PATH)
    if git is None:
        raise ValueError("there is no git")
    argv = [git, "config", "--file", str(path), "--no-includes", "--null", "--name-only", "--list"]
    ended = finish_program(start_program(argv, Path("/")), _PATIENCE)
    if ended.code != 0:
        raise ValueError(path)
    return tuple(_texts(ended.stdout))


def _texts(output: bytes) -> Iterator[str]:
    yield from (os.fsdecode(it) for it in output.split(b"\0") if it)


def shim(real: str) -> str:
    """Return a script named git that adds what switches off the programs that attributes name, and then is `real`."""
    return _SHIM.replace("@git@", shlex.quote(real))


_SHIM = """#!/bin/sh
# git as it runs unasked: no program that a repository names for its differences or its contents is started.
left=$#
command= value=
while [ "$left" -gt 0 ]; do
    word=$1
    shift
    left=$((left - 1))
    set -- "$@" "$word"
    if [ -n "$value" ]; then
        value=
    elif [ "$command" = stash ]; then
        command=done
        set -- "$@" --no-ext-diff --no-textconv --ignore-submodules=all
    elif [ -z "$command" ]; then
        case $word in
        -C) value=expected ;;
        -*) ;;
        stash) command=stash ;;
        diff | log | show | whatchanged | diff-tree | diff-index | diff-files | range-diff)
            command=done
            set -- "$@" --no-ext-diff --no-textconv --ignore-submodules=all ;;
        status)
            command=done
            set -- "$@" --ignore-submodules=all ;;
        blame | annotate)
            command=done
            set -- "$@" --no-textconv ;;
        *) command=done ;;
        esac
    fi
done
exec @git@ "$@"
"""
