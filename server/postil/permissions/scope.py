"""The files that a turn is about: named in its prompt, attached to it, shown where it was made, or edited in it before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from postil.core.state import TurnState, Workflow
from postil.workspace.files.uris import uri_to_path

_WORD = re.compile(r"[^\s\"'`()\[\]{}<>|,;!?*]+")
_LINE = re.compile(r":\d+(?:[-:]\d+)?$")


def asked_for(workflow: Workflow, roots: tuple[Path, ...]) -> frozenset[str]:
    """Return what the turn in progress is about: absolute paths, and ends of paths as a person writes them."""
    turn = workflow.turn
    if turn is None:
        return frozenset()
    begun = workflow.marks[-1].seq if workflow.marks else 0
    made = (it for it in workflow.changes.since(begun) if it.turn_id == turn.id and not it.doubtful)
    edited = (it.path for it in made if it.rewind_id is None and not it.subagent)
    if workflow.parent is not None:  # its prompt is a model's words
        return frozenset((*edited, *workflow.parent.scope))
    return frozenset((*edited, *_attached(turn, roots), *_words(turn.prompt.text)))


def is_asked_for(path: Path, scope: frozenset[str], roots: Iterable[Path]) -> bool:
    """Whether the turn is about the file. A name alone stands for every file of that name."""
    if str(path) in scope:
        return True
    for root in roots:
        if path.is_relative_to(root):
            parts = path.relative_to(root).parts
            ends = ("/".join(parts[start:]) for start in range(len(parts)))
            return any(end in scope and (_tells(end) or len(parts) == 1) for end in ends)
    return False


def _attached(turn: TurnState, roots: tuple[Path, ...]) -> Iterator[str]:
    for it in turn.prompt.context:
        if it.path:
            path = PurePath(it.path)
            yield str(path if path.is_absolute() or not roots else roots[0] / path)
    if turn.prompt.anchor is not None:
        path = uri_to_path(turn.prompt.anchor.uri)
        if path is not None:
            yield str(path)


def _words(text: str) -> Iterator[str]:
    for found in _WORD.findall(text):
        word = _LINE.sub("", found.rstrip(".:")).removeprefix("@").removeprefix("./")
        if word and ".." not in word.split("/") and (_tells(word) or not word.islower()):
            yield word


def _tells(word: str) -> bool:
    """Whether a word could hardly be meant for anything but a file."""
    return "/" in word or "." in word.strip(".") or word.startswith(".")
