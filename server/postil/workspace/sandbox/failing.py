"""Whether a command failed because it was confined: told only where its own words say so."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from postil.workspace.sandbox.confinement import Confinement

_NO_NETWORK = re.compile(
    r"network is unreachable|could not resolve (?:host|proxy)|temporary failure in name resolution|name or service not known|"
    r"no address associated with hostname|nodename nor servname|eai_again|enotfound|getaddrinfo|enetunreach|failed to resolve|"
    r"failed to lookup address|dns error|unable to resolve host|no route to host",
    re.IGNORECASE,
)
_NO_SERVICE = re.compile(r"connection refused|econnrefused", re.IGNORECASE)
_NOT_WRITABLE = re.compile(
    r"read-only file ?system|erofs|device or resource busy|ebusy|cross-device link|exdev", re.IGNORECASE
)
_NOT_ALLOWED = re.compile(r"operation not permitted|eperm\b", re.IGNORECASE)
_DENIED = re.compile(r"permission denied|eacces\b", re.IGNORECASE)
_MISSING = re.compile(
    r"no such file or directory|enoent|not found|cannot access|permission denied", re.IGNORECASE
)
_PATH = re.compile(r"(?<![\w.])(/[\w./@+~-]+)")
_LONGEST = 200_000
_MOST_PATHS = 200


def told_of_failing(output: str, code: int | None, within: Confinement) -> tuple[str, ...]:
    """Return a sentence or two where a confined command failed in a way that its sandbox explains."""
    if code == 0:
        return ()
    reasons = list(_reasons(output[-_LONGEST:], within))
    if not reasons:
        return ()
    why = f"It ran in a sandbox, which may be why it failed: {'; '.join(reasons)}. "
    return (why + "If it needs more, ask for it with `outside_sandbox`, saying what it needs.",)


def _reasons(output: str, within: Confinement) -> Iterator[str]:
    if not within.network and _NO_NETWORK.search(output):
        yield "there is no network"
    elif not within.network and _NO_SERVICE.search(output):
        yield "services outside of it cannot be reached"
    if _NOT_WRITABLE.search(output) or (not within.works and _DENIED.search(output)):
        yield (
            "only the workspace can be written, without what is protected there"
            if within.works
            else "nothing can be written"
        )
    elif _NOT_ALLOWED.search(output):
        yield "not everything may be done there that the system allows"
    hidden = next(_hidden(output, within), None)
    if hidden is not None:
        yield f"{hidden} is hidden there"


def _hidden(output: str, within: Confinement) -> Iterator[Path]:
    """Yield paths that it did not find, and that are there."""
    if not within.hidden or not _MISSING.search(output):
        return
    for text in list(dict.fromkeys(_PATH.findall(output)))[:_MOST_PATHS]:
        path = Path(os.path.normpath(text.rstrip("./")))
        if _is_hidden(path, within) and os.path.lexists(path):
            yield path


def _is_hidden(path: Path, within: Confinement) -> bool:
    """Whether the innermost of what is said about the path hides it."""
    shown = {*within.readable, *within.writable}
    for it in (path, *path.parents):
        if it in shown:
            return False
        if it in within.hidden:
            return it != path
    return path in within.covered
