"""What a program does with its words, by its table; without one, whatever they could name. Only used against a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.option_words import OptionWords, option_words
from postil.permissions.shell.part import Part
from postil.permissions.shell.touches import git
from postil.permissions.shell.touches.find import touched_by_find
from postil.permissions.shell.touches.named import any_word
from postil.permissions.shell.touches.table import Operands, Table, table_of, tables
from postil.permissions.shell.touches.texts import handed_texts, named_in_program, scripts
from postil.permissions.shell.touches.touched import Doing, Touched

_SYMBOLIC = ("s", "symbolic", "symbolic-link")
_MODULE = ("m", "module", "jar")
"""Options with which the first operand is no script any more."""


def doing_of(part: Part) -> Doing:
    """Return what a part does with its words; of a program without a table, any of them may be written."""
    if not part.doings:
        part.doings.append(_worked_out(part))
    return part.doings[0]


def leave_to_next(part: Part, words: int) -> None:
    """Look at no more than the first words of a part: the rest are another part's, of whose program as little is known."""
    found = tuple(any_word(part.operands[:words]))
    part.doings[:] = [Doing(found, found)]


def _worked_out(part: Part) -> Doing:
    table = table_of(part)
    if (
        table is not None
        and tables().get(part.base) is not table
        and not part.operands[0].known.startswith("-")
    ):
        # The first word has chosen the table.
        part = replace(part, argv=(part.argv[0], *part.argv[2:]))
    if table is None:
        found = (*any_word(part.operands), *handed_texts(part))
        return Doing(found, found)
    if table.language == "git":
        return git.doing_of(part)
    words = option_words(part.operands, table.values, table.long)
    if table.language == "find":
        return Doing(*touched_by_find(part))
    run = tuple(dict.fromkeys(scripts(part, table, words)))
    named = tuple(named_in_program(part, table, words))
    return Doing(
        (*_written(part, table, words), *named),
        (*_read(part, table, words), *named),
        run,
        linked=_linked(table, words),
        symbolic=words.has(_SYMBOLIC),
    )


def _read(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    """Yield the words that name files which a program reads, as `curl -d @file` does."""
    yield from map(Touched, words.values(table.reads))
    for text in (it.text or "" for it in words.operands):
        if text.startswith("file:/"):
            path = "/" + text.removeprefix("file:").lstrip("/").removeprefix("localhost/")
            yield Touched(Argument(path, leading=path))
    for value in words.values(table.at_reads):
        _, at, name = (value.text or "").replace("=<", "=@").partition("@")
        if at:
            yield Touched(Argument(name.split(";")[0], leading=name.split(";")[0]))
    operands = words.operands
    if table.read == "any":
        yield from map(Touched, _script(table, words))
        yield from any_word(_left(part, table, words), names=_only_names(part, table))
        return
    if table.links and words.has(_SYMBOLIC):
        # What such a link says counts from where it lies, and is told by `linked`.
        return
    alone = words.has(table.instead) or len(operands) == 1
    chosen = operands if table.read == "but_last" and alone else _chosen(operands, table.read)
    yield from map(Touched, operands if table.read == "rest" and words.has(table.instead_first) else chosen)


def _written(part: Part, table: Table, words: OptionWords) -> Iterator[Touched]:
    for value in words.values(table.writes):
        yield Touched(value, table.whole)
    for argument in part.operands:
        name, equals, value = (argument.text or argument.leading).partition("=")
        if equals and name in table.assigns:
            yield Touched(Argument(value, argument.pattern, value), table.whole)
    if table.only_with and not words.has(table.only_with) and not _in_place(part, table):
        # What the code of such a program does with its words is not known.
        yield from any_word(_left(part, table, words)) if table.language == "code" else ()
        return
    if table.operands == "any":
        yield from any_word(_left(part, table, words), whole=table.whole, names=_only_names(part, table))
        return
    for argument in _operands(table, words):
        yield Touched(argument, table.whole)


def _only_names(part: Part, table: Table) -> bool:
    return table.names and not any(it.text in table.files_behind for it in part.operands)


def _script(table: Table, words: OptionWords) -> list[Argument]:
    """Return the word that names a script to run, if one does."""
    given = not table.script or words.has(table.code) or words.has(table.runs) or words.has(_MODULE)
    return [] if given else words.operands[:1]


def _left(part: Part, table: Table, words: OptionWords) -> list[Argument]:
    """Return the words but for a script that is run: what that does is seen elsewhere, or nowhere."""
    aside = set(map(id, (*_script(table, words), *words.values((*table.runs, *table.texts)))))
    return [it for it in part.operands if id(it) not in aside]


def _linked(table: Table, words: OptionWords) -> tuple[Argument, ...]:
    if not table.links and not (table.links_with and words.has(table.links_with)):
        return ()
    alone = words.has(table.instead) or len(words.operands) == 1
    return tuple(words.operands if alone else words.operands[:-1])


def _in_place(part: Part, table: Table) -> bool:
    return "i" in table.only_with and any(
        re.match(r"-[A-Za-hj-z]{0,3}i", it.text or "") for it in part.operands
    )


def _operands(table: Table, words: OptionWords) -> list[Argument]:
    operands = words.operands
    if table.all_with and words.has(table.all_with):
        return operands
    if table.instead and words.has(table.instead):
        return []
    if table.operands == "rest" and table.instead_first and words.has(table.instead_first):
        return operands
    return _chosen(operands, table.operands)


def _chosen(operands: list[Argument], which: Operands) -> list[Argument]:
    chosen = {
        "all": operands,
        "last": operands[-1:],
        "but_last": operands[:-1],
        "first": operands[:1],
        "rest": operands[1:],
    }
    return chosen.get(which, [])
