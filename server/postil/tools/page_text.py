"""The text of a page: HTML as Markdown, text as it is, each in its encoding. Computes for long: in a thread."""

from __future__ import annotations

import codecs
import json
import re

from postil.core.errors import NotText
from postil.core.ports import Page
from postil.tools.html_text import html_text

_HTML = ("text/html", "application/xhtml+xml")
_TEXT = re.compile(
    r"text/.*|application/(?:.*\+)?(?:json|xml|yaml|toml|javascript|ecmascript|x-.*sh|sql|graphql|ld\+json|x-ndjson)|"
    r"application/(?:x-)?(?:yaml|toml|javascript|python|ruby|perl|tex|latex|subrip)|image/svg\+xml|message/.*"
)
_NOT_CHARSETS = {
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "utf_7",
    "mbcs",
    "oem",
}
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def text_of(page: Page) -> str:
    """Return what a page says, as text. Raises NotText for what is none."""
    kind = page.content_type
    if kind in _HTML or (not kind and _looks_like_html(page.body)):
        return html_text(decoded(page, _declared(page.body)))
    if kind and _TEXT.fullmatch(kind) is None:
        raise NotText(
            f"It is {kind}, {len(page.body):,} bytes: no text that can be read.", "Look for a page about it."
        )
    text = decoded(page)
    if "\0" in text:
        raise NotText("It is no text, whatever it says of itself.", "Look for a page about it.")
    return _indented(text) if kind.endswith("json") else text


def decoded(page: Page, declared: str = "") -> str:
    """Return the body as text: by its mark, by what the answer says, by what it says of itself, as UTF-8, else byte by byte."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if page.body.startswith(mark):
            return page.body.decode(name, "replace")
    named = charset(page.charset) or charset(declared)
    if named is not None:
        return page.body.decode(named, "replace")
    try:
        return page.body.decode()
    except UnicodeDecodeError as fault:
        # The beginning of a longer body may end within a character.
        cut = not page.whole and fault.start >= len(page.body) - 3
        return page.body.decode("utf-8" if cut else "cp1252", "replace")


def charset(named: str) -> str | None:
    """Return the codec of that name, None where there is none that is an encoding of text."""
    try:
        found = codecs.lookup(named.strip())
    except (LookupError, ValueError):
        return None
    is_text: object = getattr(found, "_is_text_encoding", False)
    return found.name if is_text and found.name.replace("-", "_") not in _NOT_CHARSETS else None


def _declared(body: bytes) -> str:
    """Return the encoding that a page names in its head."""
    found = _DECLARED.search(body[:4_000])
    return found[1].decode("ascii") if found is not None else ""


def _looks_like_html(body: bytes) -> bool:
    return re.match(rb"\s*(?:<!doctype html|<html|<head|<body)", body[:1_000], re.IGNORECASE) is not None


def _indented(text: str) -> str:
    """Return JSON that came in one long line with its lines; anything else as it is."""
    if "\n" in text.strip():
        return text
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
