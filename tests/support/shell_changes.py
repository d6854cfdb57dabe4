"""Commands with single characters taken out, put in or swapped."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "security" / "corpus"
LETTERS = "'\"\\$`(){}[]<>|&;#!*?~= \n\tax01-+,:/%^@_"

half_a_character = re.compile("[\ud800-\udfff]")


def corpus_commands() -> list[str]:
    """Return every command of the corpus once, in order, but for those that no process can be given."""
    lines = [
        line
        for name in ("readonly", "unsafe", "deny")
        for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    commands = {str(json.loads(it)["command"]) for it in lines}
    return sorted(it for it in commands if not half_a_character.search(it))


def changed(command: str, chance: random.Random) -> str:
    """Return the command with one to three characters changed."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randint(0, len(command))
        letter = chance.choice(LETTERS)
        command = chance.choice(
            (
                command[:at] + command[at + 1 :],
                command[:at] + letter + command[at:],
                command[:at] + letter + command[at + 1 :],
                command[:at] + command[at + 1 : at + 2] + command[at : at + 1] + command[at + 2 :],
            )
        )
    return command
