"""The long lists that a session leaves behind: changes of files, where turns began, what people answered."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Literal

from pydantic import ConfigDict, PlainSerializer, PlainValidator, TypeAdapter

from postil.core.compaction import Decided
from postil.core.effects import FileForm, TodoItem
from postil.core.messages import Value
from postil.core.mutable import Mutable
from postil.core.origin import Source
from postil.core.paged import Paged


class Change(Mutable):
    """A change to a file, as it happened; or an edit of which nobody knows whether it did."""

    turn_id: str | None
    call_id: str | None
    rewind_id: str | None = None
    change_id: str
    label: str
    path: str
    before: str | None
    after: str | None
    where: Literal["buffer", "disk"]
    form: FileForm | None = None
    renamed_from: str | None = None
    mode: int | None = None
    """The permission bits that it left; None where they stayed as they were, or nobody knows."""
    seq: int
    doubtful: bool = False
    """Whether it was begun, and its call ended without anybody having seen whether it was made."""
    subagent: str = ""
    """The session of the sub-agent that made it."""


class ChangeList(Paged[Change]):
    """The changes of a session in the order of their events; none is altered once it is there."""

    __slots__ = ()
    listed = TypeAdapter(list[Change], config=ConfigDict(defer_build=True))

    def since(self, seq: int) -> list[Change]:
        """Return those that came after an event."""
        return self[bisect_right(self, seq, key=lambda it: it.seq) :]


class ReadMark(Value):
    """A source of which something was read, and by which event first."""

    source: Source
    seq: int


class TurnMark(Value):
    """Where a turn began, so that the session can go back to before it."""

    turn_id: str
    title: str
    """The prompt's first line."""
    seq: int
    messages: int
    """How many messages the conversation had."""
    todo: tuple[TodoItem, ...] = ()
    commands: tuple[str, ...] = ()
    """What it ran, which nothing takes back."""


class MarkList(Paged[TurnMark]):
    """The turns of a conversation in order."""

    __slots__ = ()
    listed = TypeAdapter(list[TurnMark], config=ConfigDict(defer_build=True))


class DecisionList(Paged[Decided]):
    """What people answered, in the order of their events."""

    __slots__ = ()
    listed = TypeAdapter(list[Decided], config=ConfigDict(defer_build=True))


Changes = Annotated[
    ChangeList, PlainValidator(ChangeList.of_any), PlainSerializer(list, return_type=list[Change])
]
Marks = Annotated[
    MarkList, PlainValidator(MarkList.of_any), PlainSerializer(list, return_type=list[TurnMark])
]
Decisions = Annotated[
    DecisionList, PlainValidator(DecisionList.of_any), PlainSerializer(list, return_type=list[Decided])
]
