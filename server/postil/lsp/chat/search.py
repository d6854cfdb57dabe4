"""The chat document that a session has in a folder already, found by the headers of the documents there."""

from __future__ import annotations

import stat
from collections.abc import Container, Iterable
from pathlib import Path

from postil.lsp.chat.form import parse
from postil.lsp.chat.pages import FOLDER
from postil.workspace.files.uris import path_to_uri

_MOST = 2000
"""Documents that are looked at, the newest first."""
_HEAD = 4096
"""Bytes of each: the header is near the top."""


def find(roots: Iterable[Path], session_id: str, but: Container[str] = ()) -> str | None:
    """Return the URI of the newest document of a session, other than those of `but`; None where there is none."""
    for root in roots:
        folder = root / FOLDER
        if any(it.is_symlink() for it in (folder.parent, folder)):
            continue
        for path in _newest(folder):
            uri = path_to_uri(path)
            if uri not in but and _session_of(path) == session_id:
                return uri
    return None


def _newest(folder: Path) -> list[Path]:
    found: list[tuple[float, Path]] = []
    try:
        for path in folder.glob("*.md"):
            it = path.lstat()
            if stat.S_ISREG(it.st_mode):
                found.append((it.st_mtime, path))
    except OSError:
        return []
    return [path for _, path in sorted(found, reverse=True)[:_MOST]]


def _session_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return parse(file.read(_HEAD).decode("utf-8", "ignore")).session_id
    except OSError:
        return None
