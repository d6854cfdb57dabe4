"""What a folder configures that runs by itself once it is trusted: its hooks, with the text of the scripts that they name.

A person trusts what was there when they were asked. Its digest is kept with their word, and compared whenever trust is looked at.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postil.config.hooks import files_named, workspace_hooks
from postil.core.errors import ConfigurationError
from postil.core.hooks import Hook

_LARGEST = 4_000_000
"""Bytes of a script that are compared; of a larger one its size and its time of change are."""


@dataclass(frozen=True, slots=True)
class Configured:
    """What runs of a folder by itself."""

    hooks: tuple[Hook, ...] = ()
    digest: str = ""
    """Of all of it; empty where nothing does."""
    why_not: str = ""
    """Why it cannot be told; then nothing of it runs."""


def configured_by(root: Path) -> Configured:
    """Return what a folder configures that runs by itself. Blocking. Never raises."""
    try:
        hooks = workspace_hooks(root)
        if not hooks:
            return Configured()
        scripts = {it for hook in hooks for it in _scripts(hook.command, root)}
        parts = [it.key for it in hooks] + [f"{it}\0{_content(it)}" for it in sorted(scripts)]
    except ConfigurationError as error:
        return Configured(digest="unread", why_not=error.message)
    except (OSError, ValueError) as error:
        return Configured(digest="unread", why_not=f"what it runs cannot be read ({type(error).__name__})")
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    return Configured(hooks, hashlib.sha256(text).hexdigest()[:32])


def _scripts(command: str, root: Path) -> Iterator[Path]:
    """Return the files of the folder that words of a command name."""
    base = os.path.realpath(root) + os.sep
    return (it for it in files_named(command, root) if str(it).startswith(base))


def _content(path: Path) -> str:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
        return f"{found.st_size} {found.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
