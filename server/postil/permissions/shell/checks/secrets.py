"""Files that are known to hold secrets, or that a rule keeps back, named, matched by a pattern or met on the way."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.files import walk
from postil.permissions.shell.part import Finding, View
from postil.permissions.shell.reach import Reached, reached
from postil.permissions.shell.surroundings import Surroundings
from postil.workspace.paths import is_secret

EXAMPLES = Examples(
    ask=("cat .env", "cat .en*", "head -5 config/.env.local", "grep KEY .env", "cat id_rsa", "cat ./x/../.env", "cat *.pem",
         "wc -c < .env", "cat .git/config", "base64 server.key", "cat {a,.env}", "sed -n p .env", "cat .e?v", "sort .npmrc", "cat c*ls"),
    auto=("cat .env.example", "ls -la .env", "cat *.py", "stat .env", "grep -rn KEY src", "test -f .env"),
)  # fmt: skip

MOST_ENTRIES = 20_000
_USUAL = (
    ".env", ".env.local", ".env.production", "id_rsa", "id_ed25519", "server.pem", "server.key", "cert.p12", "cert.pfx", ".netrc",
    ".npmrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials", ".vault-token", "credentials", "store.jks", "x.keystore",
)  # fmt: skip
"""Names that a pattern is tried on, since it may match what is not there yet."""
_GENERIC = frozenset({"*", "*.*", "?", "??", "[a-z]*", "**", ".*"})


def find(view: View) -> Iterator[Finding]:
    """Ask where the contents of such a file would be read."""
    for index, part, usage in view.direct():
        if usage is None:
            continue
        for one in reached(part, usage, view.around):
            if one.role != "read":
                continue
            denied = _denied(one, view.around)
            reason = denied or _reason(one, view.around)
            if reason:
                yield Finding("secrets", "deny" if denied else "ask", reason, index)
                break


def _denied(one: Reached, around: Surroundings) -> str:
    """Return why the very file is denied by a rule; empty where it is not."""
    for path in (one.place.physical, one.place.lexical) if one.place is not None else ():
        closed = around.kept_back(path)
        if closed is not None and closed.denies:
            return f"{one.written} is denied by {closed.rule}"
    return ""


def _reason(one: Reached, around: Surroundings) -> str:
    pattern = posixpath.basename(one.written)
    if any(it in pattern for it in "*?[") and _may_match_secret(pattern):
        return f"{one.written} may stand for a file that holds secrets"
    if one.place is None:
        return ""
    reason = _kept(one.place.physical, around) or _kept(one.place.lexical, around)
    if reason or not one.recursive:
        return reason
    try:
        below = walk(one.place.physical, around.files, MOST_ENTRIES)
        return next((it for path, entry in below if entry.kind == "file" and (it := _kept(path, around))), "")
    except OverflowError:
        return ""


def _kept(path: str, around: Surroundings) -> str:
    relative = around.relative(path)
    if is_secret(PurePosixPath(relative if relative is not None else path)):
        return f"{posixpath.basename(path)} is known to hold secrets"
    closed = around.kept_back(path)
    return f"{closed.rule} keeps {posixpath.basename(path)} back" if closed is not None else ""


def _may_match_secret(pattern: str) -> bool:
    if pattern == ".*":
        return True
    if pattern in _GENERIC:
        return False
    return any(
        fnmatch.fnmatchcase(name, pattern)
        for name in _USUAL
        if not name.startswith(".") or pattern.startswith((".", "["))
    )
