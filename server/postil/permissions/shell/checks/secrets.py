"""Files that are known to hold secrets, or that a rule keeps back, named, matched by a pattern or met on the way."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.checks import Examples
from postil.permissions.shell.files import walk
from postil.permissions.shell.forms import git
from postil.permissions.shell.kept import kept
from postil.permissions.shell.part import Finding, Part, Verdict, View
from postil.permissions.shell.reads import Reached, reached
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.shell.targets import read
from postil.permissions.shell.touches.touched import Target
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
_PLAIN = (
    "secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml", "secret.yml", "secret.yaml", "secret.json", "credentials.json", "kubeconfig",
    "service-account.json", "service_account.json", "terraform.tfstate", "terraform.tfvars",
)  # fmt: skip
"""Names of which the ending is nothing special: a pattern has to say something of what stands before it."""
_USUAL_PLACES = tuple(
    it.split("/")
    for it in (
        ".docker/config.json", ".kube/config", ".aws/credentials", ".aws/config", ".ssh/id_rsa", ".ssh/config", ".gnupg/secring.gpg", ".azure/accessTokens.json",
        ".cargo/credentials.toml", ".git/config", ".gem/credentials", "gh/hosts.yml", "gcloud/credentials.db",
    )
)  # fmt: skip
"""Paths that a pattern with a folder is tried on."""
_GENERIC = frozenset({"*", "*.*", "?", "??", "[a-z]*", "**", ".*"})


def find(view: View) -> Iterator[Finding]:
    """Ask where the contents of such a file would be read, whoever starts the program that reads them."""
    # A line that is not recognised is asked about anyway, and may be very long.
    yield from (*_handed(view), *_piped(view)) if view.script is not None else ()
    hidden = _hidden(view)
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        if usage is not None and (glob := _sought(usage)):
            yield Finding("secrets", "ask", f"{glob} may stand for a file that holds secrets", index)
        if usage is not None and part.base == "git" and not usage.doubts:
            yield from _tracked(index, part, usage, view.around)
        for one in reached(part, usage, view.around):
            if one.role not in ("read", "local"):
                continue
            denied = _denied(one, view.around)
            reason = denied or (_reason(one, view.around, hidden) if view.script is not None else "")
            if reason:
                yield Finding("secrets", "deny" if denied else "ask", reason, index)
                break


def _tracked(index: int, part: Part, usage: Usage, around: Surroundings) -> Iterator[Finding]:
    """Ask where git would show what stands in such a file, now or in its history, without naming it."""
    for use in usage.uses:
        if use.role not in (git.TREE, git.HISTORY):
            continue
        for folder in part.cwds or ():
            paths = _tree(use.argument, folder, around)
            reason = next((it for path in paths if (it := _shown_by_git(path, folder, use.role, around))), "")
            if reason:
                yield Finding("secrets", "ask", reason, index)
                return


def _tree(argument: Argument, folder: str, around: Surroundings) -> tuple[str, ...]:
    """Return the folders and files that a pathspec stands for, as far as that is certain; else all of the workspace."""
    text = argument.text
    place = around.place(text, folder) if text and text[0] != ":" and not is_pattern(text) else None
    return around.roots if place is None else (place.physical,)


def _shown_by_git(path: str, folder: str, role: str, around: Surroundings) -> str:
    files = around.tracked(folder)
    if files is None:
        return "which files the repository tracks is not known"
    below = [it for it in files if is_below(it, path)]
    secret = next((it for it in below if _is_kept_secret(it, around)), "")
    if secret:
        return f"it may show {posixpath.basename(secret)}, which is tracked and is known to hold secrets"
    past = role == git.HISTORY or not around.files.complete
    rule = (
        next((rule for it, rule in around.kept_below if is_below(it, path) or (path == it)), "")
        if past
        else ""
    )
    rule = rule or next((it.rule for each in below if (it := around.kept_back(each)) is not None), "")
    return f"it may show what {rule} keeps back; paths behind -- say what else it is to show" if rule else ""


def _sought(usage: Usage) -> str:
    """Return a pattern by which a search reads files that hold secrets; empty where there is none."""
    globs = (it.argument.text or "" for it in usage.uses if it.option in _GLOBS and usage.recursive)
    names = ((it, posixpath.basename(it)) for it in globs if not it.startswith("!"))
    return next((it for it, name in names if is_secret(PurePosixPath(name)) or may_match_secret(name)), "")


def _handed(view: View) -> Iterator[Finding]:
    """Tell where a program that is not known only to read is given such a file: a rule for it has to name a secret."""
    said: set[tuple[int | None, str, bool]] = set()
    for index, (part, usage) in enumerate(zip(view.parts, view.usages, strict=True)):
        owner = view.owners[index]
        if usage is not None and not usage.doubts:
            continue
        for one in read(part, view.around):
            told = one.word.text or one.word.leading
            found = _given(one, part, view.around)
            # What stands behind a wrapper names the same words again and again.
            if found is None or (owner, told, found[0] == "deny") in said:
                continue
            said.add((owner, told, found[0] == "deny"))
            named = _written_word(part, told) if found[2] else ""
            yield Finding("secrets", found[0], found[1], owner, by_rule=found[2], named=named)


def _piped(view: View) -> Iterator[Finding]:
    """Ask where names that a part prints, and that may be those of such files, become the words of another program."""
    if not any(part.base in ("xargs", "parallel") for part in view.parts):
        return
    for index, part in enumerate(view.parts):
        texts = (it.text or it.leading for it in part.operands) if part.feeds else ()
        secret = next(
            (
                it
                for it in texts
                if it and (holds_secrets(it.split("/")) or (is_pattern(it) and may_match_secret(it)))
            ),
            "",
        )
        if secret:
            yield Finding(
                "secrets",
                "ask",
                f"the names that {secret} stands for are given to another program",
                view.owners[index],
            )


def _given(one: Target, part: Part, around: Surroundings) -> tuple[Verdict, str, bool] | None:
    """Return what is to be said of a word that names such a file, and whether a rule may name it."""
    held = kept(one, "read", part, around)
    if held is not None and held.denies:
        return "deny", f"it could read {held.path}, which is denied by {held.rule}", False
    told = one.word.text or one.word.leading
    if one.word.pattern and may_match_secret(told):
        return "ask", f"{told} may stand for a file that holds secrets", True
    secret = next((it for it in one.paths if _is_kept_secret(it, around)), "")
    if secret:
        return "ask", f"{posixpath.basename(secret)} is known to hold secrets", True
    if held is not None and held.around:
        return "ask", f"{held.rule} keeps back something that {told} may hold or stand for", False
    return ("ask", f"{held.rule} keeps {held.path} back", True) if held is not None else None


def _is_kept_secret(path: str, around: Surroundings) -> bool:
    """Whether a path is that of a secret, or of a folder of secrets."""
    relative = around.relative(path)
    names = (relative if relative is not None else path).split("/")
    return holds_secrets(names) or holds_secrets([*names, "x"])


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
    wild = is_pattern(one.written)
    if wild and may_match_secret(one.written):
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
        together = all(_may_be(pattern, name) for name, pattern in zip(fixed, parts, strict=False))
        very = len(parts) == len(fixed) and around.kept_back(folder) is not None
        if together and (len(parts) > len(fixed) or very or recursive or is_below(path, folder)):
            return rule
    return ""


def may_match_secret(pattern: str) -> bool:
    """Whether a pattern for paths may stand for a file that holds secrets, and says more than that it is a file."""
    *folders, name = pattern.rstrip("/").split("/")
    if name == ".*":
        return True
    if name not in _GENERIC and any(_may_be(name, it) for it in _USUAL):
        return True
    if re.search("[A-Za-z]", name.rsplit(".", 1)[0]) and any(_may_be(name, it) for it in _PLAIN):
        return True
    return any(
        len(folders) + 1 >= len(place) and all(map(_may_be, pattern.split("/")[-len(place) :], place))
        for place in _USUAL_PLACES
        if folders and folders[-1] not in _GENERIC
    )


def _may_be(pattern: str, name: str) -> bool:
    hidden = name.startswith(".") and not pattern.startswith((".", "["))
    return not hidden and wildcard(pattern.casefold()).may_be(name.casefold())
