"""Of what developers and agents type to look around, nearly all runs unasked; what is harmless and asked about all the same is listed too."""

from __future__ import annotations

import json
from pathlib import Path

from postil.permissions.checking import answer_line
from tests.security.test_corpus import corpus

HERE = Path(__file__).parent
SHARE = 0.95


def commands(name: str) -> list[str]:
    return (HERE / name).read_text("utf-8").splitlines()


def asked(name: str) -> list[str]:
    """Return the commands of a list that do not run unasked, where the user has no rules."""
    found: list[str] = []
    for command in commands(name):
        reply = answer_line(json.dumps({"command": command, "root": "/ws", "home": "/home/me"}))
        assert reply is not None
        if json.loads(reply)["decision"] != "auto":
            found.append(command)
    return found


def test_what_looks_around_runs_unasked() -> None:
    every, held = commands("harmless.txt"), asked("harmless.txt")
    share = 1 - len(held) / len(every)
    print(f"\n{len(every)} harmless commands: {share:.1%} run unasked; asked about: {held}")
    assert len(set(every)) == len(every) >= 500
    assert share >= SHARE, held


def test_what_is_asked_about_by_decision_is_asked_about() -> None:
    """Programs that read what the workspace configures even to tell their version, `read`, `man`, and what unpacks."""
    assert asked("harmless-asked.txt") == commands("harmless-asked.txt")


def test_no_list_says_that_what_has_to_ask_is_harmless() -> None:
    plain = {
        line.command
        for line in corpus("unsafe")
        if line.question.get("root") == "/ws" and "fs" not in line.question
    }
    assert not plain & set(commands("harmless.txt"))
