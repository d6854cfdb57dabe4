"""The ways in which commands run, over folders of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from postil.permissions.shell.started_programs import starts_of
from postil.permissions.world import this_machine
from postil.workspace.commands.reading import Reading
from postil.workspace.commands.ways import Ways
from postil.workspace.commands.working import Working
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.mechanism import Mechanism


def ways_of(
    folder: Path,
    roots: Sequence[Path] = (),
    mechanism: Mechanism | None = None,
    hidden: Sequence[Path] = (),
    own: Mapping[str, str] | None = None,
    *,
    network: bool = False,
) -> Ways:
    """Return them with private folders in `folder`, in this sandbox or in the best that works here."""

    def sandbox() -> Mechanism:
        return mechanism or choose()

    around = this_machine(roots, [])
    return Ways(
        Reading(folder / "reading", roots, hidden, sandbox, own),
        Working(folder / "working", roots, hidden, sandbox, own=own, network=network),
        lambda line, cwd: starts_of(line, cwd, around),
        sandbox,
    )
