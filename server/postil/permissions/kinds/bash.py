"""`Bash(…)`: one program and its words, as the shell hands them over; `pytest:*` stands for pytest with any words after it.

What a rule allows is matched narrowly, word for word. What a rule forbids or asks about is matched widely: the program by
its name wherever it lies, options in between left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from postil.permissions.kinds.started import Started, started
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.lookthrough import SHELLS
from postil.permissions.shell.parser import parse
from postil.permissions.shell.part import Part
from postil.permissions.shell.syntax import Refused, Simple, Text
from postil.permissions.shell.touches.table import is_option_that_starts, starts_by_option

STRANGE = "qx7anything"
"""A word that nobody writes, for any word at all."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern in words. `open` patterns allow any further words; with `glued`, the last one may go on as well."""

    words: tuple[str, ...]
    """Where a word holds a star that is not quoted, it is the one of a wildcard, written as `\\0`."""
    open: bool
    glued: bool = False


@lru_cache(maxsize=1024)
def pattern_of(text: str) -> Pattern:
    """Return what the words between the brackets of a rule say."""
    text = text.strip()
    if text in ("", "*"):
        return Pattern((), open=True)
    if text in (":*", "*:*"):
        return Pattern(("",), open=False)
    any_more = text.endswith((":*", " *"))
    if any_more:
        text = text[:-2].rstrip()
    words = _words(text)
    glued = not any_more and bool(words) and words[-1].endswith("\0")
    return Pattern(words, open=any_more or glued, glued=glued)


def examples(pattern: str | None) -> tuple[str, ...]:
    """Return lines that stand for all that a pattern means: what is true of each of them is true of all."""
    text = (pattern or "*").strip()
    wanted = pattern_of(text)
    words = text.removesuffix(":*").removesuffix(" *").rstrip() if wanted.open and not wanted.glued else text
    line = words.replace("*", STRANGE) if "*" in words and not set(words) & {"'", '"', "\\"} else words
    if not wanted.open:
        return (line,)
    return tuple(it.strip() for it in (line, f"{line} {STRANGE}") if it.strip())


def allows(pattern: str, part: Part) -> bool:
    """Whether a rule with this pattern speaks of exactly this command, and of all that its words make it start."""
    return covers(pattern, part) and not left_to_others(pattern, part)


def covers(pattern: str, part: Part) -> bool:
    """Whether a rule with this pattern speaks of this command, whatever that is made to start."""
    wanted = pattern_of(pattern)
    return not wanted.words or _follows(wanted.words, part.argv, wanted)


def left_to_others(pattern: str, part: Part) -> tuple[Started, ...]:
    """Return what the command is made to start by words that the pattern does not spell out."""
    words = pattern_of(pattern).words
    return tuple(it for it in started(part) if it.word not in words) if words else ()


def doubt(pattern: str | None) -> str:
    """Return what is most likely wrong with a pattern; empty where nothing is."""
    program, colon, rest = (pattern or "").strip().split(" ")[0].partition(":")
    if not colon or rest in ("", "*") or "/" in program:
        return ""
    return f"Bash({pattern}) means a program whose name is {program}:{rest}; Bash({program} {rest}:*) means {program} with the word {rest}"


def names(pattern: str, word: str) -> bool:
    """Whether one of a rule's own words is this one; a star alone names nothing."""
    return any(it.strip("\0") and _matches(it, word) for it in pattern_of(pattern).words)


def _follows(words: Sequence[str], given: Sequence[Argument], wanted: Pattern) -> bool:
    """Whether the words of a pattern, in order, are exactly what is given. A star alone stands for one word or more."""
    # How many of the given words the pattern's words so far may be: all ways at once, as there are very many.
    ends = {0}
    for word in words:
        if word == "\0":
            ends = _stretched(ends, given, wanted)
        else:
            ends = {at + 1 for at in ends if at < len(given) and _same(word, given[at])}
    return len(given) in ends or (wanted.open and bool(ends))


def _stretched(starts: set[int], given: Sequence[Argument], wanted: Pattern) -> set[int]:
    """Return where a star may end that begins at one of `starts`."""
    ends: set[int] = set()
    going = False
    for at, argument in enumerate(given):
        going = (going or at in starts) and _may_stand_for_any(argument, wanted)
        if going:
            ends.add(at + 1)
    return ends


def _may_stand_for_any(argument: Argument, wanted: Pattern) -> bool:
    """Whether a star may be this word: not one by which a program is made to start another."""
    program, text = wanted.words[0], argument.known
    if text == "\0":
        return False
    by_option = program in SHELLS or starts_by_option(program)
    return not (by_option and (text.startswith(_STARTING) or is_option_that_starts(program, argument)))


_STARTING = ("-c", "-o", "--exec", "--config", "-e")
"""Beginnings of options by which one program or another starts a third; what a program calls them is told by its table as well."""


def forbids(pattern: str, part: Part) -> bool:
    """Whether a rule that forbids or asks could mean this command."""
    wanted = pattern_of(pattern)
    if not wanted.words:
        return True
    if not part.argv:
        return False
    program = Argument(part.base or part.argv[0].text, leading=part.base)
    names = (part.argv[0], program)
    if not any(_could_be(wanted.words[0], it) for it in names):
        return False
    return _in_order(wanted, part.argv[1:])


def _in_order(wanted: Pattern, given: Sequence[Argument]) -> bool:
    """Whether the words come in order, with options and their values left out or not."""
    rest = list(wanted.words[1:])
    position = 0
    while rest and position < len(given):
        if _could_be(rest[0], given[position]):
            rest.pop(0)
            position += 1
        elif (given[position].text or "-").startswith("-") or (
            position and (given[position - 1].text or "-").startswith("-")
        ):
            position += 1
        else:
            return False
    left = [it for it in given[position:] if not (it.text or "-").startswith("-")]
    return not rest and (wanted.open or not left)


def _words(text: str) -> tuple[str, ...]:
    try:
        (chain,) = parse(text).chains
        ((_, pipeline),) = chain.links
        (command,) = pipeline.commands
    except (Refused, ValueError):
        return tuple(it.replace("*", "\0") for it in text.split())
    if not isinstance(command, Simple) or command.assignments or command.redirects:
        return tuple(it.replace("*", "\0") for it in text.split())
    return tuple(
        "".join(
            (it.text if it.quoted else it.text.replace("*", "\0")) if isinstance(it, Text) else ""
            for it in word.pieces
        )
        if all(isinstance(it, Text) for it in word.pieces)
        else word.raw
        for word in command.words
    )


def _same(word: str, argument: Argument) -> bool:
    text = argument.known
    return text != "\0" and _matches(word, text)


def _could_be(word: str, argument: Argument) -> bool:
    """Whether the argument is the word, or may turn out to be."""
    if argument.text is None or argument.pattern:
        return True
    return _matches(word, argument.text)


def _matches(word: str, text: str) -> bool:
    if "\0" not in word:
        return word == text
    first, *between, last = word.split("\0")
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in between:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
