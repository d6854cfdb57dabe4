"""Commands whose output is names of files below the current folder, or the name of a commit: told by their words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from postil.permissions.shell.programs import tables
from postil.permissions.shell.syntax import Script, Simple

Words = Sequence[str]
"""One command in words; a word that is not known is a NUL."""

_REVISION = re.compile(r"[A-Za-z0-9_][\w./~^@{}-]*")
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_.][\w.-]*/)*[A-Za-z0-9_][\w.-]*")
"""A path below the current folder, though it may go up; without marks, since it is taken for a word of its own."""
_LISTED = frozenset({
    "-m", "-o", "-c", "-d", "--others", "--cached", "--modified", "--deleted", "--exclude-standard", "-z", "--",
})  # fmt: skip
_DIFFED = frozenset(
    {
        "--name-only",
        "--cached",
        "--staged",
        "-z",
        "--",
        "--diff-filter=ACM",
        "--diff-filter=ACMR",
        "--diff-filter=d",
    }
)
_FOUND = frozenset({
    "-name", "-iname", "-path", "-ipath", "-type", "-maxdepth", "-mindepth", "-not", "!", "-o", "-or", "-a", "-and", "(", ")", "-newer",
    "-mtime", "-mmin", "-size", "-empty", "-print", "-print0", "-prune", "-regex", "-iregex",
})  # fmt: skip


def names_files(script: Script) -> bool:
    """Whether a script does nothing but print names of files below the current folder."""
    commands = _piped(script)
    return commands is not None and prints_names(commands)


def folder_named(script: Script) -> str | None:
    """Return what `dirname` says of a path that is written out; None of any other script."""
    commands = _piped(script)
    if commands is None or len(commands) != 1 or len(commands[0]) != 2 or commands[0][0] != "dirname":
        return None
    path = commands[0][1]
    return posixpath.dirname(path) or "." if _PLAIN_PATH.fullmatch(path) else None


def only_shows(script: Script) -> bool:
    """Whether each command of a script is one that no word makes write, start or send anything."""
    commands = _piped(script)
    return commands is not None and all(map(_shows, commands))


def _shows(words: Words) -> bool:
    name, *rest = words
    if name == "git":
        return rest[:1] in (
            ["show"],
            ["log"],
            ["diff"],
            ["ls-files"],
            ["ls-tree"],
        ) and "--output" not in " ".join(rest)
    if name == "sort":
        return all(not it.startswith("-") or re.fullmatch(r"-[rnuVzfbt,k0-9.]+", it) for it in rest)
    table = tables().get(name)
    return name in ("jq", "echo", "printf") or (table is not None and table.harmless)


def names_commit(script: Script) -> bool:
    """Whether a script does nothing but print the name of one commit, or what it was asked for where there is none."""
    commands = _piped(script)
    if commands is None or len(commands) != 1:
        return False
    words = commands[0]
    if words[:2] == ["git", "rev-parse"]:
        rest = [it for it in words[2:] if it not in ("--short", "--verify", "-q")]
        return len(rest) == 1 and _REVISION.fullmatch(rest[0]) is not None
    return words[:2] == ["git", "merge-base"] and len(words) == 4 and all(map(_REVISION.fullmatch, words[2:]))


def prints_names(commands: Sequence[Words]) -> bool:
    """Whether what comes out of a pipeline is names of files, each on a line: one command that lists them, and what only leaves some out."""
    if not commands or not commands[0]:
        return False
    if any("\0" in it for words in commands for it in words):
        return False
    (name, *rest), *filters = commands
    return name in _LISTS and _LISTS[name](rest) and all(map(_only_leaves_out, filters))


def _piped(script: Script) -> list[list[str]] | None:
    """Return the words of the one pipeline that a script is; None where it is more than that."""
    if len(script.chains) != 1 or script.chains[0].background or len(script.chains[0].links) != 1:
        return None
    commands = script.chains[0].links[0][1].commands
    found = [
        [it.bare if it.bare is not None else _quoted(it.raw) for it in command.words]
        for command in commands
        if isinstance(command, Simple) and not command.redirects and not command.assignments
    ]
    known = len(found) == len(commands) and not any("\0" in words for words in found)
    return found if known and all(found) else None


def _quoted(raw: str) -> str:
    """Return the text of a word that is quoted as a whole; a NUL where it is not plain."""
    found = re.fullmatch(r"'([^']*)'|\"([^\"$`\\]*)\"", raw)
    return (found[1] or found[2] or "") if found else "\0"


def _git(words: Words) -> bool:
    if words[:1] == ["ls-files"]:
        return _allowed(words[1:], _LISTED)
    return words[:1] == ["diff"] and "--name-only" in words and _allowed(words[1:], _DIFFED)


def _find(words: Words) -> bool:
    return all(not it.startswith("-") or it in _FOUND or re.fullmatch(r"-[0-9]+", it) for it in words)


def _allowed(words: Words, options: frozenset[str]) -> bool:
    return all(it in options or not it.startswith("-") for it in words)


def _grep(words: Words) -> bool:
    options = [it for it in words if it.startswith("-")]
    lists = any(re.fullmatch(r"-[A-Za-z]*l[A-Za-z]*", it) for it in options)
    return lists and all(
        re.fullmatch(r"-[rlRiIwEFsn]+|--(?:include|exclude|exclude-dir)=[\w.*-]+", it) for it in options
    )


def _rg(words: Words) -> bool:
    lists = bool({"-l", "--files", "--files-with-matches"} & set(words))
    return lists and _allowed(
        words, frozenset({"-l", "--files", "--files-with-matches", "-i", "-w", "-F", "-g", "-t"})
    )


def _ls(words: Words) -> bool:
    return all(not it.startswith("-") or re.fullmatch(r"-[1trSd]+", it) for it in words)


def _which(words: Words) -> bool:
    """Where a program of the system lies, everybody may know."""
    return all(re.fullmatch(r"-a|[A-Za-z0-9][\w.+-]*", it) for it in words)


_LISTS: dict[str, Callable[[Words], bool]] = {
    "git": _git,
    "find": _find,
    "which": _which,
    "grep": _grep,
    "rg": _rg,
    "ls": _ls,
}


def _only_leaves_out(words: Words) -> bool:
    name, *rest = words
    if name == "grep":
        return (
            len(rest) >= 1
            and all(not it.startswith("-") or re.fullmatch(r"-[viEFw]+", it) for it in rest)
            and sum(not it.startswith("-") for it in rest) == 1
        )
    if name in ("sort", "uniq"):
        return all(re.fullmatch(r"-[rnuVz]+", it) for it in rest) and not (name == "uniq" and rest)
    return (
        name in ("head", "tail") and re.fullmatch(r"(?:-n ?\+?[0-9]+|-[0-9]+)?", " ".join(rest)) is not None
    )
