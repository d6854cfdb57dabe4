"""Private keys between their lines of dashes: each line of the key itself, whatever stands before it on the line."""

from __future__ import annotations

import re

BEGIN = "PRIVATE KEY"
_BEGINS = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_ENDS = re.compile(r"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(
    r"(?P<before>[ \t]*(?:\d{1,7}[\t:-] ?|[+\- ])?[ \t]*[\"'`#*/]{0,3}[ \t]*)(?P<key>[A-Za-z0-9+/=]{1,100})(?P<rest>[\\n\"'`,+ ]{0,8})\r?"
)
_HEADER = re.compile(
    r"[ \t]*(?:\d{1,7}[\t:-] ?|[+\- ])?[ \t]*[\"'#*/]{0,3}[ \t]*(?:[A-Za-z][A-Za-z0-9-]{1,30}: ?[^\n]{0,120})?(?:\\n)?[\"',+ ]{0,4}\r?"
)
_ONE_LINE = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----)((?:\\r|\\n|[A-Za-z0-9+/= ]){16,20000}?)(-----END )"
)
_LONGEST = 400
"""Lines that a key may have."""


def without_keys(text: str, mark: str) -> tuple[str, int]:
    """Return the text with the lines of private keys replaced by the mark, and how many keys there were."""
    if BEGIN not in text:
        return text, 0
    text, count = _ONE_LINE.subn(lambda it: f"{it[1]}{mark}{it[3]}", text)
    lines = text.split("\n")
    inside = 0
    for index, line in enumerate(lines):
        if _BEGINS.search(line) and not _ENDS.search(line):
            inside, count = _LONGEST, count + 1
        elif inside and _ENDS.search(line) is None and (found := _BODY.fullmatch(line)) is not None:
            lines[index] = f"{found['before']}{mark}{found['rest']}"
            inside -= 1
        elif inside and not (_HEADER.fullmatch(line) and _ENDS.search(line) is None):
            inside = 0
    return "\n".join(lines), count
