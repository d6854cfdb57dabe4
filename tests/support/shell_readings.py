"""How our parser reads a shell script, as plain lists that another parser's reading can be compared with."""

from __future__ import annotations

from collections.abc import Iterable

from postil.permissions.shell.syntax import (
    Arithmetic,
    Assignment,
    Block,
    Case,
    Command,
    Conditional,
    Coprocess,
    Expansion,
    For,
    Function,
    Piece,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Substitution,
    Text,
    Variable,
    Word,
)

Tree = list[object]
"""Nested lists of texts, numbers and truths."""


def reading(script: Script) -> Tree:
    """Return the chains of a script: links with their operators, and whether it runs in the background."""
    return [
        [[[operator, _pipeline(it)] for operator, it in chain.links], chain.background]
        for chain in script.chains
    ]


def joined(pieces: Iterable[Tree]) -> Tree:
    """Return the pieces of a word with neighbouring texts of one kind made one, without empty ones."""
    found: list[Tree] = []
    for piece in pieces:
        if piece[0] == "text" and piece[2] == "":
            continue
        last = found[-1] if found else None
        if last is not None and piece[0] == last[0] == "text" and piece[1] == last[1]:
            found[-1] = ["text", piece[1], f"{last[2]}{piece[2]}"]
        else:
            found.append(piece)
    return [*found]


def _pipeline(pipeline: Pipeline) -> Tree:
    return [pipeline.negated, pipeline.timed, [_command(it) for it in pipeline.commands]]


def _command(command: Command) -> Tree:
    if isinstance(command, Function):
        return ["function", command.name, _command(command.body)]
    if isinstance(command, Coprocess):
        return ["coproc", _command(command.body)]
    return [*_inside(command), [_redirect(it) for it in command.redirects]]


def _inside(command: Simple | Block | For | Case | Conditional | Arithmetic) -> Tree:
    if isinstance(command, Simple):
        words = [_word(it) for it in command.words]
        return ["simple", [_assignment(it) for it in command.assignments], words]
    if isinstance(command, Block):
        return [command.kind, [reading(it) for it in command.scripts]]
    if isinstance(command, For):
        words = None if command.words is None else [_word(it) for it in command.words]
        return ["select" if command.select else "for", command.name, words, reading(command.body)]
    if isinstance(command, Case):
        patterns, scripts = [_word(it) for it in command.patterns], [reading(it) for it in command.scripts]
        return ["case", _word(command.subject), patterns, scripts]
    if isinstance(command, Conditional):
        return ["[[", [_word(it) for it in command.words]]
    body = None if command.body is None else reading(command.body)
    return ["((", [reading(it) for it in command.scripts], body]


def _assignment(one: Assignment) -> Tree:
    return [one.name, one.append, None if one.value is None else _word(one.value)]


def _redirect(one: Redirect) -> Tree:
    body = None if one.here is None else _word(one.here.body)
    descriptor = None if one.descriptor is None else str(one.descriptor)
    return [one.operator, descriptor, _word(one.target), body]


def _word(word: Word) -> Tree:
    return joined(_piece(it) for it in word.pieces)


def _piece(piece: Piece) -> Tree:
    if isinstance(piece, Text):
        return ["text", piece.quoted, piece.text]
    if isinstance(piece, Variable):
        return ["variable", piece.quoted, piece.name]
    if isinstance(piece, Substitution):
        return [piece.form, piece.quoted, reading(piece.script)]
    assert isinstance(piece, Expansion)
    scripts = [reading(it) for it in piece.scripts]
    return ["arithmetic" if piece.arithmetic else "expansion", piece.quoted, scripts]
