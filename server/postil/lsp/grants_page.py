"""The page of grants: its text, and what each of its lines is about."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.agent.grants import Grant, Overview
from postil.core.revealing import one_line
from postil.journal.rulings import Ruling
from postil.lsp.markdown import code, escaped
from postil.permissions.lasting import also_allows
from postil.workspace.uris import path_to_uri

_DAY = 86_400
_SHOWN = 120
_OPENING = (
    "What runs here unasked because you said so. *Revoke* is on each line, as a lens and as a code action, and counts from the next "
    "decision on. This page is written anew whenever something changes; a hover says more of each line."
)
_FACES = {"lsp": "in the editor", "cli": "in the terminal"}
_SCOPES = (
    ("workspace", "Always in this workspace"),
    ("session", "For one session"),
    ("user", "In your own settings"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """One state of the page."""

    text: str
    subjects: dict[str, Grant | Ruling]
    """What a line is about, by its text."""
    overview: Overview

    def grants(self, lines: Iterable[str]) -> Iterator[tuple[int, Grant]]:
        """Yield the lines of a document, by number, that are about grants which can be revoked."""
        for number, line in enumerate(lines):
            subject = self.subjects.get(line.rstrip("\r\n"))
            if isinstance(subject, Grant) and subject.id:
                yield number, subject


def page_of(overview: Overview, root: Path, now: float) -> Page:
    """Return the page as of now."""
    subjects: dict[str, Grant | Ruling] = {}
    parts = ["# Grants", _OPENING, f"Workspace: {code(str(root))}"]
    for scope, title in _SCOPES:
        lines: list[str] = []
        for grant in (it for it in overview.grants if it.scope == scope):
            lines += [line := _grant(grant, now), *_asked(grant)]
            subjects[line] = grant
        parts += [f"## {title}", "\n".join(lines) or "None."]
    rows = [(_ruling(it), it) for it in overview.recent]
    subjects |= rows
    parts += ["## The last decisions", "\n".join(line for line, _ in rows) or "None yet."]
    return Page("\n\n".join(parts) + "\n", subjects, overview)


def _grant(grant: Grant, now: float) -> str:
    words = [f"- {code(grant.rule)}"]
    if grant.file:
        words.append(f"in [{escaped(Path(grant.file).name)}]({path_to_uri(Path(grant.file))})")
    else:
        words.append(f"given {_when(grant.at)} ({_age(now - grant.at)}) by you{_face(grant.face)}")
    if not grant.uses:
        words.append("never used")
    else:
        words.append(f"used {grant.uses} time{'' if grant.uses == 1 else 's'}, last {_when(grant.used_at)}")
    return ", ".join(words)


def _asked(grant: Grant) -> Iterator[str]:
    session = f"in the session {code(grant.session_title)}" if grant.session_title else ""
    asked = f"when asked about {code(one_line(grant.asked, _SHOWN))}" if grant.asked else ""
    words = ", ".join(filter(None, (asked, session)))
    if words:
        yield f"    - {words}"


def _ruling(ruling: Ruling) -> str:
    verdict = {"allow": "allowed", "deny": "denied"}.get(ruling.verdict, ruling.verdict)
    by = f"by you{_face(ruling.face)}" if ruling.by == "person" else "as nobody was there to ask"
    if ruling.by == "rule":
        by = f"by {', '.join(map(code, ruling.rules))}" if ruling.rules else "by Postil itself"
    return f"- {_when(ruling.at)} {verdict} {code(one_line(ruling.subject, _SHOWN) or 'a call')}, {by}"


def hover_of(subject: Grant | Ruling, recent: Sequence[Ruling]) -> list[str]:
    """Return what there is to say of a line, as lines of plain words."""
    return _of_ruling(subject) if isinstance(subject, Ruling) else list(_of_grant(subject, recent))


def _of_grant(grant: Grant, recent: Sequence[Ruling]) -> Iterator[str]:
    yield f"{grant.rule} allows what it says"
    yield f"also allows: {also_allows(grant.rule)}"
    yield "a rule that asks or denies comes before it, and so does what never runs"
    for ruling in recent:
        if grant.rule in ruling.rules or any(grant.rule in it for it in ruling.lost):
            won = "won" if grant.rule in ruling.rules else "lost"
            by = "you" if ruling.by == "person" else ", ".join(ruling.rules) or "Postil itself"
            yield f"{_when(ruling.at)} {won}: {one_line(ruling.subject, _SHOWN)} ({ruling.verdict} by {by})"


def _of_ruling(ruling: Ruling) -> list[str]:
    won = ", ".join(ruling.rules)
    if ruling.by == "person":
        won = f"your answer{_face(ruling.face)}" + (f", which set {won}" if won else "")
    source = f" ({ruling.source.replace('_', ' ')})" if ruling.source and ruling.by == "rule" else ""
    lines = [f"won: {won or 'no rule'}{source}"]
    lines += [f"lost: {it}" for it in ruling.lost]
    lines.append(f"why: {ruling.why}")
    if ruling.checks:
        lines.append(f"checks that fired: {', '.join(ruling.checks)}")
    return lines


def _face(face: str) -> str:
    return f" {_FACES[face]}" if face in _FACES else ""


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _age(seconds: float) -> str:
    days = int(seconds // _DAY)
    if days < 1:
        return "less than a day ago"
    if days < 60:
        return f"{days} day{'' if days == 1 else 's'} ago"
    return f"{days // 30} months ago"
