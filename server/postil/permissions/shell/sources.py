"""Commands whose output is the name of a commit, of a folder, or may be read like a file: told by their words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from postil.permissions.shell.programs import tables
from postil.permissions.shell.syntax import Script, Simple

Words = Sequence[str]
"""One command in words; a word that is not known is a NUL."""

_REVISION = re.compile(r"[A-Za-z0-9_][\w./~^@{}-]*")
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_.][\w.-]*/)*[A-Za-z0-9_][\w.-]*")
"""A path below the current folder, though it may go up; without marks, since it is taken for a word of its own."""


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
    table = tables().get(name)
    if table is not None and table.subcommands:
        table, rest = table.subcommand(next(iter(rest), "")), rest[1:]
    return table is not None and (table.harmless or (table.shows and all(map(table.knows, rest))))


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
