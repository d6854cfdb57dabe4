"""What a folder configures that runs by itself once it is trusted: its hooks, with the text of the scripts that they name.

A person trusts what was there when they were asked. Its digest is kept with their word, and compared whenever trust is looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from postil.config.hooks import workspace_hooks
from postil.core.errors import ConfigurationError
from postil.core.hooks import Hook
from postil.permissions.named_files import named_by, started_by


@dataclass(frozen=True, slots=True)
class Configured:
    """What runs of a folder by itself."""

    hooks: tuple[Hook, ...] = ()
    digest: str = ""
    """Of all of it; empty where nothing does."""
    why_not: str = ""
    """Why it cannot be told; then nothing of it runs."""
    started: frozenset[str] = frozenset()
    """Where a file lies, or would lie, that its hooks name: resolved paths."""


def configured_by(root: Path) -> Configured:
    """Return what a folder configures that runs by itself. Blocking. Never raises."""
    try:
        hooks = workspace_hooks(root)
    except ConfigurationError as error:
        return _unread(error.message)
    except (OSError, ValueError) as error:
        return _unread(f"what it runs cannot be read ({type(error).__name__})")
    if not hooks:
        return Configured()
    named = [named_by(it.command, (root,), (root,)) for it in hooks]
    why_not = next((it.why_not for it in named if it.why_not), "")
    if why_not:
        return _unread(why_not)
    files = {name: it.files[name] for it in named for name in it.files}
    parts = [it.key for it in hooks] + [f"{name}\0{files[name]}" for name in sorted(files)]
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    started = started_by((), hooks, (root,))
    return Configured(hooks, hashlib.sha256(text).hexdigest()[:32], started=started)


def _unread(why: str) -> Configured:
    return Configured(digest="unread", why_not=why)
