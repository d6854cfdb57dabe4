"""What a command gets that runs unasked: everything read-only but a folder for temporary files, and no secrets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.core.outlook import Laid
from postil.workspace.files.paths import is_secret
from postil.workspace.sandbox.confinement import Confinement, concealed, real
from postil.workspace.sandbox.homes import TOOLS


def for_reading(
    roots: Sequence[Path],
    home: Path,
    private: Path,
    programs: Sequence[Path],
    hidden: Sequence[Path],
    secrets: Sequence[Path],
    laid: Sequence[Laid] = (),
) -> Confinement:
    """Return what a command gets that only reads; `private` is a folder for temporary files. Looks at the disk.

    `programs` stay readable wherever they lie, `hidden` is not seen beside what the system hides. `secrets` are files
    that are covered.
    """
    shown = real([*roots, *(home / it for it in TOOLS), *programs])
    return Confinement(
        readable=shown,
        writable=real([private]),
        hidden=tuple(it for it in concealed(home, hidden) if it not in shown),
        covered=real(secrets),
        laid=tuple(it for it in laid if not is_secret(it.path)),
    )
