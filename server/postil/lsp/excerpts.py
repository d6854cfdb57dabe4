"""Lines of a document as they are attached to a prompt: without secrets, also where what tells of one stands around them."""

from __future__ import annotations

from collections.abc import Sequence

from postil.lsp.positions import split_lines

_AROUND = 100
"""Lines on both sides in which a key may begin or end that goes through the excerpt."""


def excerpt(lines: Sequence[str], first: int, last: int) -> str:
    """Return the lines from the first to the last of these indices, both included, with marks for secrets."""
    from postil.core.redaction.redact import redact  # noqa: PLC0415 - loaded with the first prompt

    start = max(0, first - _AROUND)
    shown = split_lines(redact("".join(lines[start : last + 1 + _AROUND])).text)
    return "".join(shown[first - start : last - start + 1])
