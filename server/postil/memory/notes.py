"""Warm memory: notes by topic as Markdown files, private ones with Postil's state and those of the team in `.postil/memory/`.

The files are the truth; whoever edits or removes one by hand has edited or removed the note. Everything here blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from postil.core.errors import ToolError
from postil.core.redaction.redact import redact
from postil.core.revealing import legible, one_line
from postil.memory.document import Document
from postil.workspace.files.opening import read_regular

PRIVATE, TEAM = "note", "team"
"""What the ids of notes begin with, before a slash and the topic."""
TEAM_FOLDER = Path(".postil", "memory")
MOST = 500
"""Notes of a kind that are read; by name, so that it is the same ones every time."""
LARGEST = 100_000
"""Bytes of a note."""
PIECE = 1_500
"""Characters of a piece in the index, about."""
_LINE = 240
_TITLE = 80


@dataclass(frozen=True, slots=True)
class Note:
    """One note as it stands on the disk, secrets taken out."""

    id: str
    path: Path
    title: str
    text: str
    mark: str
    """Changes with its bytes."""
    changed: float
    """When it was last written, in seconds since the epoch."""

    @property
    def line(self) -> str:
        """The note in the index: its id and title, and as much of its text as a line holds. A short one is all there."""
        _, _, rest = self.text.partition("\n")
        body = one_line(" ".join(rest.split()), _LINE - len(self.title))
        return f"- {self.id}: {self.title}" + (f" ({body})" if body else "")

    @property
    def document(self) -> Document:
        """The note as it is searched."""
        return Document(self.id, tuple(_pieces(self.text)), self.title, self.mark)


class Notes:
    """The notes of one workspace."""

    def __init__(
        self, private: Path, root: Path, keeps_back: Callable[[Path], bool] = lambda _: False
    ) -> None:
        """`private` and `root` are resolved; `keeps_back` says which files rules and .postilignore keep from the agent."""
        self.private = private
        self.team = root / TEAM_FOLDER
        self._keeps_back = keeps_back
        self._known: dict[Path, tuple[tuple[int, int, int], Note]] = {}

    def all(self) -> list[Note]:
        """Return every note that can be read, the private ones first, in order of name. Never raises."""
        return [*self._of(PRIVATE, self.private), *self._of(TEAM, self.team)]

    def get(self, note_id: str) -> Note | None:
        """Return one note; None where there is none."""
        path = self.path(note_id)
        return self._read(note_id, path) if path is not None and not self._keeps_back(path) else None

    def path(self, note_id: str) -> Path | None:
        """Return where the note of an id lies, or would; None for what is no note's id."""
        kind, slash, topic = note_id.partition("/")
        plain = topic and topic[0] != "." and not set(topic) & {"/", "\\", "\0"}
        if not slash or kind not in (PRIVATE, TEAM) or not plain:
            return None
        return (self.private if kind == PRIVATE else self.team) / f"{topic}.md"

    def _of(self, kind: str, folder: Path) -> Iterator[Note]:
        try:
            names = sorted(it.name for it in folder.iterdir() if it.suffix == ".md" and it.name[0] != ".")
        except OSError:
            return
        for name in names[:MOST]:
            path = folder / name
            if not self._keeps_back(path) and (note := self._read(f"{kind}/{path.stem}", path)) is not None:
                yield note

    def _read(self, note_id: str, path: Path) -> Note | None:
        """Return the note, read again where its file has changed."""
        with suppress(ToolError, OSError):
            found = path.lstat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = self._known[path] = (stamp, _note(note_id, path))
            return known[1]
        return None


def _note(note_id: str, path: Path) -> Note:
    """Read a note. Raises ToolError."""
    data, status = read_regular(path, LARGEST)
    text = legible(redact(data.decode("utf-8", "replace")).text).strip()
    # A name is from outside as well: it may not lead into another line.
    shown = one_line(redact(note_id).text, _TITLE)
    return Note(shown, path, _title(text, path), text, sha256(data).hexdigest()[:16], status.st_mtime)


def _title(text: str, path: Path) -> str:
    first = text.partition("\n")[0].lstrip("#").strip()
    return one_line(first or path.stem, _TITLE)


def _pieces(text: str) -> Iterator[str]:
    """Cut a note into pieces between paragraphs; one that is longer than a piece stays whole."""
    piece = ""
    for paragraph in text.split("\n\n"):
        if piece and len(piece) + len(paragraph) > PIECE:
            yield piece
            piece = ""
        piece = f"{piece}\n\n{paragraph}" if piece else paragraph
    if piece.strip():
        yield piece
