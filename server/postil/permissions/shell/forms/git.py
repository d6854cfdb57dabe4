"""git: its global options, its sub-commands by their tables, and revisions that name files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.programs import Program, tables
from postil.permissions.shell.syntax import Text
from postil.permissions.shell.usage import Doubt, Usage, Use, usage_of
from postil.permissions.shell.wildcards import is_pattern

_GLOBAL = frozenset({"--no-pager", "--no-optional-locks", "-P"})
_TWO_WORDS = frozenset({"stash", "worktree", "remote", "notes", "bisect"})
_REFERENCES = frozenset({"HEAD", "main", "master", "stash"})
_MAGIC = re.compile(r":(?:\((?P<words>[a-z,:]*)\)|(?P<signs>[!/^]*):?)(?P<path>.*)", re.DOTALL)
_LISTS = frozenset({"list", "l", "contains", "merged", "no-merged", "points-at", "no-contains", "n"})


_PATCH = frozenset({
    "p", "u", "patch", "U", "unified", "patch-with-stat", "L", "c", "cc", "word-diff", "word-diff-regex", "color-words", "W", "function-context", "binary",
})  # fmt: skip
"""Options with which a history shows what stands in files."""
_WITHOUT_PATCH = frozenset({
    "stat", "name-only", "name-status", "numstat", "shortstat", "s", "no-patch", "summary", "compact-summary", "dirstat", "quiet", "raw",
})  # fmt: skip
_ONLY_NAMES = frozenset({
    "l", "L", "c", "q", "name-only", "files-with-matches", "files-without-match", "count", "quiet",
})  # fmt: skip
_LOOKS_LIKE_FILE = re.compile(r"[^:~^@{}]*\.[A-Za-z][A-Za-z0-9]{0,7}")
TREE, HISTORY = "tree", "history"
"""Roles of what stands for all that a repository tracks in it: as it is now, or as it was at any time."""


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
            folder = words.pop(0)
            if folder.text is None or _is_several(folder):
                found.doubt("git", "in which folder git works is not known")
                return found
            found.uses.append(Use(folder, "folder", "C"))
            moved = True
        elif text not in _GLOBAL:
            found.doubt("git", f"git {text} changes how git works")
            return found
    if not words or words[0].text is None or words[0].pattern:
        found.doubt("git", "which sub-command it runs is not known")
        return found
    return _subcommand(program, words, found.uses, moved=moved)


def _is_several(folder: Argument) -> bool:
    """Whether file names take the place of the word here: the second of them would be the sub-command."""
    pieces = folder.source.pieces if folder.source is not None else ()
    return folder.pattern and any(
        isinstance(it, Text) and not it.quoted and is_pattern(it.text) for it in pieces
    )


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
    usage.uses = [*before, *(each for it in usage.uses for each in _files_of(it)), *_met(name, usage, rest)]
    if moved and any(
        ".." in (it.argument.text or "").split("/") or (it.argument.text or "").startswith("/")
        for it in usage.uses
        if it.option != "C"
    ):
        usage.doubt("git", "a path goes up from another folder")
    return usage


def _met(name: str, usage: Usage, words: Sequence[Argument]) -> list[Use]:
    """Return what it goes through and shows of the repository's files, by no name of their own."""
    if not _shows_contents(name, usage.options, [it.known for it in words]):
        return []
    operands = [it.argument for it in usage.uses if not it.option and it.role == "read"]
    last = [it.known for it in words].index("--") if "--" in [it.known for it in words] else len(words)
    after = words[last + 1 :]
    paths = [*after, *(it for it in operands if not any(it is other for other in after) and _is_file(it))]
    revisions = [it for it in operands if not any(it is other for other in paths)]
    if revisions and not paths and all(":" in (it.text or "") for it in revisions):
        return []
    staged = {"cached", "staged"} & usage.options and name == "diff"
    now = name in ("grep", "diff", "diff-files") and not revisions and not staged
    return [Use(it, TREE if now else HISTORY) for it in paths or [Argument(":/", leading=":/")]]


def _is_file(argument: Argument) -> bool:
    """Whether a word is that of a file: git takes it for no revision, or refuses where it is both."""
    text = argument.text or ""
    return _LOOKS_LIKE_FILE.fullmatch(text) is not None and ".." not in text.replace("../", "")


def _shows_contents(name: str, options: set[str], words: Sequence[str]) -> bool:
    if name == "grep":
        return not options & _ONLY_NAMES
    if name == "cat-file":
        return "p" in options or words[:1] in (["blob"], ["tree"])
    if name in ("show", "diff", "range-diff"):
        return not options & _WITHOUT_PATCH or bool(options & _PATCH)
    return name in _HISTORIES and bool(options & _PATCH)


_HISTORIES = frozenset(
    {"log", "whatchanged", "diff-tree", "diff-index", "diff-files", "stash-show", "reflog", "reflog-show"}
)


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
