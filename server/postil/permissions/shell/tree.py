"""Going through a script: the words of a command, the scripts that it substitutes, and those that it runs itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from postil.permissions.shell.syntax import (
    Arithmetic,
    Block,
    Case,
    Command,
    Conditional,
    Coprocess,
    Expansion,
    For,
    Function,
    Piece,
    Redirect,
    Script,
    Simple,
    Substitution,
    Word,
)


def commands(script: Script) -> Iterator[Command]:
    """Yield the commands of a script, not those inside them."""
    for chain in script.chains:
        for _, pipeline in chain.links:
            yield from pipeline.commands


def words(command: Command) -> Iterator[Word]:
    """Yield every word that the command itself has, its redirections' last; a definition has none of its own."""
    if isinstance(command, (Function, Coprocess)):
        return
    if isinstance(command, Simple):
        yield from command.words
        yield from (it.value for it in command.assignments if it.value is not None)
    elif isinstance(command, (For, Conditional)):
        yield from command.words or ()
    elif isinstance(command, Case):
        yield from (command.subject, *command.patterns)
    yield from targets(command.redirects)


def targets(redirects: Iterable[Redirect]) -> Iterator[Word]:
    """Yield what each redirection names, or the text of its here-document."""
    for one in redirects:
        yield one.here.body if one.here is not None else one.target


def substituted(pieces: Iterable[Piece]) -> Iterator[Script]:
    """Yield the scripts whose output, or a pipe to which, takes the place of a piece."""
    for piece in pieces:
        if isinstance(piece, Substitution):
            yield piece.script
        elif isinstance(piece, Expansion):
            yield from piece.scripts


def bodies(command: Command) -> tuple[Script, ...]:
    """Return the scripts that a compound command is made of; of a definition, those of what it defines."""
    if isinstance(command, (Block, Case)):
        return command.scripts
    if isinstance(command, For):
        return (command.body,)
    if isinstance(command, Arithmetic):
        return (command.body,) if command.body is not None else ()
    if isinstance(command, (Function, Coprocess)):
        return bodies(command.body)
    return ()
