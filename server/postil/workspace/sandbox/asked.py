"""What a command gets that a person or a rule allowed: it may change the workspace, but nothing that is protected there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.core.outlook import Laid
from postil.workspace.files.paths import is_protected, protected_folders
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
    started: Sequence[Path] = (),
) -> Confinement:
    """Return what such a command gets. `tools` stay readable wherever they lie. Looks at the disk.

    `started` are files of the workspace that run outside of any sandbox: they stay as they are, and where they are.
    """
    walls = concealed(place.home, place.hidden)
    scripts = [it for it in started if _is_to_stay(place, it)]
    holding = [it for script in scripts for it in _folders_of(place, script)]
    writable = real(
        [*place.roots, place.private, *(it for one in repositories for it in one.writable), *holding]
    )
    kept = [it for it in found.protected if it not in writable and not it.is_symlink()]
    kept += [it for one in repositories for it in one.kept]
    absent = [*_acted_on(place), *(it for one in repositories for it in one.absent)]
    return Confinement(
        readable=outermost(real([*tools, *(_NAME_SERVERS if place.network else ())]), walls),
        writable=writable,
        kept=tuple(dict.fromkeys([*scripts, *sorted(kept, key=lambda it: len(it.parts))]))[
            : MOST_KEPT + len(scripts)
        ],
        absent=tuple(dict.fromkeys(it for it in absent if os.access(it.parent, os.W_OK))),
        hidden=tuple(it for it in walls if it not in writable),
        covered=found.sockets[:MOST_KEPT],
        laid=tuple(laid),
        network=place.network,
        works=True,
    )


def _is_to_stay(place: Place, path: Path) -> bool:
    """Whether it is a file below a root, and not in what is protected there anyway. `path` is resolved."""
    roots = [it for it in real(place.roots) if path.is_relative_to(it)]
    return bool(roots) and path.is_file() and not any(is_protected(path.relative_to(it)) for it in roots)


def _folders_of(place: Place, path: Path) -> Iterator[Path]:
    """Yield the folders between a root and a file below it: one that was moved away would leave its name to another."""
    for root in real(place.roots):
        if path.is_relative_to(root):
            yield from (it for it in path.parents if it != root and it.is_relative_to(root))


def _acted_on(place: Place) -> Iterator[Path]:
    """Yield the protected folders that the roots do not have, and that a program which this person uses would act on at once."""
    for root in place.roots:
        for name in protected_folders():
            if not os.path.lexists(root / name) and _is_used(name, place.home):
                yield root / name


def _is_used(name: str, home: Path) -> bool:
    signs = _ELSEWHERE.get(name, (name, f".config/{name[1:]}"))
    return any(os.path.lexists(home / it) for it in signs)
