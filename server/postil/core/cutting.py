"""Where a text that is too long is cut: between lines, else between words, so that nothing is left of a secret in half."""

from __future__ import annotations

_FAR = 2_000
"""Characters that a cut moves at most for the sake of a word."""


def beginning(text: str) -> str:
    """Return the text without its last line or word, which may go on in what is left out."""
    if "\n" in text:
        return text[: text.rindex("\n") + 1]
    kept = max(text.rfind(" "), text.rfind("\t")) + 1
    return text[:kept] if len(text) - kept <= _FAR else text


def ending(text: str) -> str:
    """Return the text without its first line or word, which may have begun in what is left out."""
    if "\n" in text:
        return text[text.index("\n") + 1 :]
    places = [at for at in (text.find(" "), text.find("\t")) if 0 <= at < _FAR]
    return text[min(places) :] if places else text
