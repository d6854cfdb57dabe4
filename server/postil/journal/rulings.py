"""What was decided and granted in a workspace's sessions, from their journals: only lines of that kind are parsed.

It is for people to look at. Nothing is decided by it, so sums are not held against each other, and a line that cannot be
read is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from postil.core.titles import title_of
from postil.journal.layout import JOURNAL, Layout
from postil.workspace.files.disk import Disk

Scope = Literal["session", "workspace"]

_CHUNK = 1 << 20
_TYPES = tuple(
    f'"type":"{name}"'.encode()
    for name in (
        "PermissionAsked",
        "PermissionDecided",
        "GrantAdded",
        "GrantRevoked",
        "PromptReceived",
        "SessionCreated",
    )
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision about a call."""

    at: float
    """Seconds since the epoch."""
    session_id: str
    verdict: str
    by: str
    """`rule`, `person` or `nobody`."""
    why: str
    subject: str = ""
    """The call in one line; empty in journals of old."""
    source: str = ""
    rules: tuple[str, ...] = ()
    """Those that decided."""
    lost: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    face: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One grant as its session's journal has it."""

    id: str
    rule: str
    scope: Scope
    at: float
    session_id: str
    question_id: str


@dataclass
class SessionRulings:
    """Those of one session."""

    session_id: str
    title: str = ""
    rulings: list[Ruling] = field(default_factory=list[Ruling])
    grants: dict[str, Given] = field(default_factory=dict[str, Given])
    """Given and not taken back, by their ids."""
    asked: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]
    )
    """What each question was about, the rules that lost and the checks that fired."""
    below: bool = False
    """Whether it is a sub-agent's: what it is granted was granted above, or holds no longer than its task."""
    faces: dict[str, str] = field(default_factory=dict[str, str])
    """Where each question was answered."""

    def take(self, at: float, event: dict[str, Any]) -> None:
        """Take one event into account."""
        match event.get("type"):
            case "PromptReceived" if not self.title:
                self.title = title_of(event)
            case "PermissionAsked":
                question = cast("dict[str, Any]", event.get("question") or {})
                told = str(question.get("subject", "")), _texts(event, "lost"), _texts(event, "checks")
                self.asked[str(question.get("id"))] = told
            case "PermissionDecided":
                self._decided(at, event)
            case "SessionCreated":
                self.below = event.get("parent") is not None
            case "GrantAdded" if not self.below:
                given = Given(
                    str(event["grant_id"]), str(event["rule"]), event["scope"], at, self.session_id,
                    str(event.get("question_id") or ""),
                )  # fmt: skip
                self.grants[given.id] = given
            case "GrantRevoked":
                self.grants.pop(str(event.get("grant_id")), None)
            case _:
                pass

    def _decided(self, at: float, event: dict[str, Any]) -> None:
        question_id, face = str(event.get("question_id") or ""), str(event.get("face", ""))
        subject, lost, checks = self.asked.get(question_id, ("", (), ()))
        rule = str(event.get("rule", ""))
        self.faces[question_id] = face
        self.rulings.append(
            Ruling(
                at, self.session_id, str(event["decision"]), str(event["by"]), str(event.get("why", "")),
                str(event.get("subject") or subject), str(event.get("source", "")),
                tuple(rule.split("\n")) if rule else (),
                _texts(event, "lost") or lost, _texts(event, "checks") or checks, face,
            )
        )  # fmt: skip


class RulingLog:
    """What the journals of a workspace say; looked at again, it reads what is new alone. Blocking."""

    def __init__(self, layout: Layout, root: Path) -> None:
        self._layout = layout
        self._root = root
        self._read: dict[Path, tuple[int, SessionRulings]] = {}

    def mark(self) -> tuple[tuple[str, int], ...]:
        """Return what changes when there is something new to read. Raises OSError."""
        folders = (folder for folder, _ in self._layout.sessions(self._root))
        return tuple((it.name, self._layout.disk.size(it / JOURNAL) or 0) for it in folders)

    def read(self) -> list[SessionRulings]:
        """Return every session's, as of now. Raises OSError."""
        found: dict[Path, tuple[int, SessionRulings]] = {}
        for folder, _ in self._layout.sessions(self._root):
            offset, rulings = self._read.get(folder, (0, SessionRulings(folder.name)))
            size = self._layout.disk.size(folder / JOURNAL) or 0
            if size < offset:  # Its end was taken back.
                offset, rulings = 0, SessionRulings(folder.name)
            if size > offset:
                offset = _take(self._layout.disk, folder / JOURNAL, offset, rulings)
            found[folder] = offset, rulings
        self._read = found
        return [rulings for _, rulings in found.values()]


def _take(disk: Disk, path: Path, offset: int, rulings: SessionRulings) -> int:
    """Take every whole line from `offset` on; returns how far that is."""
    with disk.open_read(path) as file:
        file.seek(offset)
        rest = b""
        while chunk := file.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            offset += sum(len(line) + 1 for line in lines)
            for line in lines:
                _take_line(line, rulings)
    return offset


def _take_line(line: bytes, rulings: SessionRulings) -> None:
    if not any(mark in line for mark in _TYPES):
        return
    try:
        data = json.loads(line)
        rulings.take(float(data["at"]), data["event"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return


def _texts(event: dict[str, Any], name: str) -> tuple[str, ...]:
    found: object = event.get(name)
    return tuple(map(str, cast("Iterable[object]", found))) if isinstance(found, list) else ()
