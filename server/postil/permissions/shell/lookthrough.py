"""What stands behind a program that starts another: seen for what must never run, whatever it is wrapped in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.parser import parse
from postil.permissions.shell.part import Part
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.syntax import Refused
from postil.permissions.shell.walk import Walker, Way

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"})
STRIPPED = frozenset({"timeout", "nice", "stdbuf", "time"})
"""Wrappers that change nothing but how long or how eagerly something runs: what they run is judged in their place."""
STARTERS = frozenset({
    "sudo", "doas", "env", "xargs", "watch", "setsid", "flock", "nohup", "ionice", "chrt", "taskset", "chroot", "command",
    "builtin", "exec", "busybox", "toybox", "unshare", "nsenter", "strace", "ltrace", "parallel", "su", "runuser", "script",
    "systemd-run", "prlimit", "setpriv", "catchsegv", "valgrind", "gdb", "time", "timeout", "nice", "stdbuf", "coproc",
    "find", "fd", "fdfind", "entr", "unbuffer", "faketime", "torsocks", "proxychains", "firejail", "bwrap", "then",
    "xvfb-run", "dbus-run-session", "ssh-agent", "trap", "alias", "eval", "ssh", "docker", "podman", "nsexec",
}) | SHELLS  # fmt: skip
"""Programs some of whose operands are a command."""
_EVALUATES = (
    frozenset({"eval", "trap", "watch", "su", "runuser", "script", "ssh", "xargs", "parallel", "alias"})
    | SHELLS
)
_DEEPEST = 8
_MOST_HIDDEN = 400
_LONGEST_SUFFIX = 32
_SPLIT = re.compile(r"[;&|\n(){}`]+|\$\(")
_TOKEN = re.compile(r"[^\s]+")


def behind(part: Part, around: Surroundings) -> tuple[list[Part], bool]:
    """Return every command that `part` may start, as far as it can be read, and whether that is all.

    It is wide, because it is only used to deny.
    """
    found: list[Part] = []
    seen: set[str] = set()
    waiting = [(part, 0)]
    while waiting:
        here, depth = waiting.pop()
        if here.base not in STARTERS:
            continue
        suffixes = [here, *islice(_suffixes(here), _MOST_HIDDEN)]
        found += suffixes[1:]
        if len(suffixes) > _MOST_HIDDEN:
            return found, False
        for text in dict.fromkeys(text for one in suffixes for text in _evaluated(one)):
            if text in seen:
                continue
            seen.add(text)
            if depth >= _DEEPEST or len(found) > _MOST_HIDDEN:
                return found, False
            inner = read(text, part, around, (*here.through, here.base))
            found += inner
            waiting += [(it, depth + 1) for it in inner]
    return found, True


def _suffixes(part: Part) -> Iterator[Part]:
    """Yield what begins at each operand, since a wrapper's own options are not known."""
    for index in range(1, len(part.argv)):
        first = part.argv[index].text
        if first and not first.startswith("-"):
            argv = _ended(part.argv[index : index + _LONGEST_SUFFIX])
            yield replace(
                part, argv=argv, redirections=(), assignments=(), through=(*part.through, part.base)
            )


def _evaluated(part: Part) -> Iterator[str]:
    """Yield the texts that the part may run as a script."""
    if part.base in _EVALUATES:
        texts = [it.text for it in part.operands if it.text]
        yield from dict.fromkeys([" ".join(texts), *(it for it in texts if re.search(r"[\s;&|$`]", it))])


def read(text: str, part: Part, around: Surroundings, through: tuple[str, ...]) -> list[Part]:
    """Return the parts of a text that something runs as a script."""
    try:
        walker = Walker(around, {})
        walker.script(parse(text), Way(part.cwds))
        parts = walker.parts
    except (Refused, RecursionError):
        parts = scanned(text, part.cwds)
    return [replace(it, through=through) for it in parts]


def scanned(text: str, cwds: frozenset[str] | None) -> list[Part]:
    """Return what could be commands in a text that is not recognised: split wherever a shell might."""
    parts: list[Part] = []
    for piece in _SPLIT.split(text.replace("\\\n", "")):
        words = [re.sub(r"[\\'\"]", "", it) for it in _TOKEN.findall(piece)]
        words = [it for it in words if it]
        if words:
            argv = tuple(Argument(it, pattern="*" in it, leading=it) for it in words)
            parts.append(Part(argv, cwds, text=piece.strip(), through=("?",)))
    return parts


def stripped(part: Part) -> Part | None:
    """Return what a plain wrapper such as `timeout 5` runs; None where the part is none or its options are not known."""
    rest = list(part.operands)
    if part.base == "timeout":
        options, values, operands = {"--foreground", "--preserve-status", "-v", "--verbose"}, {"-k", "-s"}, 1
    elif part.base == "nice":
        options, values, operands = set[str](), {"-n"}, 0
    elif part.base == "stdbuf":
        options, values, operands = set[str](), {"-i", "-o", "-e"}, 0
    elif part.base == "time":
        options, values, operands = {"-p"}, set[str](), 0
    else:
        return None
    if part.name != part.base:
        return None
    while rest and (text := rest[0].known).startswith("-"):
        if text in values and len(rest) > 1 and re.fullmatch(r"[A-Za-z0-9.+-]+", rest[1].known):
            rest = rest[2:]
        elif text in options or re.fullmatch(
            r"-[oiek][L0-9][0-9A-Za-z.]*|-n?[0-9]+|--(?:signal|kill-after)=\w+", text
        ):
            rest = rest[1:]
        else:
            return None
    if operands and not (rest and re.fullmatch(r"[0-9.]+[smhd]?", rest[0].known)):
        return None
    rest = rest[operands:]
    return replace(part, argv=tuple(rest)) if rest else None


def _ended(argv: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Return a command up to what ends one in find's -exec."""
    for index, argument in enumerate(argv):
        if argument.known in (";", "+"):
            return argv[:index]
    return argv
