"""Of a hundred typical commands of coding agents, those that only look around run unasked, and no other does."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from postil.permissions.checking import answer_line

LIST = Path(__file__).parent / "typical.txt"
LOOKS = 61
"""So many look around; those behind them build, test, install, edit or commit."""
MOST_ASKED = 0.42
"""The share that may ask."""


def decisions() -> list[tuple[str, str]]:
    """Return the commands with what is decided about each, where the user has no rules."""
    found: list[tuple[str, str]] = []
    for command in LIST.read_text("utf-8").splitlines():
        reply = answer_line(json.dumps({"command": command, "root": "/ws", "home": "/home/me"}))
        assert reply is not None
        found.append((command, str(json.loads(reply)["decision"])))
    return found


def test_the_share_of_typical_commands_that_ask() -> None:
    found = decisions()
    kinds = Counter(decision for _, decision in found)
    share = kinds["ask"] / len(found)
    looking = [command for command, decision in found[:LOOKS] if decision != "auto"]
    print(f"\n{len(found)} typical commands: {dict(kinds)}; {share:.0%} ask; looking around: {looking}")
    assert len({command for command, _ in found}) == len(found) == 100
    assert share <= MOST_ASKED
    assert kinds["deny"] == 0
    assert len(looking) <= 3, looking


def test_nothing_that_changes_something_runs_unasked() -> None:
    assert [command for command, decision in decisions()[LOOKS:] if decision == "auto"] == []
