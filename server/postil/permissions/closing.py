"""Rules about files, as the shell guard asks for them: what stands before a path that a command would read or write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from postil.permissions.matching import covers
from postil.permissions.rule import Rule
from postil.permissions.shell.surroundings import Closed, Surroundings

_WILD = re.compile(r"[*?\[!]")


def closed_by(around: Surroundings, rules: Iterable[Rule]) -> Surroundings:
    """Return the surroundings with what `Read` rules keep back and what `Edit` rules deny."""
    standing = sorted(
        (it for it in rules if it.verdict == "deny" or (it.verdict == "ask" and it.kind == "Read")),
        key=lambda it: (it.verdict != "deny", it.text, it.source),
    )
    reading = [it for it in standing if it.kind == "Read"]
    editing = [it for it in standing if it.kind == "Edit"]
    return replace(
        around,
        kept_back=_finder(reading, around),
        closed=_finder(editing, around),
        kept_below=tuple((_fixed(it.pattern or "", around), it.text) for it in reading),
        closed_below=tuple((_fixed(it.pattern or "", around), it.text) for it in editing),
    )


def _finder(standing: list[Rule], around: Surroundings) -> Callable[[str], Closed | None]:
    def find(path: str) -> Closed | None:
        rule = next((it for it in standing if covers(it, path, around)), None)
        return Closed(rule.text, rule.verdict == "deny") if rule is not None else None

    return find


def _fixed(pattern: str, around: Surroundings) -> str:
    """Return the folder that all which a pattern covers lies in: its words before the first wildcard."""
    root = around.roots[0] if around.roots else "/"
    if pattern.startswith("//"):
        base, rest = "/", pattern.lstrip("/")
    elif pattern.startswith("~/"):
        base, rest = around.home, pattern[2:]
    elif "/" not in pattern.rstrip("/"):
        return root
    else:
        base, rest = root, pattern.removeprefix(".").lstrip("/")
    fixed: list[str] = []
    for part in rest.split("/"):
        if _WILD.search(part) or not part:
            break
        fixed.append(part)
    return "/".join([base.rstrip("/"), *fixed]) or "/"
