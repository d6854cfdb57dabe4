"""A pattern may stand for every name that bash says it does, and for few others."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence

from postil.permissions.shell.wildcards import wildcard

NAMES = (
    ".env", "aenv", ".anv", "a", "b", "ab", "[a", "a]b", "-", "a-b", "!", "^", "A", "Z", "z1", "1", "[", "]", "x[y", ":a", "a:", ".=", "[:a",
)  # fmt: skip
LETTERS = "abzAZ019.[]!^-*?:=env"
ENDINGS = (
    "[[:alpha:]]nv",
    "[^x]nv",
    "[!x]",
    "[a-z]nv",
    "[]a]",
    "[z-a]nv",
    "[[.x.]]",
    "[[=e=]]nv",
    "[[:alpha]nv",
)
TRIED = 4_000
MATCH = """
while IFS= read -r pattern; do
    for name in "$@"; do [[ $name == $pattern ]] && printf 1 || printf 0; done
    echo
done
"""


def test_it_stands_for_what_bash_says() -> None:
    patterns = some_patterns()
    rows = matched_by_bash(patterns)
    wider = 0
    for pattern, row in zip(patterns, rows, strict=True):
        for name, matched in zip(NAMES, row, strict=True):
            ours = wildcard(pattern).may_be(name)
            assert ours or matched == "0", (pattern, name)
            wider += ours and matched == "0"
    assert 0 < wider < len(patterns) // 4


def some_patterns() -> Sequence[str]:
    chance = random.Random(1)
    found = {
        chance.choice(("", "."))
        + "".join(chance.choices(LETTERS, k=chance.randint(1, 6)))
        + chance.choice(("", chance.choice(ENDINGS)))
        for _ in range(TRIED)
    }
    return sorted(found)


def matched_by_bash(patterns: Sequence[str]) -> Sequence[str]:
    done = subprocess.run(
        ["bash", "--norc", "-c", MATCH, "bash", *NAMES],
        input="".join(f"{it}\n" for it in patterns),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()
