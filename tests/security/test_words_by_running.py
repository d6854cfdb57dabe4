"""The words that the parser reads are the words that bash hands over, found by running it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from postil.permissions.shell.argument import arguments
from postil.permissions.shell.parser import parse
from postil.permissions.shell.syntax import Refused, Simple, Text, Word
from tests.support.bash_answers import words_of
from tests.support.counts import Counts
from tests.support.shell_changes import changed, corpus_commands
from tests.support.shell_lines import Maker

AT_ONCE = 500
Report = Callable[[str, object], None]


def literal(line: str) -> list[Word] | None:
    """Return the words of a line that is one program with literal words, without what file names or braces replace."""
    try:
        script = parse(line)
    except Refused:
        return None
    if len(script.chains) != 1 or len(script.chains[0].links) != 1 or script.chains[0].background:
        return None
    (command, *more) = script.chains[0].links[0][1].commands
    if more or not isinstance(command, Simple) or command.assignments or command.redirects:
        return None
    words = [*command.words]
    return words if all(map(_stands_for_itself, words)) else None


def _stands_for_itself(word: Word) -> bool:
    return all(
        isinstance(it, Text) and "\0" not in it.text and (it.quoted or not set(it.text) & set("*?[]{}~"))
        for it in word.pieces
    )


def commands(seed: int) -> Iterator[tuple[str, list[str]]]:
    """Yield without end words as they are written, and the arguments that the guard takes them for."""
    chance = random.Random(seed)
    corpus = corpus_commands()
    number = 0
    while True:
        number += 1
        maker = Maker(f"{seed}:{number}")
        if number % 2:
            line = "x " + " ".join(maker.word() for _ in range(3))
        else:
            line = changed(chance.choice(corpus), chance)
        words = literal(line)
        if words is not None:
            yield " ".join(it.raw for it in words), [_argument(it) for it in words]


def _argument(word: Word) -> str:
    (found,) = arguments(word, {}, "/home/me")
    assert found.text is not None
    return found.text


@pytest.mark.counted
def test_words_are_what_bash_hands_over(counts: Counts, record_property: Report) -> None:
    source, tried = commands(counts.seed), 0
    while tried < counts.shell_words:
        some = [next(source) for _ in range(AT_ONCE)]
        given = words_of([written for written, _ in some])
        different = [(one, other) for one, other in zip(some, given, strict=True) if one[1] != other]
        assert not different, different[:5]
        tried += sum(len(words) for _, words in some)
    record_property("words handed over by bash", tried)


def test_words_of_another_spelling_are_seen() -> None:
    written = ["a'b' \"c\\d\" $'\\x41\\n'", "''", "\\a\\  é"]
    assert words_of(written) == [["ab", "c\\d", "A\n"], [""], ["a ", "é"]]
    assert [[_argument(word) for word in literal(it) or []] for it in written] == words_of(written)
