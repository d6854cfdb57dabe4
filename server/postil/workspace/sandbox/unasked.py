"""What a command gets that runs unasked: everything read-only but a folder for temporary files, and no secrets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.workspace.sandbox.confinement import Confinement, Laid, concealed, real
from postil.workspace.sandbox.homes import TOOLS
from postil.workspace.sandbox.survey import secrets_below


def for_reading(
    roots: Sequence[Path],
    home: Path,
    private: Path,
    programs: Sequence[Path],
    hidden: Sequence[Path],
    secrets: Sequence[Path] = (),
    laid: Sequence[Laid] = (),
) -> Confinement:
    """Return what a command gets that only reads; `private` is a folder for temporary files. Looks at the disk.

    `programs` stay readable wherever they lie, `hidden` is not seen beside what the system hides. `secrets` are files
    that must be covered, whatever a quick look finds.
    """
    shown = real([*roots, *(home / it for it in TOOLS), *programs])
    return Confinement(
        readable=shown,
        writable=real([private]),
        hidden=tuple(it for it in concealed(home, hidden) if it not in shown),
        covered=tuple(dict.fromkeys((*secrets_below(roots), *real(secrets)))),
        laid=tuple(laid),
    )
