"""What a check said in a few words, from what it printed: `12 passed` and the like, which no verdict rests on."""

from __future__ import annotations

import re

from postil.core.revealing import one_line

_LONGEST = 80
_TAIL = 4_000
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_OURS = re.compile(r"\[.*\]|exit code -?\d+.*|\(no output\)")
"""What the tool `shell` adds behind a command's output."""
_PYTEST = re.compile(
    r"\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed)(?:, \d+ (?:passed|failed|errors?|skipped|xfailed|xpassed))*|no tests ran"
)
_CARGO = re.compile(r"test result: \w+\. (\d+ passed; \d+ failed)")
_TELLS = re.compile(
    r"\b(pass(ed|ing)?|fail(ed|ing|ures?)?|errors?|ok|success|problems?|issues?|warnings?|tests?)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(r"^[=\-\s#*✖✔✓]+|[=\-\s]+$")


def summary(content: str) -> str:
    """Return the words; empty where nothing in the output tells."""
    lines = [_COLOURS.sub("", it).strip() for it in content.splitlines()]
    lines = [it for it in lines if it and not _OURS.fullmatch(it)]
    for line in reversed(lines):
        if found := _CARGO.search(line):
            return found.group(1)
        if found := _PYTEST.search(line):
            return found.group(0)
    told = next((it for it in reversed(lines) if _TELLS.search(it)), "")
    return one_line(_NOISE.sub("", told), _LONGEST)


def tail(content: str) -> str:
    """Return the end of what was printed."""
    return content if len(content) <= _TAIL else f"…{content[-_TAIL:]}"
