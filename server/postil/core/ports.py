"""What the agent needs from outside, as small protocols; each has a real implementation and one for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from postil.core.effects import Command, FileChange, FileEdit
from postil.core.events import Durable, Recorded
from postil.core.messages import AssistantMessage, Message, StopReason, Usage
from postil.core.state import State

# --- Model -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as the model sees it."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call: a prefix that stays the same byte for byte, and the messages."""

    model: str
    system: tuple[str, ...]
    tools: tuple[ToolSchema, ...]
    messages: Sequence[Message]
    suffix: str = ""
    """Words that change from step to step, sent after the last message."""
    max_tokens: int = 16_000


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Some words of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingPiece:
    """Some words of the reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """A try failed; the next one comes after `seconds`. Pieces so far are void."""

    attempt: int
    of: int
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole reply; the last thing that a stream yields."""

    message: AssistantMessage
    usage: Usage
    stop_reason: StopReason
    model: str
    cost: float | None = None
    request_id: str | None = None
    attempts: int = 1


ModelPiece = TextPiece | ThinkingPiece | Retrying | Reply


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """What a model can take and give, in tokens."""

    context_window: int
    max_output: int


class Model(Protocol):
    """A model's service."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelPiece]:
        """Yield pieces and then one `Reply`. Raises ModelError. Closing the iterator ends the call at once."""
        ...

    async def limits(self, model: str) -> ModelLimits:
        """Return the model's limits, from the service or from a table; never raises."""
        ...

    async def warm(self) -> None:
        """Load what the first call needs; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


# --- Workspace ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileView:
    """A file's text as the person sees it now: the editor's buffer where it is open, else the disk."""

    path: Path
    text: str
    hash: str
    where: Literal["buffer", "disk"]
    unsaved: bool = False
    """Whether the buffer differs from the disk."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder."""

    name: str
    kind: Literal["file", "folder", "link", "other"]
    size: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """One line that a search found; the line counts from 1."""

    path: Path
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and whether there was more."""

    matches: tuple[Match, ...] = ()
    paths: tuple[Path, ...] = ()
    complete: bool = True
    note: str = ""
    """What was left out and why, in one sentence."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search for lines; `glob` narrows the files."""

    pattern: str
    path: Path
    glob: str | None = None
    ignore_case: bool = False
    literal: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True)
class DiskMark:
    """An open document's file at one moment, and whether the document showed it."""

    disk: str
    """A fingerprint of the file; empty where there was none."""
    shown: str | None
    """`text_hash` of the document where it showed what the disk had, None where it had unsaved text."""


DiskMarks = Mapping[Path, DiskMark]
"""A mark for each document that was open."""


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Open documents whose files have changed since, and that do not show it; each list sorted."""

    clean: tuple[Path, ...] = ()
    """Without unsaved text: the editor reloads them by itself."""
    dirty: tuple[Path, ...] = ()
    """With unsaved text: saving it would undo what happened on the disk, reloading would lose it."""


class Workspace(Protocol):
    """The user's files, buffers over disk. Paths are absolute and resolved; methods raise ToolError."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of the workspace; the first is where relative paths start."""
        ...

    def resolve(self, path: str) -> Path:
        """Return the absolute, resolved path; raises OutsideWorkspace or Ignored. The file need not exist."""
        ...

    def locate(self, path: str) -> Path:
        """Like `resolve`, for reading only: a path outside every root is returned, not refused."""
        ...

    def display(self, path: Path) -> str:
        """Return the path as people read it: relative to its root where there is one."""
        ...

    async def read(self, path: Path) -> FileView:
        """Return the file's text. Raises NotFound, NotText, TooLarge, Ignored."""
        ...

    async def entries(self, path: Path) -> Sequence[Entry]:
        """Return a folder's entries in order of name, without what rules keep back. Raises NotFound."""
        ...

    async def kept_back(self, path: Path) -> int:
        """Return how many of a folder's entries `entries` leaves out because of rules. Raises NotFound."""
        ...

    async def glob(self, pattern: str, path: Path, limit: int) -> Found:
        """Return files below `path` that match, ignored ones left out."""
        ...

    async def grep(self, query: SearchQuery) -> Found:
        """Return matching lines, from buffers where files are open."""
        ...

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        """Make the edit where the file lives. Raises StaleDocument, EditRefused; nothing is half done."""
        ...

    async def unsaved(self) -> Sequence[Path]:
        """Return open documents whose text differs from the disk, sorted."""
        ...

    @property
    def can_save(self) -> bool:
        """Whether open documents can be saved through the editor."""
        ...

    async def own_unsaved(self) -> Sequence[Path]:
        """Return those of `unsaved` that hold typing of the user's own, before or after an edit of ours."""
        ...

    async def save(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Save open documents through the editor; return those that are still unsaved."""
        ...

    async def settle(
        self, path: Path, before: str | None, after: str | None
    ) -> Literal["before", "after", "neither"]:
        """Say which of two hashes the file has now; None stands for no file."""
        ...

    async def disk_marks(self) -> DiskMarks:
        """Return what the disk has of each open document, to compare with after a command. Never raises."""
        ...

    async def overtaken(self, marks: DiskMarks) -> Overtaken:
        """Return open documents whose files changed since the marks, unless they show it. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that is open in the editor."""

    path: Path
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """A change to an open document: whole text to whole text; the face makes it minimal."""

    path: Path
    before: str
    after: str
    label: str
    change_id: str


class Editor(Protocol):
    """The face's view of open documents; a face without an editor has none open."""

    @property
    def can_save(self) -> bool:
        """Whether the editor offers to save documents."""
        ...

    def document(self, path: Path) -> OpenDocument | None:
        """Return the open document at `path`."""
        ...

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents."""
        ...

    async def replace(self, change: Replacement) -> None:
        """Apply the change through the editor, verified by its text. Raises StaleDocument, EditRefused."""
        ...

    async def save(self, path: Path) -> bool:
        """Save the document through the editor; False where the editor does not offer it or it failed."""
        ...


# --- Shell -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShellResult:
    """How a command ended."""

    exit_code: int | None
    """None where it was ended for taking too long."""
    output: str
    """Both streams in order, escapes stripped, capped."""
    left_out: int
    """Characters that the cap cut."""
    seconds: float


class Shell(Protocol):
    """Runs command lines."""

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        """Run the command to its end or its timeout. Cancelling ends its whole process group.

        Raises CommandFailed where it cannot be started.
        """
        ...


# --- Journal -----------------------------------------------------------------------------------------------


class Journal(Protocol):
    """The durable events of one session; one writer, which acknowledges."""

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        """Write the event; with `sync`, return only once it and all before it survive a power cut.

        Raises WriteFailed, after which nothing more can be appended until the session is opened again.
        """
        ...

    async def put_blob(self, data: bytes) -> str:
        """Keep bytes under their SHA-256 (hex), durable on return. Raises WriteFailed."""
        ...

    async def get_blob(self, key: str) -> bytes | None:
        """Return the bytes kept under `key`, or None."""
        ...

    async def snapshot(self, state: State, *, force: bool = False) -> bool:
        """Keep the state beside the journal, so that opening is quick; returns whether it was written."""
        ...

    async def close(self) -> None:
        """Sync and release the lock."""
        ...


# --- Time --------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Time that tests can hold still."""

    def now(self) -> float:
        """Seconds since the epoch; never used for order."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True)
class ToolPorts:
    """What a tool's `prepare` may use."""

    workspace: Workspace
    shell: Shell
    interactive: bool = True
    """Whether a person can answer questions."""
