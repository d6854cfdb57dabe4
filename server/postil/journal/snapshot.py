"""The two projections of a session as files beside its journal, to open it without replaying all of it.

`conversation.json` and `workflow.json` are separate, as the projections are. Each names the event it is of by
`seq`, `sum` and place in the journal, and the version of Postil whose fold made it. They are believed only
where both agree with each other, with the line at that place, and with this version; else the journal is
replayed. Deleting them changes nothing but time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

import postil
from postil.core.messages import ToolMessage
from postil.core.state import Conversation, State, Workflow
from postil.journal import codec
from postil.journal.codec import BadLine
from postil.journal.log import Mark
from postil.journal.reader import Position
from postil.workspace.disk import PRIVATE_FILE, Disk

CONVERSATION = "conversation.json"
WORKFLOW = "workflow.json"
_BODY = '"body":'
_HEADER_LIMIT = 8192

_Part = TypeVar("_Part", Conversation, Workflow)


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a snapshot: what it is of, and what a list of sessions shows."""

    postil: str
    seq: int
    sum: str
    start: int
    """Where the line of that event starts in the journal, in bytes, and where it ends."""
    end: int
    title: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0
    turns: int = 0
    closed: bool = False
    open_turns: tuple[str, ...] | None = None
    """Turns that have not ended; None where an earlier version wrote it."""
    questions: tuple[tuple[str, str | None, str | None], ...] = ()
    """Questions that wait, each with its turn and its call."""

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
        self.seq = 0
        """Of the snapshots last loaded or saved."""

    def save(self, state: State, mark: Mark) -> bool:
        """Write both; return whether it worked. A state that still changes is frozen by the caller first."""
        workflow = state.workflow
        header = Header(
            postil=self._version, seq=mark.seq, sum=mark.sum, start=mark.start, end=mark.end,
            title=workflow.title, created_at=workflow.created_at, updated_at=workflow.updated_at,
            turns=workflow.turn_count, closed=workflow.closed, open_turns=tuple(it.id for it in workflow.turns),
            questions=tuple((key, it.turn_id, it.call_id) for key, it in workflow.questions.items()),
        )  # fmt: skip
        try:
            self._write(CONVERSATION, header, _conversation_json(state.conversation))
            self._write(WORKFLOW, header, _json(workflow))
        except (OSError, ValueError):
            return False
        self.seq = mark.seq
        return True

    def load(self) -> tuple[State, Position] | None:
        """Return the state and where the journal goes on; None where the whole journal has to be replayed."""
        try:
            header, conversation = self._read(CONVERSATION)
            other, workflow = self._read(WORKFLOW)
            if header != other or header.postil != self._version or not self._agrees(header):
                return None
            # Constructed, not validated: the parts have just been.
            state = State.model_construct(
                seq=header.seq,
                conversation=_parse(Conversation, conversation),
                workflow=_parse(Workflow, workflow),
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None
        self.seq = header.seq
        return state, header.position

    def _write(self, name: str, header: Header, body: str) -> None:
        text = f'{{"header":{json.dumps(asdict(header))},\n{_BODY}{body}}}\n'
        self._disk.replace(self._folder / name, text.encode("ascii"), PRIVATE_FILE)

    def _read(self, name: str) -> tuple[Header, bytes]:
        first, _, rest = self._disk.read(self._folder / name).partition(b"\n")
        if not rest.startswith(_BODY.encode()) or not rest.endswith(b"}\n"):
            raise ValueError("not a whole snapshot")
        return _header(first), rest[len(_BODY) : -2]

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
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _header(first: bytes) -> Header:
    data = json.loads(first.removesuffix(b",") + b"}")["header"]
    if data.get("open_turns") is not None:
        data["open_turns"] = tuple(data["open_turns"])
        data["questions"] = tuple(tuple(it) for it in data["questions"])
    return Header(**data)


def _parse(model: type[_Part], body: bytes) -> _Part:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        # Lone surrogates, which the fast parser does not take; else the same error comes again.
        return model.model_validate(json.loads(body))


def freeze(state: State) -> State:
    """Return a copy that later events do not change; cheap, as what cannot change any more is shared.

    Only the last message still grows; of the workflow's parts, changes are added and never altered.
    """
    messages = list(state.conversation.messages)
    if messages and isinstance(messages[-1], ToolMessage):
        messages[-1] = messages[-1].model_copy(update={"results": dict(messages[-1].results)})
    flow = state.workflow
    workflow = flow.model_copy(
        update={
            "turns": [turn.model_copy() for turn in flow.turns],
            "calls": {key: call.model_copy() for key, call in flow.calls.items()},
            "questions": dict(flow.questions),
            "grants": [grant.model_copy() for grant in flow.grants],
            "changes": list(flow.changes),
            "marks": list(flow.marks),
        }
    )
    return State.model_construct(
        seq=state.seq, conversation=Conversation.model_construct(messages=messages), workflow=workflow
    )


def _conversation_json(conversation: Conversation) -> str:
    """Dump message by message, so that other threads get their turn in between."""
    return f'{{"messages":[{",".join(_each(conversation))}]}}'


def _each(conversation: Conversation) -> Iterator[str]:
    for message in conversation.messages:
        yield _json(message)


def _json(value: BaseModel) -> str:
    # Python's own dump, because it keeps lone surrogates.
    return json.dumps(value.model_dump(mode="json"), separators=(",", ":"))
