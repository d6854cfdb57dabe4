"""A second opinion on how a line reads, from tree-sitter's grammar of bash, which was written by others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from postil.permissions.shell import tree
from postil.permissions.shell.syntax import Arithmetic, Command, Coprocess, Function, Script, Simple

if TYPE_CHECKING:
    import tree_sitter

_DECLARATIONS = frozenset(
    {"declare", "typeset", "export", "readonly", "local", "unset", "unsetenv", "[", "[["}
)
"""Commands that the other grammar has other nodes for; none of them but `[` runs unasked anyway."""

_FOREIGN = re.compile(r"[^\x00-\x7f]")

Words = tuple[str, ...]


def differs(line: str, script: Script) -> str | None:
    """Return the check that speaks where the other parser reads the line differently; None where both agree.

    It is `split` where it finds other commands or cannot read the line, and `decode` where it finds other words.
    """
    theirs_root = _parser().parse(_plain(line).encode()).root_node
    if theirs_root.has_error:
        return "split"
    theirs = sorted(it for it in _theirs(theirs_root) if it and it[0] not in _DECLARATIONS)
    ours = sorted(it for it in _ours(script) if it and it[0] not in _DECLARATIONS)
    if ours == theirs:
        return None
    return "decode" if len(ours) == len(theirs) else "split"


def _plain(text: str) -> str:
    """Return the text with a dot for every character outside of ASCII.

    The other grammar asks C's tables of letters about characters that they do not have, and that can end the process.
    """
    return _FOREIGN.sub(".", text)


@cache
def _parser() -> tree_sitter.Parser:
    # Loaded with the first command, not with the server.
    import tree_sitter  # noqa: PLC0415
    import tree_sitter_bash  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


# Theirs


def _theirs(root: tree_sitter.Node) -> Iterator[Words]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "command":
            yield _without_time((*_texts(node), *_after_redirects(node)))
        waiting += node.children


def _texts(command: tree_sitter.Node) -> Iterator[str]:
    name = command.child_by_field_name("name")
    for node in ([name] if name is not None else []) + command.children_by_field_name("argument"):
        yield (node.text or b"").decode()


def _after_redirects(command: tree_sitter.Node) -> Iterator[str]:
    """Yield the words behind a redirection, which that grammar takes for a part of it."""
    parent = command.parent
    if parent is None or parent.type != "redirected_statement":
        return
    for redirect in parent.children_by_field_name("redirect"):
        words = redirect.children_by_field_name("destination")[1:] + redirect.children_by_field_name(
            "argument"
        )
        yield from ((it.text or b"").decode() for it in words)


def _without_time(words: Words) -> Words:
    if words and words[0] == "time":
        return words[2:] if words[1:2] == ("-p",) else words[1:]
    return words


# Ours


def _ours(script: Script) -> Iterator[Words]:
    for command in tree.commands(script):
        yield from _commands(command)


def _commands(command: Command) -> Iterator[Words]:
    if isinstance(command, (Function, Coprocess)):
        yield from _commands(command.body)
        return
    if isinstance(command, Simple) and command.words:
        yield tuple(_plain(it.raw) for it in command.words)
    inner = command.scripts if isinstance(command, Arithmetic) else ()
    substituted = (it for word in tree.words(command) for it in tree.substituted(word.pieces))
    for script in (*substituted, *inner, *tree.bodies(command)):
        yield from _ours(script)
