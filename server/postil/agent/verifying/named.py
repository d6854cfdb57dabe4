"""The checks that settings name, as sessions have them: a workspace's own count while it is trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from postil.config.load import Loaded
from postil.core.verification import Check
from postil.workspace.checks.checking import WorkspaceChecks


def checks_of(loaded: Loaded, roots: Sequence[Path], trusted: Callable[[], bool]) -> WorkspaceChecks | None:
    """Return the checks of a workspace; None where settings turn verification off."""
    if loaded.options.verify == "off":
        return None

    def named() -> Sequence[Check]:
        counts = [it for it in loaded.checks if it.layer != "workspace" or trusted()]
        return [
            Check(name=it.options.name, command=it.options.command, covers=it.options.covers, source=it.file)
            for it in counts
        ]

    return WorkspaceChecks(roots, named, loaded.options.verify_rounds)
