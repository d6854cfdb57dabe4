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
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

import postil
from postil.core.conversation import MessageList, Page
from postil.core.state import Conversation, State, Workflow
from postil.journal import codec
from postil.journal.codec import BadLine
from postil.journal.log import Mark
from postil.journal.reader import Position
from postil.journal.seal import SEAL, Seal
from postil.workspace.files.disk import PRIVATE_FILE, Disk

CONVERSATION = "conversation.json"
WORKFLOW = "workflow.json"
_HEADER = b'{"header":'
_CHECK = b',"check":"'
_BODY = b'"body":'
_END = b"}\n"
_MESSAGES = b'"messages":[\n'
"""Stands at the end of the first line, after what else there is of a conversation."""
_NEXT = b",\n"
_MESSAGES_END = b"\n]}"
_HEADER_LIMIT = 8192

_Part = TypeVar("_Part", bound=Conversation | Workflow)

UNREADABLE = (OSError, ValueError, TypeError, KeyError)
"""What reading a snapshot raises where there is none, or none that can be used."""


class OtherVersion(ValueError):
    """A snapshot of another version of Postil; the message names it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a snapshot: what it is of, and what a list of sessions shows."""

    postil: str
    seq: int
    sum: str
    start: int
    """Where the line of that event starts in the journal, in bytes, and where it ends."""
    end: int
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
        self._pages: list[tuple[Page, bytes | memoryview]] = []
        """The full pages of the conversation last saved, and the JSON of each: most are the same the next time."""
        self.seq = 0
        """Of the snapshots last loaded or saved."""

    def save(self, state: State, mark: Mark) -> bool:
        """Write both; return whether it worked. A state that still changes is frozen by the caller first."""
        workflow = state.workflow
        try:
            bodies = self._conversation_json(state.conversation), _json(workflow)
            header = Header(
                postil=self._version, seq=mark.seq, sum=mark.sum, start=mark.start, end=mark.end,
                hashes=(_hash(bodies[0]), _hash(bodies[1])),
                title=workflow.title, created_at=workflow.created_at, updated_at=workflow.updated_at,
                turns=workflow.turn_count, closed=workflow.closed, open_turns=tuple(it.id for it in workflow.turns),
                questions=tuple((key, it.turn_id, it.call_id) for key, it in workflow.questions.items()),
                ended=workflow.end,
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
        except UNREADABLE:
            return None
        if header != other or not self._agrees(header):
            return None
        # Constructed, not validated: the parts have just been.
        state = State.model_construct(seq=header.seq, conversation=conversation, workflow=workflow)
        self.seq = header.seq
        return state, header.position

    def part(self, model: type[_Part]) -> tuple[Header, _Part]:
        """Return one projection and what it is of, not held against the journal.

        Raises one of `UNREADABLE` where it is missing, spoilt, or of another version.
        """
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
        if model is Conversation:
            pages = raw.find(b"\n", start, end) + 1
            shown = _parse(Conversation, raw[start : max(start, pages - 1)] + b"]}")
            shown.messages = MessageList(_split(raw, pages, end))
            return header, cast("_Part", shown)
        return header, _parse(model, raw[start:end])

    def _conversation_json(self, conversation: Conversation) -> bytes:
        *full, last = conversation.messages.pages or ([],)
        before = self._pages
        # The last page still grows; a full one is what it was.
        self._pages = [
            before[number] if number < len(before) and before[number][0] is page else (page, _page_json(page))
            for number, page in enumerate(full)
        ]
        pages = [*(text for _, text in self._pages), _page_json(last)]
        rest = _json(conversation, {"messages"})[:-1]
        return b"%s,%s%s%s" % (rest, _MESSAGES, _NEXT.join(pages), _MESSAGES_END)

    def _write(self, name: str, header: Header, body: bytes) -> None:
        head = json.dumps(asdict(header)).encode("ascii")
        check = _hash(head).encode("ascii")
        data = b'%s%s%s%s",\n%s%s%s' % (_HEADER, head, _CHECK, check, _BODY, body, _END)
        self._disk.replace(self._folder / name, data, PRIVATE_FILE)

    def _agrees(self, header: Header) -> bool:
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
    except UNREADABLE:
        return None


def _header(first: bytes) -> Header:
    head, mark, check = first.removeprefix(_HEADER).rpartition(_CHECK)
    if not first.startswith(_HEADER) or not mark or check != _hash(head).encode("ascii") + b'",':
        raise ValueError("its first line is not as it was written")
    data = json.loads(head)
    for name in ("hashes", "open_turns"):
        data[name] = tuple(data[name])
    data["questions"] = tuple(tuple(it) for it in data["questions"])
    return Header(**data)


def _hash(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _parse(model: type[_Part], body: bytes) -> _Part:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        # Lone surrogates, which the fast parser does not take; else the same error comes again.
        return model.model_validate(json.loads(body))


def _split(raw: bytes, start: int, end: int) -> Iterator[memoryview]:
    """Yield the pages of a conversation, a line each. JSON as it is written here has no line ends of its own."""
    if not (raw.endswith(_MESSAGES, 0, start) and raw.endswith(_MESSAGES_END, start - 1, end)):
        raise ValueError("it is not a conversation in pages")
    view, end = memoryview(raw), end - len(_MESSAGES_END)
    while start < end:
        stop = raw.find(b"\n", start, end)
        yield view[start : end if stop < 0 else stop - 1]  # Without the comma.
        start = end if stop < 0 else stop + 1


def freeze(state: State) -> State:
    """Return a copy that later events do not change; cheap, as what cannot change any more is shared.

    Only the last message still grows; of the workflow's parts, changes are added and never altered.
    """
    flow = state.workflow
    workflow = flow.model_copy(
        update={
            "turns": [turn.model_copy() for turn in flow.turns],
            "calls": {key: call.model_copy() for key, call in flow.calls.items()},
            "questions": dict(flow.questions),
            "grants": [grant.model_copy() for grant in flow.grants],
            "changes": list(flow.changes),
            "marks": list(flow.marks),
            "seen": dict(flow.seen),
            "showing": dict(flow.showing),
        }
    )
    conversation = state.conversation.model_copy(update={"messages": state.conversation.messages.frozen()})
    return State.model_construct(seq=state.seq, conversation=conversation, workflow=workflow)


def _page_json(page: Page) -> bytes | memoryview:
    """Dump message by message, so that other threads get their turn in between."""
    return page if isinstance(page, memoryview) else b",".join(_json(message) for message in page)


def _json(value: BaseModel, but: set[str] | None = None) -> bytes:
    # Python's own dump, because it keeps lone surrogates.
    return json.dumps(value.model_dump(mode="json", exclude=but), separators=(",", ":")).encode("ascii")
