"""Searching lines without ripgrep: runs in a child process, which can be ended when an expression runs away.

The standard library only, and little of it: this starts anew for every search.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

LONGEST_LINE = 500
_POSIX = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "0-9a-zA-Z", "upper": "A-Z", "lower": "a-z", "space": r"\s", "word": r"\w",
    "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9a-fA-F", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f",
}  # fmt: skip
_BEYOND = re.compile(r"(?<!\\)(?:\\\\)*(?:\(\?(?:<?[=!]|P=)|\\[1-9])")


class _TooLarge(Exception):
    """A file that is not held in memory to be searched."""


def searchable(data: bytes) -> str | None:
    """Return the text to be searched, None for a binary file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
        return None if "\0" in text else text
    if b"\0" in data:
        return None
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def lines_of(text: str) -> list[str]:
    r"""Return the lines without their endings; `\n` and `\r\n` end one."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def renumbered(text: str) -> Callable[[int], int]:
    r"""Return what turns the number of a line that `\n` ends into the editor's, to whom `\r` alone ends one too."""
    if text.count("\r") == text.count("\r\n"):
        return lambda number: number
    before = [0]
    for line in lines_of(text):
        before.append(before[-1] + line.count("\r"))
    return lambda number: number + before[number - 1]


def shown(line: str) -> str:
    """Return a line as a result shows it: not too long, and without bytes that are no text."""
    cut = line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …"
    return re.sub("[\ud800-\udfff]", "\ufffd", cut)


def compiled(pattern: str, *, literal: bool, ignore_case: bool) -> re.Pattern[str]:
    """Compile what ripgrep would take; raises re.error."""
    flags = re.IGNORECASE if ignore_case else 0
    if literal:
        return re.compile(re.escape(pattern), flags)
    if _BEYOND.search(pattern):
        raise re.error("look-around and backreferences are not supported")
    pattern = re.sub(r"\[:(\w+):\]", lambda name: _POSIX.get(name[1], name[0]), pattern)
    pattern = re.sub(r"(?<!\\)((?:\\\\)*)\\z", r"\1\\Z", pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern, flags)


def _hits(text: str, expression: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    number_of = renumbered(text)
    for number, line in enumerate(lines_of(text), 1):
        if expression.search(line):
            yield number_of(number), shown(line)


def _text_of(item: dict[str, Any], most: int) -> str | None:
    if "text" in item:
        return item["text"].removeprefix("\ufeff") if "\0" not in item["text"] else None
    try:
        with open(item["path"], "rb") as file:  # noqa: PTH123 - pathlib takes longer to import than this to run
            data = file.read(most + 1)
    except OSError:
        return None
    if len(data) > most:
        raise _TooLarge
    return searchable(data)


def main() -> None:
    """Answer one question, given as JSON on standard input: a line of JSON for each hit, and one at the end."""
    question = json.load(sys.stdin.buffer)
    write = sys.stdout.write
    try:
        expression = compiled(
            question["pattern"], literal=question["literal"], ignore_case=question["ignore_case"]
        )
    except (re.error, OverflowError, RecursionError) as error:
        write(json.dumps({"error": str(error)}) + "\n")
        return
    left = question["limit"]
    for index, item in enumerate(question["items"]):
        try:
            text = _text_of(item, question["most"])
        except _TooLarge:
            write(json.dumps({"large": index}) + "\n")
            continue
        for number, line in _hits(text, expression) if text is not None else ():
            write(json.dumps({"item": index, "line": number, "text": line}) + "\n")
            left -= 1
            if not left:
                return
        sys.stdout.flush()
