"""The page of grants: its text, and what each of its lines is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.agent.granting.grant_words import SCOPES, asked, given, ruled, subject, used, when
from postil.agent.granting.grants import Grant, Overview
from postil.core.faces import acted_in
from postil.journal.rulings import Ruling
from postil.lsp.markdown import code, escaped
from postil.permissions.lasting import also_allows
from postil.workspace.files.uris import path_to_uri

_OPENING = (
    "What runs here unasked because you said so. *Revoke* is on each line, as a lens and as a code action, and counts from the next "
    "decision on. This page is written anew whenever something changes; a hover says more of each line."
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
            about = self.subjects.get(line.rstrip("\r\n"))
            if isinstance(about, Grant) and about.id:
                yield number, about


def page_of(overview: Overview, root: Path, now: float) -> Page:
    """Return the page as of now."""
    subjects: dict[str, Grant | Ruling] = {}
    parts = ["# Grants", _OPENING, f"Workspace: {code(str(root))}"]
    for scope, title in SCOPES:
        lines: list[str] = []
        for grant in (it for it in overview.grants if it.scope == scope):
            lines.append(_grant(grant, now))
            subjects[lines[-1]] = grant
            if words := asked(grant, code):
                lines.append(f"    - {words}")
        parts += [f"## {title}", "\n".join(lines) or "None."]
    rows = [(f"- {ruled(it, code)}", it) for it in overview.recent]
    subjects |= rows
    parts += ["## The last decisions", "\n".join(line for line, _ in rows) or "None yet."]
    return Page("\n\n".join(parts) + "\n", subjects, overview)


def _grant(grant: Grant, now: float) -> str:
    file = Path(grant.file)
    origin = f"in [{escaped(file.name)}]({path_to_uri(file)})" if grant.file else given(grant, now)
    return f"- {code(grant.rule)}, {origin}, {used(grant)}"


def hover_of(about: Grant | Ruling, recent: Sequence[Ruling]) -> list[str]:
    """Return what there is to say of a line, as lines of plain words."""
    return _of_ruling(about) if isinstance(about, Ruling) else list(_of_grant(about, recent))


def _of_grant(grant: Grant, recent: Sequence[Ruling]) -> Iterator[str]:
    yield f"{grant.rule} also allows {also_allows(grant.rule)}"
    yield "a rule that asks or denies comes before it, and so does what never runs"
    for ruling in recent:
        won = grant.rule in ruling.rules
        if won or any(grant.rule in it for it in ruling.lost):
            by = "you" if ruling.by == "person" else ", ".join(ruling.rules) or "Postil itself"
            yield f"{when(ruling.at)} {'won' if won else 'lost'}: {subject(ruling)} ({ruling.verdict} by {by})"


def _of_ruling(ruling: Ruling) -> list[str]:
    won = ", ".join(ruling.rules)
    if ruling.by == "person":
        won = f"your answer{acted_in(ruling.face)}" + (f", which set {won}" if won else "")
    source = f" ({ruling.source.replace('_', ' ')})" if ruling.source and ruling.by == "rule" else ""
    lines = [f"won: {won or 'no rule'}{source}"]
    lines += [f"lost: {it}" for it in ruling.lost]
    lines.append(f"why: {ruling.why}")
    if ruling.checks:
        lines.append(f"checks that fired: {', '.join(ruling.checks)}")
    return lines
