"""Trust for a test's workspace, where the test is about something else."""

from __future__ import annotations

from pathlib import Path

from postil.permissions.trust import TrustStore


def trusted(folder: Path, state: Path) -> Path:
    """Trust the folder in that state directory, as its person does with `postil trust allow`; returns the folder."""
    TrustStore(state).decide(folder, "trusted", 0.0, "test")
    return folder
