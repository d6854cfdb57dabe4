"""Words by which git and find are made to start a program: a rule about git or find does not speak of that program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from postil.permissions.shell.part import Part
from postil.permissions.shell.touches.table import starting_words
from postil.permissions.shell.usage import is_harmless_setting


@dataclass(frozen=True, slots=True)
class Started:
    """One program that a command is made to start."""

    word: str
    """The word that does it, which a rule has to spell out to cover it."""
    part: Part | None = None
    """What is started, where that is words of their own."""


def started(part: Part) -> tuple[Started, ...]:
    """Return what the words of a command make it start."""
    words = [it.known for it in part.operands]
    if part.base == "git":
        return tuple(_by_git(words, part))
    if part.base == "find":
        return tuple(_by_find(words, part))
    return ()


def _by_find(words: Sequence[str], part: Part) -> Iterator[Started]:
    for index, word in enumerate(words):
        if word in starting_words("find"):
            end = next((at for at, it in enumerate(words) if at > index and it in (";", "+")), len(words))
            yield Started(word, _words_of(part, index + 2, end + 1))


def _words_of(part: Part, start: int, end: int | None = None) -> Part | None:
    argv = part.argv[start:end]
    return replace(part, argv=argv, redirections=(), assignments=()) if argv else None


_TRANSPORT = re.compile(r"[A-Za-z0-9+.-]+::")
"""`ext::program` and its like: git starts what stands there, or a helper of that name."""
_VALUED = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"})
_NAMING = frozenset({"--git-dir", "--work-tree", "--exec-path", "--config-env"})
"""Global options that name other settings, or where git's own programs lie."""


def _by_git(words: Sequence[str], part: Part) -> Iterator[Started]:
    yield from (Started(it) for it in words if _TRANSPORT.match(it) or it == "\0")
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, _, value = words[at].partition("=")
        split = name in _VALUED and not value and at + 1 < len(words)
        if name == "-c" and split:
            yield from _setting(words[at + 1])
        elif name in _NAMING or (name.startswith("-c") and name != "-c"):
            yield Started(words[at])
        at += 2 if split else 1
    if at < len(words):
        yield from _by_command(words[at], words[at + 1 :], part, at + 2)


def _setting(text: str) -> Iterator[Started]:
    if not is_harmless_setting(text.partition("=")[0]):
        yield Started(text)


def _by_command(command: str, rest: Sequence[str], part: Part, after: int) -> Iterator[Started]:
    if command in _ALWAYS:
        yield Started(command)
    if command == "bisect" and rest[:1] == ["run"]:
        yield Started("run", _words_of(part, after + 1))
    if command == "submodule" and "foreach" in rest:
        yield Started("foreach")
    if command == "config":
        keys = [it for it in rest if not it.startswith("-")]
        yield from _setting(keys[0]) if len(keys) > 1 else ()
        yield from (Started(it) for it in rest if it in ("-e", "--edit"))
    letters, names = _OPTIONS.get(command, ("", ()))
    is_one = _option(letters, names)
    yield from (Started(it) for it in rest if is_one(it))


_ALWAYS = frozenset({
    "filter-branch", "for-each-repo", "remote-ext", "remote-fd", "shell", "hook", "daemon", "instaweb", "web--browse", "http-backend", "cvsserver",
})  # fmt: skip
_PACKS = ("", ("upload-pack", "receive-pack", "exec"))
_OPTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rebase": ("x", ("exec",)),
    "difftool": ("x", ("extcmd",)),
    "grep": ("O", ("open-files-in-pager",)),
    "clone": ("uc", ("upload-pack", "config", "template")),
    "init": ("", ("template",)),
    "archive": ("", ("exec",)),
    "send-email": ("", ("to-cmd", "cc-cmd", "header-cmd", "sendmail-cmd", "smtp-server")),
    "fetch": _PACKS,
    "pull": _PACKS,
    "push": _PACKS,
    "ls-remote": _PACKS,
    "fetch-pack": _PACKS,
    "send-pack": _PACKS,
}
"""By sub-command, the letters and long options that name a program; long ones may be shortened."""


def _option(letters: str, names: Sequence[str]) -> Callable[[str], bool]:
    short = re.compile(rf"-[A-Za-z0-9]*[{letters}]") if letters else None

    def is_one(word: str) -> bool:
        if word.startswith("--"):
            given = word[2:].partition("=")[0]
            return len(given) > 1 and any(it.startswith(given) for it in names)
        return short is not None and short.match(word) is not None

    return is_one
