"""The words of a program of which nothing more is known, each as whatever it could name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.nameable import is_bare, nameable
from postil.permissions.shell.touches.touched import Touched

_PLAIN = re.compile(r"[A-Za-z_./][\w./+-]*")
"""A word that names nothing but itself."""


def any_word(words: Sequence[Argument], *, whole: bool = False, names: bool = False) -> Iterator[Touched]:
    """Yield every path that one of the words could name; with `names`, a plain word is none."""
    seen: set[tuple[str, bool]] = set()
    for before, argument in zip(("", *(it.leading for it in words)), words, strict=False):
        known = argument.text is not None
        text = argument.text if argument.text is not None else argument.leading
        if known and (text, argument.pattern) in seen:
            continue
        seen.add((text, argument.pattern))
        counts = not (names and is_bare(text) and before[:1] != "-")
        plain = _PLAIN.fullmatch(text) is not None
        if not known or (plain and counts):
            yield Touched(argument, whole, certain=False)
        for name in nameable(text) if not plain else ():
            if name.text != text:
                each = Argument(name.text, argument.pattern, name.text)
                yield Touched(each, whole, certain=False, piece=name.piece)
            elif known and counts:
                yield Touched(argument, whole, certain=False, piece=name.piece)
