"""Bytes and text: what a file's encoding is, kept so that writing changes nothing else."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from postil.core.errors import EditRefused, NotText

MARK = "\ufeff"
"""A byte order mark where it stands in a text; the one at a file's beginning is kept aside."""
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_ESCAPED = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[^\x00-\x7f\udc80-\udcff]")
_FEW = 8
_SHARE = 10


@dataclass(frozen=True, slots=True)
class Form:
    """What a text does not say about its bytes."""

    encoding: str = "utf-8"
    mark: bytes = b""
    """The byte order mark, kept aside."""


def form_of(encoding: str, *, mark: bool) -> Form:
    """Return the form of a file in that encoding. Raises EditRefused for one that we do not write."""
    marks = {"utf-8": codecs.BOM_UTF8, **{name: bytes_ for bytes_, name in _UTF16.items()}}
    if encoding not in marks:
        raise EditRefused(f"Files in {encoding} are not written.")
    return Form(encoding, marks[encoding] if mark else b"")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and its form; bytes that are not UTF-8 stand in it as lone surrogates."""

    text: str
    form: Form

    @property
    def plain(self) -> bool:
        """Whether every byte was understood."""
        return _ESCAPED.search(self.text) is None


def decode(data: bytes) -> Decoded:
    """Read bytes as text, so that `encode` gives the same bytes; raises NotText."""
    for mark, encoding in _UTF16.items():
        if data.startswith(mark) and not data.startswith(_UTF32):
            return _strict(data[len(mark) :], Form(encoding, mark))
    if b"\0" in data:
        raise NotText("It is binary.")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data[len(mark) :].decode("utf-8", "surrogateescape")
    if not text.isascii():
        bad = len(_ESCAPED.findall(text))
        if bad > max(_FEW, len(data) // _SHARE):
            raise NotText(f"{bad} of its {len(data)} bytes are not UTF-8, so its encoding is not known.")
    return Decoded(text, Form("utf-8", mark))


def _strict(data: bytes, form: Form) -> Decoded:
    try:
        text = data.decode(form.encoding)
    except UnicodeDecodeError as error:
        raise NotText(f"It begins like {form.encoding.upper()[:6]} and then is not.") from error
    if "\0" in text:
        raise NotText("It is binary.")
    return Decoded(text, form)


def encode(text: str, form: Form = Form()) -> bytes:
    """Return the bytes of a text in the form; raises EditRefused where it cannot be written so."""
    if "\0" in text:
        raise EditRefused("The new text holds a NUL character; the file would be binary.", "Leave it out.")
    try:
        return form.mark + text.encode(
            form.encoding, "surrogateescape" if form.encoding == "utf-8" else "strict"
        )
    except UnicodeEncodeError as error:
        bad = f"U+{ord(text[error.start]):04X}"
        raise EditRefused(f"The new text holds {bad}, which is no character.", "Leave it out.") from error


def check_mixing(before: Decoded, after: str) -> None:
    """Raise EditRefused where characters would be added as UTF-8 to a file that is in another encoding."""
    if not before.plain and len(_FOREIGN.findall(after)) > len(_FOREIGN.findall(before.text)):
        raise EditRefused(
            "The file is not UTF-8 and its encoding is not known; new characters beyond ASCII would mix two.",
            "Use ASCII in this file, or have it converted to UTF-8 first.",
        )


def visible(text: str) -> str:
    """Return the text fit for JSON and people: bytes that are not UTF-8 show as U+FFFD."""
    return _ESCAPED.sub("\ufffd", text)


def same_text(buffer: str, data: bytes) -> bool:
    """Whether an editor that shows `buffer` shows these bytes, unchanged.

    Editors guess encodings of their own, and some add the last line's missing ending on loading.
    """
    return any(_shows(buffer, text) for text in _readings(data))


def is_replaced(buffer: str, data: bytes) -> bool:
    """Whether the buffer shows U+FFFD for bytes of the file that its editor could not read: saving it loses them."""
    if "\ufffd" not in buffer:
        return False
    try:
        return not decode(data).plain
    except NotText:
        return True


def _readings(data: bytes) -> Iterator[str]:
    with suppress(NotText):
        text = decode(data).text
        yield text
        yield visible(text)
    yield data.decode("latin-1")
    yield data.decode("cp1252", "replace")


def _shows(buffer: str, text: str) -> bool:
    """Whether they are the same but for a final line ending, which editors add when they save, or leave out."""
    return buffer == text or buffer in _ended(text) or text in _ended(buffer)


def _ended(text: str) -> tuple[str, ...]:
    return () if text.endswith(("\n", "\r")) else (text + "\n", text + "\r\n")
