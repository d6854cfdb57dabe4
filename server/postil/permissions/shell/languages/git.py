"""git: its global options, its sub-commands by their tables, and revisions that name files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.programs import Program, tables
from postil.permissions.shell.usage import Doubt, Usage, Use, usage_of

_GLOBAL = frozenset({"--no-pager", "--no-optional-locks", "-P"})
_TWO_WORDS = frozenset({"stash", "worktree", "remote", "notes", "bisect"})
_REFERENCES = frozenset({"HEAD", "main", "master", "stash"})
_MAGIC = re.compile(r":(?:\((?P<words>[a-z,:]*)\)|(?P<signs>[!/^]*):?)(?P<path>.*)", re.DOTALL)
_LISTS = frozenset({"list", "l", "contains", "merged", "no-merged", "points-at", "no-contains", "n"})


def usage(arguments: Sequence[Argument]) -> Usage:
    """Return what git would look at; a form that is not known to only tell is a doubt."""
    program = tables()["git"]
    found = Usage(program)
    words = list(arguments)
    moved = False
    while words and words[0].known.startswith("-"):
        text = words.pop(0).known
        if text in ("--version", "-v") or (text == "--help" and not words):
            return found
        if text == "-C" and words:
            found.uses.append(Use(words.pop(0), "folder", "C"))
            moved = True
        elif text not in _GLOBAL:
            found.doubt("git", f"git {text} changes how git works")
            return found
    if not words or words[0].text is None or words[0].pattern:
        found.doubt("git", "which sub-command it runs is not known")
        return found
    return _subcommand(program, words, found.uses, moved=moved)


def _subcommand(program: Program, words: list[Argument], before: list[Use], *, moved: bool) -> Usage:
    name, rest = words[0].known, words[1:]
    if name in _TWO_WORDS and rest and not rest[0].known.startswith("-"):
        name, rest = f"{name}-{rest[0].known}", rest[1:]
    elif name == "reflog" and rest and not rest[0].known.startswith("-") and rest[0].known not in _REFERENCES:
        # A first word that is no sub-command is shown as a reference, but later versions have sub-commands more.
        name, rest = f"reflog-{rest[0].known}", rest[1:]
    elif name == "stash":
        name = "stash-push"
    table = program.subcommand(name)
    if table is None:
        usage = Usage(program, list(before))
        first, _, second = name.partition("-")
        told = f"{first} {second}" if first in (*_TWO_WORDS, "reflog") and second else name
        usage.doubt("git", f"git {told} may change something")
        return usage
    usage = usage_of(_with_patterns(name, table, rest), rest, fed=True)
    if "--help" in [it.known for it in rest]:
        usage.doubt("git", "its help is shown by a program that settings may name")
    usage.doubts = [
        Doubt("git", it.reason) if it.check in ("options", "operand-roles") else it for it in usage.doubts
    ]
    usage.uses = [*before, *(each for it in usage.uses for each in _files_of(it))]
    if moved and any(
        ".." in (it.argument.text or "").split("/") or (it.argument.text or "").startswith("/")
        for it in usage.uses
        if it.option != "C"
    ):
        usage.doubt("git", "a path goes up from another folder")
    return usage


def _with_patterns(name: str, table: Program, rest: Sequence[Argument]) -> Program:
    """Return the table; where branch and tag only list, their operands are patterns."""
    if name not in ("branch", "tag"):
        return table
    given = {it.known.lstrip("-").split("=")[0] for it in rest if it.known.startswith("-")}
    return table.model_copy(update={"operands": ("text*",)}) if given & _LISTS else table


def _files_of(use: Use) -> list[Use]:
    """Return a use of a revision with the file that it names, as `HEAD:path` and `:/path` do."""
    text = use.argument.text
    if use.role != "read" or text is None or ":" not in text:
        return [use]
    path = _named(text)
    if not path:
        return []
    # A pathspec's star crosses folders, whether the shell knows it for a pattern or not.
    named = [path, path.rsplit("/", 1)[-1]] if _wild(path) else [path]
    return [replace(use, argument=Argument(it, pattern=_wild(it), leading=it)) for it in named if it]


def _wild(path: str) -> bool:
    return any(mark in path for mark in "*?[")


def _named(text: str) -> str:
    """Return the path in a revision, or in a pathspec with magic words or signs."""
    magic = _MAGIC.fullmatch(text)
    if magic is None:
        return text.rsplit(":", 1)[1]
    return (magic["path"] or "").removeprefix("/")
