"""Files that are known to hold secrets, or that a rule keeps back, named, matched by a pattern or met on the way."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doings import reads_of
from postil.permissions.shell.files import walk
from postil.permissions.shell.harm import resolved
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.reach import Reached, reached
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.shell.usage import Usage
from postil.permissions.shell.wildcards import is_pattern, wildcard
from postil.workspace.files.paths import holds_secrets, is_secret

EXAMPLES = Examples(
    ask=("cat .env", "cat .en*", "head -5 config/.env.local", "grep KEY .env", "cat id_rsa", "cat ./x/../.env", "cat *.pem",
         "wc -c < .env", "cat .git/config", "base64 server.key", "cat {a,.env}", "sed -n p .env", "cat .e?v", "sort .npmrc", "cat c*ls", "cat ~+/.env", "cat ~-/.env"),
    auto=("cat .env.example", "ls -la .env", "cat *.py", "stat .env", "grep -rn KEY src", "test -f .env"),
)  # fmt: skip

MOST_ENTRIES = 20_000
_GLOBS = frozenset({"g", "glob", "iglob", "include"})
"""Options whose value says which files a search reads."""
_USUAL = (
    ".env", ".env.local", ".env.production", "id_rsa", "id_ed25519", "server.pem", "server.key", "cert.p12", "cert.pfx", ".netrc",
    ".npmrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials", ".vault-token", "credentials", "store.jks", "x.keystore",
)  # fmt: skip
"""Names that a pattern is tried on, since it may match what is not there yet."""
_GENERIC = frozenset({"*", "*.*", "?", "??", "[a-z]*", "**", ".*"})


def find(view: View) -> Iterator[Finding]:
    """Ask where the contents of such a file would be read, whoever starts the program that reads them."""
    # A line that is not recognised is asked about anyway, and may be very long.
    yield from _handed(view) if view.script is not None else ()
    hidden = _hidden(view)
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        if usage is not None and (glob := _sought(usage)):
            yield Finding("secrets", "ask", f"{glob} may stand for a file that holds secrets", index)
        for one in reached(part, usage, view.around):
            if one.role not in ("read", "local"):
                continue
            denied = _denied(one, view.around)
            reason = denied or (_reason(one, view.around, hidden) if view.script is not None else "")
            if reason:
                yield Finding("secrets", "deny" if denied else "ask", reason, index)
                break


def _sought(usage: Usage) -> str:
    """Return a pattern by which a search reads files that hold secrets; empty where there is none."""
    globs = (it.argument.text or "" for it in usage.uses if it.option in _GLOBS and usage.recursive)
    names = ((it, posixpath.basename(it)) for it in globs if not it.startswith("!"))
    return next((it for it, name in names if is_secret(PurePosixPath(name)) or _may_match_secret(name)), "")


def _handed(view: View) -> Iterator[Finding]:
    """Ask where a program without a table is given such a file: a rule for it has to name the file."""
    said: set[tuple[int | None, str]] = set()
    known: dict[tuple[str, bool, frozenset[str] | None], str] = {}
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        owner = view.owners[index]
        for word in reads_of(part) if usage is None or usage.doubts else ():
            told = word.text or word.leading
            # What stands behind a wrapper names the same words again and again.
            key = (told, word.pattern, part.cwds)
            if key not in known:
                known[key] = _kept_word(*key, view.around)
            if known[key] and (owner, told) not in said:
                said.add((owner, told))
                yield Finding(
                    "secrets", "ask", known[key], owner, by_rule=True, named=_written_word(part, told)
                )


def _kept_word(told: str, pattern: bool, cwds: frozenset[str] | None, around: Surroundings) -> str:
    """Return why a word names, or may stand for, a file that holds secrets; empty where it does not."""
    if pattern and _may_match_secret(posixpath.basename(told)):
        return f"{told} may stand for a file that holds secrets"
    paths = resolved(told, cwds, around)
    return next((why for it in paths if (why := _kept(it, around) or _kept(f"{it}/x", around))), "")


def _written_word(part: Part, told: str) -> str:
    """Return the whole word of the line in which a path stands."""
    words = [it.text or it.leading for it in part.operands]
    return told if told in words else next((it for it in words if told in it), told)


def _denied(one: Reached, around: Surroundings) -> str:
    """Return why the very file is denied by a rule; empty where it is not."""
    for path in _names(one):
        closed = around.kept_back(path)
        if closed is not None and closed.denies:
            return f"{one.written} is denied by {closed.rule}"
    return ""


def _hidden(view: View) -> frozenset[str]:
    """Return the files that hold secrets and that nothing of the line can see: git alone has to see its settings."""
    if any(part.base == "git" for part in view.parts) or not view.around.hides_settings():
        return frozenset()
    return frozenset(posixpath.join(root, ".git/config") for root in view.around.roots)


def _reason(one: Reached, around: Surroundings, hidden: frozenset[str]) -> str:
    pattern = posixpath.basename(one.written)
    wild = is_pattern(one.written)
    if wild and _may_match_secret(pattern):
        return f"{one.written} may stand for a file that holds secrets"
    if one.place is None:
        return ""
    for path in _names(one):
        if (wild or one.recursive) and (rule := _may_meet(path, around, recursive=one.recursive)):
            return f"{rule} keeps something back that {one.written} may stand for"
        reason = _kept(path, around)
        if reason:
            return reason
    if not one.recursive:
        return ""
    try:
        start = one.place.physical
        below = (path for path, entry in walk(start, around.files, MOST_ENTRIES) if entry.kind == "file")
        read = (it for it in below if not _left_out(one, it[len(start) :]))
        read = (it for it in read if not (it in hidden and "/.git/" in it[len(start) :]))
        return next((reason for path in read if (reason := _kept(path, around))), "")
    except OverflowError:
        return ""


def _left_out(one: Reached, below: str) -> bool:
    """Whether what lies there below the folder is not read on the way."""
    folders = below.split("/")[1:-1]
    return (one.skips_hidden and "/." in below) or any(
        wildcard(pattern).may_be(folder) for folder in folders for pattern in one.left_out
    )


def _names(one: Reached) -> Iterator[str]:
    """Yield every name of the file that is known."""
    if one.place is not None:
        yield from dict.fromkeys((one.place.physical, one.place.lexical))
        identity = one.place.entry.identity if one.place.entry is not None else None
        if isinstance(identity, str):
            yield identity


def _kept(path: str, around: Surroundings) -> str:
    relative = around.relative(path)
    if holds_secrets((relative if relative is not None else path).split("/")):
        return f"{posixpath.basename(path)} is known to hold secrets"
    closed = around.kept_back(path)
    return f"{closed.rule} keeps {posixpath.basename(path)} back" if closed is not None else ""


def _may_meet(path: str, around: Surroundings, *, recursive: bool) -> str:
    """Return a rule that keeps back what a pattern or a folder may stand for, where the files themselves cannot be listed."""
    if around.files.complete:
        return ""
    parts = path.split("/")
    for folder, rule in around.kept_below:
        fixed = folder.split("/")
        together = all(wildcard(pattern).may_be(name) for name, pattern in zip(fixed, parts, strict=False))
        if together and (len(parts) > len(fixed) or recursive or is_below(path, folder)):
            return rule
    return ""


def _may_match_secret(pattern: str) -> bool:
    if pattern == ".*":
        return True
    if pattern in _GENERIC:
        return False
    may_be = wildcard(pattern).may_be
    return any(may_be(name) for name in _USUAL if not name.startswith(".") or pattern.startswith((".", "[")))
