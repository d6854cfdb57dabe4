"""The two projections of a session as files beside its journal, to open it without replaying all of it.

`conversation.json` and `workflow.json` are separate, as the projections are. Each names the event it is of by
`seq`, `sum` and place in the journal, the version of Postil whose fold made it, and the hashes of what both hold.
They are believed only where both agree with each other, with what they hold, with the line at that place, and with
this version; else the journal is replayed. What stands in the journal before that line is not looked at here:
`opening` does, before anything is written. Deleting snapshots changes nothing but time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar, cast

from pydantic import ConfigDict, Field, TypeAdapter

import postil
from postil.core.mutable import Mutable
from postil.core.paged import Paged
from postil.core.state import Conversation, State, Workflow
from postil.journal import codec
from postil.journal.codec import BadLine
from postil.journal.log import Mark
from postil.journal.projection import ProjectionWriter, read_projection
from postil.journal.reader import Position
from postil.journal.seal import SEAL, Seal
from postil.workspace.files.disk import PRIVATE_FILE, Disk

CONVERSATION = "conversation.json"
WORKFLOW = "workflow.json"
_HEADER = b'{"header":'
_CHECK = b',"check":"'
_BODY = b'"body":'
_END = b"}\n"
_HEADER_LIMIT = 8192

_Count = Annotated[int, Field(ge=0, lt=1 << 53)]
_Part = TypeVar("_Part", bound=Conversation | Workflow)


class Unusable(Exception):
    """A snapshot that is missing, or that cannot be used; the message says why."""


class Missing(Unusable):
    """There is no such file."""


class OtherVersion(Unusable):
    """A snapshot of another version of Postil; the message names it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a snapshot: what it is of, and what a list of sessions shows."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    postil: str
    seq: _Count
    sum: str
    start: _Count
    """Where the line of that event starts in the journal, in bytes, and where it ends."""
    end: _Count
    hashes: tuple[str, str]
    """SHA-256 of what the conversation's file and the workflow's hold."""
    title: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    turns: int = 0
    closed: bool = False
    open_turns: tuple[str, ...] = ()
    """Turns that have not ended."""
    questions: tuple[tuple[str, str | None, str | None], ...] = ()
    """Questions that wait, each with its turn and its call."""
    ended: str = ""
    """How the last turn ended; nothing where it was taken back."""
    parent: str = ""
    """Of a sub-agent's session, the one that it works for."""

    @property
    def position(self) -> Position:
        """Where the journal goes on after it."""
        return Position(self.seq, self.sum, self.end)


class Snapshots:
    """The snapshots of one session. All methods block."""

    def __init__(self, disk: Disk, folder: Path, journal: Path, version: str = postil.__version__) -> None:
        self._disk = disk
        self._folder = folder
        self._journal = journal
        self._version = version
        self.seal = Seal(disk, folder / SEAL, journal)
        self._writers = ProjectionWriter(Conversation), ProjectionWriter(Workflow)
        self.seq = 0
        """Of the snapshots last loaded or saved."""

    def save(self, state: State, mark: Mark) -> bool:
        """Write both; return whether it worked. A state that still changes is frozen by the caller first."""
        workflow = state.workflow
        try:
            bodies = self._writers[0].json(state.conversation), self._writers[1].json(workflow)
            header = Header(
                postil=self._version, seq=mark.seq, sum=mark.sum, start=mark.start, end=mark.end,
                hashes=(_hash(bodies[0]), _hash(bodies[1])),
                title=workflow.title, created_at=workflow.created_at, updated_at=workflow.updated_at,
                turns=workflow.turn_count, closed=workflow.closed, open_turns=tuple(it.id for it in workflow.turns),
                questions=tuple((key, it.turn_id, it.call_id) for key, it in workflow.questions.items()),
                ended=workflow.end,
                parent=workflow.parent.session_id if workflow.parent is not None else "",
            )  # fmt: skip
            for name, body in zip((CONVERSATION, WORKFLOW), bodies, strict=True):
                self._write(name, header, body)
        except (OSError, ValueError):
            return False
        self.seq = mark.seq
        self.seal.extend(mark.end)
        return True

    def load(self) -> tuple[State, Position] | None:
        """Return the state and where the journal goes on; None where the whole journal has to be replayed."""
        try:
            header, conversation = self.part(Conversation)
            other, workflow = self.part(Workflow)
            if header != other or not self._agrees(header):
                return None
        except (Unusable, OSError):
            return None
        # Constructed, not validated: the parts have just been.
        state = State.model_construct(seq=header.seq, conversation=conversation, workflow=workflow)
        self.seq = header.seq
        return state, header.position

    def part(self, model: type[_Part]) -> tuple[Header, _Part]:
        """Return one projection and what it is of, not held against the journal.

        Raises Unusable, and nothing else whatever it holds: it may have been made to harm.
        """
        try:
            return self._part(model)
        except Unusable:
            raise
        except FileNotFoundError as error:
            raise Missing(str(error)) from error
        except Exception as error:
            raise Unusable(str(error) or type(error).__name__) from error

    def _part(self, model: type[_Part]) -> tuple[Header, _Part]:
        name, which = (CONVERSATION, 0) if model is Conversation else (WORKFLOW, 1)
        raw = self._disk.read(self._folder / name)
        head_end = raw.find(b"\n") + 1
        start, end = head_end + len(_BODY), len(raw) - len(_END)
        header = _header(raw[: head_end - 1])
        if header.postil != self._version:
            raise OtherVersion(header.postil)
        # The body may be long: it is hashed, and split into pages, without being copied.
        whole = raw.startswith(_BODY, head_end) and raw.endswith(_END)
        if not whole or _hash(memoryview(raw)[start:end]) != header.hashes[which]:
            raise ValueError("it does not hold what was written into it")
        return header, read_projection(model, raw, start, end)

    def _write(self, name: str, header: Header, body: bytes) -> None:
        head = json.dumps(asdict(header)).encode("ascii")
        check = _hash(head).encode("ascii")
        data = b'%s%s%s%s",\n%s%s%s' % (_HEADER, head, _CHECK, check, _BODY, body, _END)
        self._disk.replace(self._folder / name, data, PRIVATE_FILE)

    def _agrees(self, header: Header) -> bool:
        size = self._disk.size(self._journal) or 0
        if not 0 <= header.start <= header.end <= size:
            return False
        raw = self._disk.read(self._journal, header.start, header.end - header.start)
        try:
            line = codec.parse_line(raw.strip())
        except BadLine:
            return False
        return raw.endswith(b"\n") and (line.seq, line.sum) == (header.seq, header.sum)


def read_header(disk: Disk, folder: Path, name: str = WORKFLOW) -> Header | None:
    """Return the header of a snapshot, None where there is none; cheap, for lists."""
    try:
        first = disk.read(folder / name, 0, _HEADER_LIMIT).partition(b"\n")[0]
        return _header(first)
    except Exception:  # noqa: BLE001 (whatever it holds: it may have been made to harm)
        return None


def _header(first: bytes) -> Header:
    head, mark, check = first.removeprefix(_HEADER).rpartition(_CHECK)
    if not first.startswith(_HEADER) or not mark or check != _hash(head).encode("ascii") + b'",':
        raise ValueError("its first line is not as it was written")
    return _headers().validate_json(head, strict=True)


@cache
def _headers() -> TypeAdapter[Header]:
    return TypeAdapter(Header)


def _hash(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def freeze(state: State) -> State:
    """Return a copy that later events do not change; cheap, as what cannot change any more is shared."""
    return cast("State", _frozen(state))


def _frozen(value: object) -> object:
    match value:
        case Mutable():
            names = type(value).model_fields
            return value.model_copy(update={name: _frozen(getattr(value, name)) for name in names})
        case Paged():
            return cast("Paged[object]", value).frozen()
        case dict():
            return {key: _frozen(it) for key, it in cast("dict[object, object]", value).items()}
        case list():
            return [_frozen(it) for it in cast("list[object]", value)]
        case _:
            return value
