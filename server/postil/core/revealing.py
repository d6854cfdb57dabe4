"""Text from outside as it may be shown: what hides, reorders or steers is written as escapes, the same in every face."""

from __future__ import annotations

import re
import unicodedata

TITLE_LENGTH = 80

surrogate = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: what a byte becomes that is not UTF-8."""

_HIDING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but tab and line feed
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"  # joiners, fillers, direction marks
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"  # separators, embeddings, variants
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # shorthand, music, tags and more variants
)
_BLANKS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
"""Blanks that divide no words for a shell."""
_PICTURE = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
"""What the one variant of U+FE0F makes a picture of: there it hides nothing."""

_hiding = re.compile(f"[{_HIDING}]|(?<![{_PICTURE}])\ufe0f")
_misleading = re.compile(f"[{_HIDING}{_BLANKS}\ufe0f]")


_smuggling = re.compile(
    "[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]"
    "|[\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]{4,}"
)


def displayable(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD, so that it can be sent and shown."""
    return text if text.isascii() else surrogate.sub("\ufffd", text)


def revealed(text: str) -> str:
    """Return the text with characters that hide or reorder others written as escapes; lines stay lines."""
    return _hiding.sub(_escape, displayable(text))


def legible(text: str) -> str:
    """Return what a model is to read, with what could carry words that no person sees written as escapes: tags, overrides of
    direction, and long runs of characters without a shape. Joiners within words and pictures stay, so that text can be edited."""
    return text if text.isascii() else _smuggling.sub(_escape_all, text)


def smuggles(text: str) -> bool:
    """Whether `legible` would change the text."""
    return not text.isascii() and _smuggling.search(text) is not None


def exact(text: str) -> str:
    """Return a text that is approved word for word: revealed, and so are blanks that only look like a space."""
    return _misleading.sub(_escape, displayable(text))


def one_line(text: str, length: int = TITLE_LENGTH) -> str:
    """Return the text as one revealed line of at most `length` characters; line breaks show as `⏎`."""
    line = re.sub(r"\s*\n\s*", " ⏎ ", text.strip().replace("\r\n", "\n")).replace("\t", " ")
    return cut(revealed(line), length)


def cut(text: str, length: int) -> str:
    """Return at most `length` characters, an ellipsis among them where some were left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def shortened(text: str) -> str:
    """Return something that was sent, short enough to be quoted in an error."""
    return cut(revealed(text).replace("\n", "\\n"), TITLE_LENGTH)


def _escape_all(match: re.Match[str]) -> str:
    return "".join(map(_escaped, match.group()))


def _escape(match: re.Match[str]) -> str:
    return _escaped(match.group())


def _escaped(character: str) -> str:
    if character == "\r":
        return "\\r"
    code = ord(character)
    if unicodedata.category(character) == "Cc":
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
