"""What the files of chat documents are called: by their day and their session's title, as soon as both are known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from pathlib import Path
from urllib.parse import unquote

from postil.workspace.files.uris import path_to_uri

_NO_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST = 40
"""Characters of a title in a name."""
_UNNAMED = "chat"
"""What stands in the place of a title that there is not."""
_BEFORE = re.compile(rf"(\d{{4}}-\d\d-\d\d)-{_UNNAMED}(?:-\d+)?\Z")
"""The name of a document that was made before its session had a title."""


def file_name(day: str, title: str) -> str:
    """Return what a document is called, without its ending. Letters lose their accents; of other scripts nothing is left."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = _NO_WORD.sub("-", plain).strip("-")[:_LONGEST].strip("-")
    return f"{day}-{words or _UNNAMED}"


def free_path(folder: Path, name: str, text: str, taken: Container[str] = ()) -> Path:
    """Write a new file below a name that is free, that one or one with a number; `taken` are URIs, as they read, that it may not have."""
    number = 0
    while True:
        number += 1
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}.md"
        if unquote(path_to_uri(path)) in taken:
            continue
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path


def called_by(path: Path, title: str) -> Path:
    """Have a closed document that was made before there was a title called by it; returns where it is.

    One that is called otherwise, by a title or by a person, keeps its name. So does one that cannot be moved.
    """
    found = _BEFORE.match(path.stem)
    name = file_name(found[1], title) if found is not None else path.stem
    if found is None or _BEFORE.match(name) or path.is_symlink():
        return path
    try:
        place = free_path(path.parent, name, "")
    except OSError:
        return path
    try:
        path.replace(place)
    except OSError:
        place.unlink(missing_ok=True)
        return path
    return place
