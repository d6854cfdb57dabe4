"""What a command gets that a person or a rule allowed: it may change the workspace, but nothing that is protected there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.core.outlook import Laid
from postil.workspace.files.paths import protected_folders
from postil.workspace.sandbox.confinement import Confinement, concealed, outermost, real
from postil.workspace.sandbox.repositories import Repository
from postil.workspace.sandbox.survey import Survey

MOST_KEPT = 120
"""Protected paths that are held one by one: each takes about a millisecond."""
_NAME_SERVERS = (Path("/etc/resolv.conf"),)
"""What names are looked up by, which often lies in a folder that is hidden."""
_ELSEWHERE = {
    ".vscode": (".vscode", ".vscode-server", ".vscode-oss", ".config/Code", ".config/VSCodium", ".local/share/code-server"),
    ".idea": (".config/JetBrains", ".cache/JetBrains", "Library/Application Support/JetBrains"), ".hg": (".hgrc", ".config/hg"),
    ".svn": (".subversion",), ".jj": (".config/jj", ".jjconfig.toml"), ".git": ("",),
    ".ssh": (), ".gnupg": (), ".githooks": (), ".husky": (), ".devcontainer": (),
}  # fmt: skip
"""Where in a home it shows that a program is used which acts on a folder of that name, where that is not a folder of the same name;
nowhere for those that no program acts on by itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """The workspace, as a command gets it."""

    roots: tuple[Path, ...]
    home: Path
    private: Path
    """A folder for temporary files."""
    hidden: tuple[Path, ...] = ()
    network: bool = False


def for_working(
    place: Place,
    tools: Sequence[Path],
    found: Survey,
    repositories: Sequence[Repository],
    laid: Sequence[Laid] = (),
) -> Confinement:
    """Return what such a command gets. `tools` stay readable wherever they lie. Looks at the disk."""
    walls = concealed(place.home, place.hidden)
    writable = real([*place.roots, place.private, *(it for one in repositories for it in one.writable)])
    kept = [it for it in found.protected if it not in writable and not it.is_symlink()]
    kept += [it for one in repositories for it in one.kept]
    absent = [*_acted_on(place), *(it for one in repositories for it in one.absent)]
    return Confinement(
        readable=outermost(real([*tools, *(_NAME_SERVERS if place.network else ())]), walls),
        writable=writable,
        kept=tuple(dict.fromkeys(sorted(kept, key=lambda it: len(it.parts))))[:MOST_KEPT],
        absent=tuple(dict.fromkeys(it for it in absent if os.access(it.parent, os.W_OK))),
        hidden=tuple(it for it in walls if it not in writable),
        covered=found.sockets[:MOST_KEPT],
        laid=tuple(laid),
        network=place.network,
        works=True,
    )


def _acted_on(place: Place) -> Iterator[Path]:
    """Yield the protected folders that the roots do not have, and that a program which this person uses would act on at once."""
    for root in place.roots:
        for name in protected_folders():
            if not os.path.lexists(root / name) and _is_used(name, place.home):
                yield root / name


def _is_used(name: str, home: Path) -> bool:
    signs = _ELSEWHERE.get(name, (name, f".config/{name[1:]}"))
    return any(os.path.lexists(home / it) for it in signs)
