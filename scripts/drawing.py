"""Draws what a terminal showed as a picture that fetches nothing and keeps its spaces."""

from __future__ import annotations

import re

from rich.console import Console

_FETCHED = re.compile(r"\s*@font-face \{[^}]*\}")


def drawn(console: Console, title: str) -> str:
    """Return the picture, as SVG, of what a console has recorded.

    Whoever looks at it asks nobody for a font: the first that is there of those it names will do.
    """
    picture = _FETCHED.sub("", console.export_svg(title=title))
    # Not every program that draws it keeps spaces at the start of a text.
    return picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
