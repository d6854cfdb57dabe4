"""No short line costs the guard more than a moment: what it goes through is counted, over all loops and wrappers."""

from __future__ import annotations

import json
import sys
from types import FrameType

import pytest

from postil.permissions.checking import answer_line

MOST_CALLS = 600_000
"""Calls of Python functions that a judgement may take: a fraction of a second, counted so that every machine agrees."""


def nested(depth: int, values: int, body: str) -> str:
    words = " ".join(map(str, range(values)))
    opened = "".join(f"for v{level} in {words}; do " for level in range(depth))
    return f"{opened}{body}{'; done' * depth}"


TOO_MUCH = {
    "seven loops of nine": nested(7, 9, 'ls "$v0"'),
    "seven loops of five": nested(7, 5, "ls"),
    "four loops of eight": nested(4, 8, 'cat "$v0/$v3"'),
    "loops behind a shell": f"bash -c '{nested(7, 9, 'ls')}'",
    "loops in a substitution": f'echo "$({nested(7, 9, "ls")})"',
    "braces": "ls " + " ".join(["{1..60}"] * 200),
    "braces in a loop": nested(2, 16, "ls {1..60} {1..60} {1..60}"),
    "folders": "; ".join(f"cd d{number}" for number in range(40)) + "; cat a",
    "shells in shells": "; ".join(["bash -c 'sudo env a=1 env a b c d e f g h i j k l m n'"] * 50),
    "wrapped words": 'bash -c "' + " ".join(f"tee .g*/x{number}" for number in range(700)),
    "wrapped options": "eval '" + " ".join(f"-a{number}" for number in range(1_300)),
    "wrapped patterns": 'bash -c "' + " ".join(f"rm -rf *{number}" for number in range(650)),
    "many commands": "echo if ls; then " * 400,
    "a long line": "cat " + "a " * 4_000,
    "a very long line": "cat " + "a " * 400_000,
}


@pytest.mark.parametrize("line", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_line_that_comes_to_too_much_is_asked_about_at_once(line: str) -> None:
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"
        if calls > MOST_CALLS:
            raise RecursionError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        answer = answer_line(json.dumps({"command": line, "root": "/ws"}))
    finally:
        sys.setprofile(before)
    assert calls <= MOST_CALLS
    assert answer is not None
    assert json.loads(answer)["decision"] == "ask"


def test_the_answer_names_the_check() -> None:
    answer = answer_line(json.dumps({"command": TOO_MUCH["seven loops of nine"], "root": "/ws"}))
    assert answer is not None
    assert "size" in json.loads(answer)["checks"]


def test_what_is_behind_too_much_is_still_denied() -> None:
    line = nested(7, 9, "ls") + "; rm -rf /"
    answer = answer_line(json.dumps({"command": line, "root": "/ws", "rules": {"allow": ["Bash(*)"]}}))
    assert answer is not None
    assert json.loads(answer)["decision"] == "deny"


def test_a_rule_of_many_stars_is_held_against_a_long_line_at_once() -> None:
    rules = {"allow": ["Bash(x * a * b * c * d * z)"]}
    line = "x " + "a b c d " * 150
    assert (
        json.loads(answer_line(json.dumps({"command": line, "root": "/ws", "rules": rules})) or "")[
            "decision"
        ]
        == "ask"
    )
    line += "z"
    assert (
        json.loads(answer_line(json.dumps({"command": line, "root": "/ws", "rules": rules})) or "")[
            "decision"
        ]
        == "auto"
    )


def test_two_loops_of_ten_still_run_unasked() -> None:
    answer = answer_line(json.dumps({"command": nested(2, 10, 'ls "$v0"'), "root": "/ws"}))
    assert answer is not None
    assert json.loads(answer)["decision"] == "auto"
