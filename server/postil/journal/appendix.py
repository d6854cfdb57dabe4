"""Lines that stood after the damage in a journal, kept beside the session that was salvaged from it.

They are no part of that session: nothing shows that they are whole, in order, or as they were written. The file's
first line says where they come from; the others are theirs, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from postil.core.events import CallStarted, FileChanged, Recorded, RewindStarted
from postil.core.lost import Lost
from postil.journal import codec
from postil.journal.codec import BadLine, Line
from postil.journal.upcast import decode_event
from postil.workspace.files.disk import PRIVATE_FILE, Disk

APPENDIX = "appendix.jsonl"
_PATHS = 1000
_COMMANDS = 200


@dataclass(frozen=True, slots=True)
class Appendix:
    """What was kept, and of what."""

    session_id: str
    """The damaged session."""
    after: int
    """The last event before the damage."""
    damage: str
    """One sentence for a person."""
    lines: tuple[bytes, ...]

    @property
    def warning(self) -> str:
        """What has to be said wherever a line of it is shown."""
        return (
            f"What follows is no part of this session's record: {len(self.lines):,} lines that stood after event "
            f"{self.after} of session {self.session_id}, which is damaged. Nothing shows that they are whole, in "
            "order, or as they were written."
        )

    def records(self, blob: Callable[[str], bytes | None]) -> Iterator[Recorded]:
        """Yield the events of the lines, as far as they can be read."""
        for line in (codec.parse_line(raw) for raw in self.lines):
            yield Recorded(line.seq, line.at, decode_event(codec.unpack(line.event, blob))[0])


def lost_with(appendix: Appendix, blob: Callable[[str], bytes | None]) -> Lost:
    """Return the files and commands that the lines name, each once, the first of them where there are very many."""
    paths: dict[str, None] = {}
    commands: dict[str, None] = {}
    for record in appendix.records(blob):
        match record.event:
            case FileChanged(path=path, renamed_from=old):
                paths |= dict.fromkeys([path] if old is None else [old, path])
            case CallStarted(edits=edits, command=command):
                paths |= dict.fromkeys(it.path for it in edits)
                commands |= dict.fromkeys([] if command is None else [command])
            case RewindStarted(edits=edits):
                paths |= dict.fromkeys(it.path for it in edits)
            case _:
                pass
    return Lost(paths=tuple(paths)[:_PATHS], commands=tuple(commands)[:_COMMANDS])


def whole_lines(lines: Iterable[bytes]) -> Iterator[tuple[bytes, Line]]:
    """Yield those that could be lines of a journal, each as it stands, and what it says."""
    for raw in lines:
        try:
            yield raw, codec.parse_line(raw)
        except BadLine:
            continue


def write_appendix(disk: Disk, folder: Path, appendix: Appendix) -> None:
    """Keep it in the session's folder, durable on return. Raises OSError."""
    head = {name: value for name, value in asdict(appendix).items() if name != "lines"}
    lines = (json.dumps(head).encode("ascii"), *(raw.strip() for raw in appendix.lines))
    disk.replace(folder / APPENDIX, b"\n".join([*lines, b""]), PRIVATE_FILE)


def read_appendix(disk: Disk, folder: Path) -> Appendix | None:
    """Return what is kept in the session's folder, None where there is nothing, or nothing of the kind."""
    try:
        head, *lines = disk.read(folder / APPENDIX).splitlines()
        return Appendix(**json.loads(head), lines=tuple(raw for raw, _ in whole_lines(lines)))
    except (FileNotFoundError, ValueError, TypeError):
        return None
