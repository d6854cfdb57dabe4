"""What stands behind a program that starts another: seen for what must never run, whatever it is wrapped in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from postil.permissions.shell import programs
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.cursor import Cursor
from postil.permissions.shell.option_words import option_words
from postil.permissions.shell.parser import parse
from postil.permissions.shell.part import Part
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.syntax import Refused, Script, Text
from postil.permissions.shell.touches.table import starting_words, tables
from postil.permissions.shell.touches.words import doing_of, leave_to_next
from postil.permissions.shell.walk import Walker, Way
from postil.permissions.shell.words import Words

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"})
STARTERS = frozenset({
    "sudo", "doas", "env", "xargs", "watch", "setsid", "flock", "nohup", "ionice", "chrt", "taskset", "chroot", "command",
    "builtin", "exec", "busybox", "toybox", "unshare", "nsenter", "strace", "ltrace", "parallel", "su", "runuser", "script",
    "systemd-run", "prlimit", "setpriv", "catchsegv", "valgrind", "gdb", "time", "timeout", "nice", "stdbuf", "coproc",
    "find", "fd", "fdfind", "entr", "unbuffer", "faketime", "torsocks", "proxychains", "firejail", "bwrap", "then",
    "xvfb-run", "dbus-run-session", "ssh-agent", "trap", "alias", "eval", "ssh", "docker", "podman", "nsexec",
}) | SHELLS  # fmt: skip
"""Programs some of whose operands are a command."""
_EVALUATES = (
    frozenset(
        {"env", "eval", "trap", "watch", "su", "runuser", "script", "ssh", "xargs", "parallel", "alias"}
    )
    | SHELLS
)
_READS_COMMANDS = frozenset(
    {"sudo", "doas", "su", "ssh", "xargs", "env", "parallel", "at", "batch", "busybox"}
)
_DEEPEST = 8
_MOST_HIDDEN = 400
_STEPS_OF_TEXT = 8
"""What it costs to read one more text as a script, in steps."""
_WORDS_A_STEP = 4
_LONGEST_SUFFIX = 32
_MOST_SCANNED = 32 * 1024
"""Characters at either end of a text that are looked through without a parser; what is between them is asked about anyway."""
_SPLIT = re.compile(r"[;&|\n(){}`]+|\$\(")
_ANSI = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.DOTALL)
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
        starts = here.base in STARTERS
        suffixes = [here, *islice(_suffixes(here) if starts else (), _MOST_HIDDEN)]
        found += suffixes[1:]
        if len(suffixes) > _MOST_HIDDEN or not _afforded(_steps(suffixes), around):
            return found, False
        for text in dict.fromkeys(text for one in suffixes for text in _evaluated(one) if text.strip()):
            if text in seen:
                continue
            seen.add(text)
            if depth >= _DEEPEST or len(found) > _MOST_HIDDEN or not _afforded(_STEPS_OF_TEXT, around):
                return found, False
            inner = read(text, part, around, (*here.through, here.base))
            found += inner
            waiting += [(it, depth + 1) for it in inner]
    return found, True


def _afforded(steps: int, around: Surroundings) -> bool:
    """Whether a judgement may still cost so much; it is counted."""
    try:
        if around.memory is not None:
            around.memory.work.spend(steps)
    except Refused:
        return False
    return True


def _suffixes(part: Part) -> Iterator[Part]:
    """Yield what begins at each operand, since a wrapper's own options are not known."""
    starts: Sequence[int] = range(1, len(part.argv))
    if words := starting_words(part.base):
        starts = [index + 1 for index, it in enumerate(part.argv[:-1]) if it.text in words]
    # A word that is not known is a program only where one has to stand.
    named = bool(starting_words(part.base))
    starts = [index for index in starts if (part.argv[index].text or ("?" if named else "-"))[0] != "-"]
    through = (*part.through, part.base)
    before: tuple[int, Part] | None = None
    for index in starts:
        argv = _ended(part.argv[index : index + _LONGEST_SUFFIX])
        here = replace(part, argv=argv, redirections=(), assignments=(), through=through)
        if before is not None:
            at, suffix = before
            if not _is_known(here) and not _is_known(suffix):
                leave_to_next(suffix, index - at)
            yield suffix
        before = index, here
    if before is not None:
        yield before[1]


def _is_known(part: Part) -> bool:
    """Whether anything is known of the part's program."""
    base = part.base
    return base in STARTERS or base in tables() or base in programs.tables()


def _steps(parts: Sequence[Part]) -> int:
    """Return what it costs to look at parts, the first of which is there anyway."""
    words = sum(len(it.doings[0].written) if it.doings else len(it.argv) for it in parts[1:])
    return len(parts) + words // _WORDS_A_STEP


def _evaluated(part: Part) -> Iterator[str]:
    """Yield the texts that the part may run as a script."""
    yield from doing_of(part).scripts
    for one in part.redirections if part.base in SHELLS | _READS_COMMANDS else ():
        if one.text is not None:
            yield one.text
    if part.base in _EVALUATES:
        texts = [it.text for it in part.operands if it.text]
        yield from dict.fromkeys([" ".join(texts), *(it for it in texts if re.search(r"[\s;&|$`]", it))])


def handed_on(parts: Sequence[Part], around: Surroundings) -> list[tuple[int, Part]]:
    """Return what a line hands to a shell or to xargs as its standard input, where its own words say what that is.

    Each comes with the index of the part to which it is handed.
    """
    said = [text for part in parts if part.feeds and part.base in ("echo", "printf") for text in _said(part)]
    # A wrapper hands its own input on to what it starts.
    said += [one.text for part in parts for one in part.redirections if one.text is not None]
    found: list[tuple[int, Part]] = []
    for index, part in enumerate(parts):
        for text in dict.fromkeys(said if part.fed else ()):
            if part.base in SHELLS:
                found += ((index, it) for it in read(text, part, around, (*part.through, part.base)))
            command = argument_command(part)
            if command is not None:
                given = tuple(Argument(it, leading=it) for it in text.split()[:_LONGEST_SUFFIX])
                found.append((index, replace(command, argv=(*command.argv, *given))))
    return found[:_MOST_HIDDEN]


def _said(part: Part) -> Iterator[str]:
    words = [it.text or "" for it in part.operands]
    yield " ".join(it for it in words if not it.startswith("-")).replace("\\n", "\n")
    yield from words if part.base == "printf" else ()


def argument_command(part: Part) -> Part | None:
    """Return the command that gets its standard input as further words, as behind xargs; None where there is none."""
    if part.base not in ("xargs", "parallel"):
        return None
    words = option_words(part.operands, "aEeIiLlnPsdjS", _LONG_OF_XARGS, operands_end=True).operands
    if not words:
        return None
    argv = tuple(words)
    inner = replace(part, argv=argv, redirections=(), assignments=(), through=(*part.through, part.base))
    return stripped(inner) or inner


_LONG_OF_XARGS = (
    "arg-file",
    "delimiter",
    "eof",
    "replace",
    "max-lines",
    "max-args",
    "max-procs",
    "max-chars",
    "process-slot-var",
    "jobs",
)


def read(text: str, part: Part, around: Surroundings, through: tuple[str, ...]) -> list[Part]:
    """Return the parts of a text that something runs as a script."""
    try:
        walker = Walker(around)
        walker.script(parse(text), Way(part.cwds))
        parts = walker.parts
    except (Refused, RecursionError):
        parts = scanned(text, part.cwds)
    return [replace(it, through=through) for it in parts]


def scanned(text: str, cwds: frozenset[str] | None) -> list[Part]:
    """Return what could be commands in a text that is not recognised: split wherever a shell might."""
    parts: list[Part] = []
    if len(text) > 2 * _MOST_SCANNED:
        text = text[:_MOST_SCANNED] + "\n" + text[-_MOST_SCANNED:]
    # Shells disagree on what a backslash at the end of a line joins: it is read both ways.
    text = _ANSI.sub(_decoded, text).replace('$"', '"')
    joined = text.replace("\\\n", "")
    pieces = _SPLIT.split(text) + (_SPLIT.split(joined) if joined != text else [])
    for piece in pieces:
        words = [re.sub(r"[\\'\"]", "", it) for it in _TOKEN.findall(piece)]
        words = [it for it in words if it]
        if words:
            argv = tuple(Argument(it, pattern="*" in it, leading=it) for it in words)
            parts.append(Part(argv, cwds, text=piece.strip(), through=("?",)))
    return parts


def _decoded(found: re.Match[str]) -> str:
    try:
        word = Words(Cursor(found.group()), lambda _cursor, _closing: Script()).word()
    except Refused:
        return found.group()
    return "".join(it.text for it in word.pieces if isinstance(it, Text)) if word is not None else ""


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
