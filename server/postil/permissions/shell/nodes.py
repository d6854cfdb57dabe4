"""Protected places by what they are: device and inode, where a name that nobody thought of leads to one of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.workspace.files.paths import PROTECTED_PLACES


def same_as_protected(path: str, around: Surroundings) -> bool:
    """Whether a path without links, or a folder that it lies in, is a protected place of the workspace by another name."""
    nodes = {entry.node for it in _upwards(path, around) if (entry := around.files.look(it)) is not None}
    nodes.discard(None)
    if not nodes:
        return False
    found = (around.files.look(it) for it in _places(around))
    return any(entry.node in nodes for entry in found if entry is not None and entry.kind != "link")


def _upwards(path: str, around: Surroundings) -> Iterator[str]:
    """Yield the path and the folders it lies in, up to but without the root of the workspace."""
    while around.inside(path) and path not in around.roots:
        yield path
        path = posixpath.dirname(path)


def _places(around: Surroundings) -> Iterator[str]:
    for root in around.roots:
        yield from (posixpath.join(root, it) for it in PROTECTED_PLACES)
    # A folder of Postil's own that holds the workspace says nothing about what lies in the workspace.
    yield from (it for it in around.own if not any(is_below(root, it) for root in around.roots))
