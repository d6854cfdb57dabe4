"""How much the tests marked `counted` try: options of pytest, which `make soak` raises."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import pytest


def _count(default: int, what: str) -> int:
    return field(default=default, metadata={"what": what})


@dataclass(frozen=True, slots=True)
class Counts:
    """What to try at the least, one option each: `--disk-states` and so on."""

    disk_states: int = _count(20_000, "states that power cuts leave of turns that edit files")
    server_kills: int = _count(60, "kills of the real server before an editor")
    ask_kills: int = _count(20, "kills of `postil ask`")
    small_kills: int = _count(100, "kills of a small process with a journal and an agent alone")
    shell_lines: int = _count(20_000, "scripts that the guard reads, beside bash and shfmt")
    shell_words: int = _count(5_000, "words that bash hands over, beside what the guard reads")
    shell_noise: int = _count(50_000, "texts at which the guard's parser may not fail")
    typing_rounds: int = _count(
        60, "bursts of a person's keys while the agent writes into the same documents"
    )
    seed: int = _count(1, "no count, but what random moments and samples are drawn from")

    @classmethod
    def add_options(cls, parser: pytest.Parser) -> None:
        """Add an option for each."""
        for one in fields(cls):
            words = f"{one.metadata['what']} ({one.default})"
            parser.addoption(
                f"--{one.name.replace('_', '-')}", type=int, default=one.default, metavar="N", help=words
            )

    @classmethod
    def of(cls, config: pytest.Config) -> Counts:
        """Return what was asked for."""
        return cls(**{one.name: int(str(config.getoption(one.name))) for one in fields(cls)})
