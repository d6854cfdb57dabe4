"""`file:` URIs as editors write them, and paths."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

_FILE = re.compile(r"file:(?://(?P<host>[^/\\]*))?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DRIVE = re.compile(r"/+(?P<letter>[A-Za-z]):")


def path_to_uri(path: Path) -> str:
    """Return the `file:` URI of an absolute path."""
    return path.as_uri()


def uri_to_path(uri: str) -> Path | None:
    """Return the path of a `file:` URI on this machine, or None where it names none."""
    text = path_text(uri, windows=os.name == "nt")
    return Path(text) if text is not None else None


def strictly(path: str) -> str | None:
    """Return the path that a model writes, be it as a `file:` URI; None where that is not a plain one.

    Editors are understood however they escape. Whoever chooses a file by words has no reason to be unclear.
    """
    if path[:5].lower() != "file:":
        return path
    rest = path[5:]
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        if host not in ("", "localhost") or not slash:
            return None
        rest = f"/{rest}"
    return None if "?" in rest or "#" in rest or _BAD_PERCENT.search(rest) else unquote(rest, errors="strict")


def path_text(uri: str, *, windows: bool) -> str | None:
    """Return the path that a `file:` URI names, decoded exactly once.

    A bare `#` or `?` belongs to the path: clients that forget to escape them exist, fragments of files do not.
    """
    match = _FILE.fullmatch(uri)
    if match is None:
        return None
    path = os.fsdecode(unquote_to_bytes(match["path"].encode("utf-8", "surrogateescape")))
    host = match["host"] or ""
    if "\0" in path or not path:
        return None
    if windows:
        return _windows(path, host)
    return path if host.lower() in {"", "localhost"} and path.startswith("/") else None


def _windows(path: str, host: str) -> str:
    drive = _DRIVE.match(path)
    if drive is not None:
        # VS Code says c%3A, others C: — one spelling, so that a file has one name.
        path = drive["letter"].upper() + path[drive.end("letter") :]
    elif host.lower() not in {"", "localhost"}:
        path = f"//{host}{path}"
    return path.replace("/", "\\")
