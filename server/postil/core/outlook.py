"""How a command would run, as it is looked up before anything happens: what a person approves, and what is compared when it starts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Starts:
    """What a command line says that it starts."""

    programs: tuple[str, ...] = ()
    """By the words that name them, each once, in order."""
    perhaps: tuple[str, ...] = ()
    """What may stand behind other programs, such as sudo."""
    files: tuple[Path, ...] = ()
    """What programs that run code may be given as code; absolute, there or not."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What a command reads at a path instead of the file that lies there."""

    path: Path
    """Resolved; a regular file lies there."""
    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a command would run."""

    sandbox: str = ""
    """What it is confined by; empty where it runs outside of any."""
    why_outside: str = ""
    """Why it runs outside, where nobody asked for that."""
    network: bool = False
    """Whether its sandbox has a network."""
    lays_over: bool = False
    """Whether files can be laid over for it where it runs confined."""
    programs: tuple[tuple[str, str], ...] = ()
    """Words that name programs, each with the file that it means; empty for one that is not found."""
    files: tuple[Path, ...] = ()
    """Files of the workspace that it runs as code, resolved."""
    marks: Mapping[str, str] = field(default_factory=dict[str, str])
    """What has to be the same when it starts, by what a person calls it, each with a hash of what it is."""

    def marked(self, marks: Mapping[str, str]) -> Outlook:
        """Return the outlook with further marks."""
        return replace(self, marks={**self.marks, **marks})


def mark(*parts: object) -> str:
    """Return a short hash of what something is."""
    text = "\0".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what is not as it was, sorted."""
    return sorted(it for it in {*before, *now} if before.get(it) != now.get(it))
