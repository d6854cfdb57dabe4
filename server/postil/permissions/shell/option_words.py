"""The words of a program taken apart into operands and options, whichever way an option is given its value."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from postil.permissions.shell.argument import Argument

_CLUSTER = re.compile(r"-[^-]")
MOST_GLUED = 6
"""Letters before a value in one word, as far as they are looked at where no table knows them."""


@dataclass(frozen=True, slots=True)
class Given:
    """An option and its value; None where it has none."""

    name: str
    value: Argument | None = None


@dataclass
class OptionWords:
    """Operands and options, each in its order."""

    operands: list[Argument] = field(default_factory=list[Argument])
    options: list[Given] = field(default_factory=list[Given])

    def has(self, names: Collection[str]) -> bool:
        """Whether one of these options is there, long ones perhaps shortened."""
        return bool(names) and any(is_one_of(it.name, names) for it in self.options)

    def values(self, names: Collection[str]) -> list[Argument]:
        """Return what these options are given."""
        if not names:
            return []
        return [it.value for it in self.options if it.value is not None and is_one_of(it.name, names)]


def option_words(
    arguments: Sequence[Argument], letters: str, long: Collection[str], *, operands_end: bool = False
) -> OptionWords:
    """Take words apart. `letters` and `long` take a value: glued, after `=`, or the next word; options may trail the operands.

    With `operands_end` the first operand ends the options, as where a program starts another.
    """
    found = OptionWords()
    waiting = list(reversed(arguments))
    while waiting:
        argument = waiting.pop()
        text = argument.text if argument.text is not None else argument.leading
        if text == "--":
            found.operands += reversed(waiting)
            return found
        if text.startswith("--"):
            _long(found, argument, text[2:], long, waiting)
        elif _CLUSTER.match(text):
            _short(found, text[1:], (letters, long), waiting)
        else:
            found.operands.append(argument)
            if operands_end:
                found.operands += reversed(waiting)
                return found
    return found


def is_one_of(name: str, names: Collection[str]) -> bool:
    """Whether an option is one of these; a long one may be cut short."""
    return name in names or (len(name) > 2 and any(it.startswith(name) for it in names if len(it) > 1))


def glued(text: str) -> list[str]:
    """Return what may be the value in a word of an option that no table knows."""
    if text.startswith("--"):
        _, equals, value = text.partition("=")
        return [value] if equals else []
    if not _CLUSTER.match(text):
        return []
    return [text[at:].removeprefix("=") for at in range(2, min(len(text), MOST_GLUED))]


def _long(
    found: OptionWords, argument: Argument, text: str, long: Collection[str], waiting: list[Argument]
) -> None:
    name, equals, value = text.partition("=")
    if equals:
        known = argument.text is not None
        found.options.append(
            Given(name, Argument(value if known else None, argument.pattern, value, source=argument.source))
        )
    elif waiting and is_one_of(name, long):
        found.options.append(Given(name, waiting.pop()))
    else:
        found.options.append(Given(name))


def _short(
    found: OptionWords, text: str, takers: tuple[str, Collection[str]], waiting: list[Argument]
) -> None:
    letters, long = takers
    if text in long and len(text) > 1:
        found.options.append(Given(text, waiting.pop() if waiting else None))
        return
    for index, letter in enumerate(text):
        if letter not in letters:
            found.options.append(Given(letter))
            continue
        rest = text[index + 1 :]
        value = Argument(rest, leading=rest) if rest else waiting.pop() if waiting else None
        found.options.append(Given(letter, value))
        return
