"""The page of what is remembered: its text, and what each of its lines is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.agent.granting.grant_words import when
from postil.agent.remembering import Remembered
from postil.core.remembered import RememberedFile
from postil.lsp.markdown import code, escaped
from postil.memory.notes import PRIVATE, TEAM
from postil.workspace.files.uris import path_to_uri

_OPENING = (
    "What the agent has of this workspace beyond its files. *Forget* is on each line, as a lens and as a code action: it deletes a note, and takes a "
    "session out of memory, which itself stays. This page is written anew whenever something changes."
)
_SECTIONS = ((f"{PRIVATE}/", "Your notes"), (f"{TEAM}/", "Notes of the team"), ("", "Sessions"))


@dataclass(frozen=True, slots=True)
class Page:
    """One state of the page."""

    text: str
    subjects: dict[str, Remembered]
    """What a line is about, by its text."""
    remembered: Sequence[Remembered]

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, Remembered]]:
        """Yield the lines of a document, by number, that are about something which can be forgotten."""
        for number, line in enumerate(lines):
            about = self.subjects.get(line.rstrip("\r\n"))
            if about is not None:
                yield number, about


def page_of(remembered: Sequence[Remembered], instructions: Sequence[RememberedFile], root: Path) -> Page:
    """Return the page as of now."""
    subjects: dict[str, Remembered] = {}
    parts = ["# Memory", _OPENING, f"Workspace: {code(str(root))}", "## Instructions"]
    parts.append("\n".join(map(_instruction, instructions)) or "None: there is no AGENTS.md.")
    left = list(remembered)
    for start, title in _SECTIONS:
        rows = [(_row(it), it) for it in left if it.id.startswith(start)]
        left = [it for it in left if not it.id.startswith(start)]
        subjects |= dict(rows)
        parts += [f"## {title}", "\n".join(line for line, _ in rows) or "None."]
    return Page("\n\n".join(parts) + "\n", subjects, remembered)


def _instruction(file: RememberedFile) -> str:
    path = Path(file.path)
    cut = f", cut at line {file.cut}" if file.cut else ""
    return f"- [{escaped(path.name)}]({path_to_uri(path)}){', your own' if file.own else ''}{cut}"


def _row(it: Remembered) -> str:
    title = escaped(it.title or "(no prompt)")
    shown = f"[{title}]({path_to_uri(it.path)})" if it.path is not None else title
    return f"- {code(it.id)}: {shown}, {when(it.changed)}"
