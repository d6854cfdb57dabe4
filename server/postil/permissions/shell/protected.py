"""What nothing may write, and what nobody may lose: by its name, or as the system's, the home, or what holds the workspace."""

from __future__ import annotations

import posixpath
import re

from postil.permissions.shell.spelled import loses
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.shell.wildcards import is_pattern
from postil.workspace.files.paths import is_kept_from_tools

SYSTEM_FOLDERS = frozenset(
    f"/{name}"
    for name in (
        "", "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys",
        "usr", "var", "Users", "System", "Library", "Applications", "usr/bin", "usr/lib", "usr/local", "usr/sbin", "usr/share", "var/lib",
        "private",
    )
)  # fmt: skip


def is_catastrophe(path: str, around: Surroundings) -> bool:
    """Whether losing the whole of this folder would be one: the system's, the home, or what holds the workspace."""
    if around.memory is None:
        return _is_catastrophe(path, around)
    if path not in around.memory.catastrophes:
        around.memory.catastrophes[path] = _is_catastrophe(path, around)
    return around.memory.catastrophes[path]


def _is_catastrophe(path: str, around: Surroundings) -> bool:
    if path in SYSTEM_FOLDERS or path == around.home or is_below(around.home, path):
        return True
    if re.fullmatch(r"/(?:home|Users)/[^/]+", path):
        return True
    if is_pattern(path) and loses(path, around, SYSTEM_FOLDERS):
        return True
    return any(is_below(root, path) and root != path for root in around.roots)


def protected(path: str, around: Surroundings, *, whole: bool = False) -> bool:
    """Whether nothing may write the path; with `whole` also where it holds such a thing, as its removal or renaming does."""
    if around.memory is None:
        return _protected(path, around, whole=whole)
    key = (path, whole)
    if key not in around.memory.protected:
        around.memory.protected[key] = _protected(path, around, whole=whole)
    return around.memory.protected[key]


def _protected(path: str, around: Surroundings, *, whole: bool) -> bool:
    for folder in around.own:
        if is_below(path, folder) or (whole and is_below(folder, path)):
            return True
    relative = around.relative(path)
    if relative is None:
        home = posixpath.relpath(path, around.home) if is_below(path, around.home) else None
        return home is not None and home != "." and is_protected_text(home)
    return relative != "." and is_protected_text(relative)


def is_protected_text(relative: str) -> bool:
    """Whether a path below a root, or below the home, is protected by its name."""
    return is_kept_from_tools(it for it in relative.split("/") if it not in ("", "."))
