"""The files of the workspace that a person's hooks name: such a hook runs outside of any sandbox, so it runs as it was when the session began and when the workspace was trusted, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from postil.core.hooks import Hook
from postil.permissions.agreed_files import ANEW, AgreedFiles, Files
from postil.permissions.named_files import NOTHING, Named, named_by_hook


class HookScripts:
    """Those of one session and of all that works for it."""

    def __init__(self, agreed: AgreedFiles | None = None) -> None:
        """`agreed` knows what earlier sessions found; without it each session begins with what it finds."""
        self._agreed = agreed
        self._roots: tuple[Path, ...] = ()
        self._first: Mapping[str, Named] | None = None

    def anew(self) -> HookScripts:
        """Return those of another session."""
        return HookScripts(self._agreed)

    async def begin(self, hooks: Sequence[Hook], roots: Sequence[Path]) -> None:
        """Take note of what is there now, unless that was done: a sub-agent has what the session above it began with."""
        if self._first is None:
            self._roots = tuple(roots)
            self._first = await asyncio.to_thread(self._looked, hooks) if hooks else {}

    async def objection(self, hook: Hook, *, trusted: bool) -> str:
        """Return why a hook of a person's is not run now, without a full stop; empty where it may be."""
        now = await asyncio.to_thread(named_by_hook, hook, self._roots)
        if now.why_not:
            return now.why_not
        first = (self._first or {}).get(hook.key, NOTHING)
        changed = now.changed(first.files)
        if changed:
            return f"{changed}, which its command names, has changed since the session began; a new session runs it as it is now"
        if now.files and not trusted:
            return f"{', '.join(now.files)}, which its command names, lies in a workspace that is not trusted"
        return await asyncio.to_thread(self._not_agreed_to, hook, now)

    def _not_agreed_to(self, hook: Hook, now: Named) -> str:
        found: Mapping[str, Files] = {hook.key: now.files}
        try:
            agreed = self._agreed.agreed(found) if self._agreed is not None else found
        except OSError as error:
            return f"it cannot be told which scripts you agreed to: {error}"
        changed = now.changed(agreed[hook.key])
        return (
            f"{changed}, which its command names, has changed since you trusted the workspace; {ANEW}"
            if changed
            else ""
        )

    def _looked(self, hooks: Sequence[Hook]) -> Mapping[str, Named]:
        found = {it.key: named_by_hook(it, self._roots) for it in hooks}
        if self._agreed is not None:
            with suppress(OSError):  # said when a hook is about to run
                self._agreed.agreed({key: it.files for key, it in found.items() if not it.why_not})
        return found
