"""Comments in which a prompt is written, told by how their lines begin: no parser is asked for each language."""

from __future__ import annotations

import re

_LEADER = r"(?:^|\s)(?:#|//|--|/\*+|;+|%|<!--)+\s+\w"
_MENTION_AT_END = re.compile(_LEADER + r".*\s@[\w.+/:$-]*\Z")
_COMMENT = re.compile(_LEADER + r".*")
_MENTIONED = re.compile(r"(?<=\s)@[\w.+-]+(?:[/:][\w.+-]+)*")


def ends_with_mention(line: str) -> bool:
    """Whether a mention is written at the end of a comment, after a word: tags of documentation stand first."""
    return _MENTION_AT_END.search(line) is not None


def mentioned_in_comments(text: str) -> list[str]:
    """Return what comments in a text mention, each once."""
    comments = (found[0] for line in text.splitlines() if (found := _COMMENT.search(line)))
    return list(dict.fromkeys(it.rstrip(".") for line in comments for it in _MENTIONED.findall(line)))
