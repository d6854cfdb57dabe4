"""HTML as Markdown, in one pass over what the parser tells: no tree, so that no page is too deep and time grows with its length alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, cast

MOST = 2_000_000
"""Characters of HTML that are looked at."""
_SILENT: Final = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "canvas",
    "audio",
    "video",
}
_AROUND: Final = {"nav", "footer", "aside", "form", "button", "select", "dialog"}
_BLOCKS: Final = {
    "address", "article", "blockquote", "body", "details", "div", "dl", "fieldset", "figcaption", "figure", "header", "html", "main", "p",
    "section", "summary", "table",
}  # fmt: skip
_HEADINGS: Final = {f"h{level}": "#" * level for level in range(1, 7)}
_BLANKS = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")
_ENDS = re.compile(r"[ \t]+\n")
_ENOUGH = 200
"""Characters that the part which a page calls its main one has to have, to be taken for it."""
_DEEPEST_LIST = 6
_MOST_PIECES = 50
_LONGEST_LINK = 1_000
"""Pieces and characters of what is shown as a link."""


def html_text(html: str) -> str:
    """Return what a page says, as Markdown: its main part where it names one, without what stands around it."""
    etree: Any = import_module("lxml.etree")  # not before the first page
    writer = _Writer()
    parser = etree.HTMLParser(target=writer, encoding="utf-8", huge_tree=False, recover=True)
    parser.feed(html[:MOST].replace("\0", "").encode("utf-8", "replace"))
    return cast("str", parser.close())


class _Writer:
    """Takes elements as they begin and end, and writes down what they mean for a reader."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._title: list[str] = []
        self._in_title = False
        self._hidden = 0
        self._pre = 0
        self._lists: list[int | None] = []
        """Of each list that is open, the number of its last item; None where they have none."""
        self._links: list[tuple[int, str]] = []
        self._main: tuple[int, int] | None = None
        self._cells = 0
        self._headed = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        if tag in _SILENT or tag in _AROUND:
            self._hidden += 1
        elif tag == "title":
            self._in_title = not self._title
        if self._hidden:
            return
        if tag in _HEADINGS:
            self._write(f"\n\n{_HEADINGS[tag]} ")
        elif tag in _BLOCKS:
            self._write("\n\n")
            if tag == "main" and self._main is None:
                self._main = (len(self._pieces), 0)
        elif tag == "a":
            self._links.append((len(self._pieces), attributes.get("href", "")))
        elif tag in ("td", "th"):
            self._write("| ")
            self._cells += 1
            self._headed = self._headed or tag == "th"
        else:
            self._begin(tag)

    def _begin(self, tag: str) -> None:
        match tag:
            case "br" | "dt":
                self._write("\n")
            case "dd":
                self._write("\n: ")
            case "hr":
                self._write("\n\n---\n\n")
            case "pre":
                self._write("\n\n```\n" if not self._pre else "\n")
                self._pre += 1
            case "code" if not self._pre:
                self._write("`")
            case "ul" | "ol":
                self._write("" if self._lists else "\n\n")
                self._lists.append(0 if tag == "ol" else None)
            case "li":
                self._item()
            case "tr":
                self._write("\n")
                self._cells, self._headed = 0, False
            case _:
                pass

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag in _SILENT or tag in _AROUND:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "title":
            self._in_title = False
        elif self._hidden:
            return
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._write("\n\n")
            if tag == "main" and self._main is not None and not self._main[1]:
                self._main = (self._main[0], len(self._pieces))
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._write("" if self._lists else "\n\n")
        else:
            self._finish(tag)

    def _finish(self, tag: str) -> None:
        match tag:
            case "pre" if self._pre:
                self._pre -= 1
                self._write("\n```\n\n" if not self._pre else "\n")
            case "code" if not self._pre:
                self._write("`")
            case "td" | "th":
                self._write(" ")
            case "tr" if self._cells:
                self._write("|" + (f"\n{'| --- ' * self._cells}|" if self._headed else ""))
            case _:
                pass

    def data(self, text: str) -> None:
        """Take text."""
        if self._in_title:
            self._title.append(text)
        elif self._pre and not self._hidden:
            self._write(text)
        elif not self._hidden:
            plain = _BLANKS.sub(" ", text)
            begins = not self._pieces or self._pieces[-1].endswith(("\n", " "))
            self._write(plain.lstrip() if begins else plain)

    def comment(self, text: str) -> None:
        """Leave comments out."""

    def close(self) -> str:
        """Return what was written."""
        title = _BLANKS.sub(" ", "".join(self._title)).strip()
        said = self._main_part() or _tidied("".join(self._pieces))
        return f"# {title}\n\n{said}".strip() if title and title not in said[: len(title) + 10] else said

    def _main_part(self) -> str:
        if self._main is None or not self._main[1]:
            return ""
        part = _tidied("".join(self._pieces[self._main[0] : self._main[1]]))
        return part if len(part) >= _ENOUGH else ""

    def _item(self) -> None:
        indent = "  " * min(max(0, len(self._lists) - 1), _DEEPEST_LIST)
        last = self._lists[-1] if self._lists else None
        if last is not None:
            self._lists[-1] = last + 1
        self._write(f"\n{indent}{'-' if last is None else f'{last + 1}.'} ")

    def _link(self, began: int, address: str) -> None:
        """Write a link whose text stands since then; one that leads nowhere, or says nothing, is its text."""
        leads = address and not address.startswith(("#", "javascript:", "data:")) and not self._pre
        held = self._pieces[began:] if len(self._pieces) - began < _MOST_PIECES else []
        # Links within links would else be copied again and again.
        said = "".join(held) if sum(map(len, held)) < _LONGEST_LINK else ""
        if leads and said.strip() and "\n" not in said.strip():
            self._pieces[began:] = [f"[{said.strip()}]({address.strip()})"]

    def _write(self, text: str) -> None:
        if text:
            self._pieces.append(text)


def _tidied(text: str) -> str:
    return _ENDS.sub("\n", _EMPTY_LINES.sub("\n\n", text)).strip()
