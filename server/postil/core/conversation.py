"""The messages of a session in pages, of which those that a snapshot kept stay JSON until they are looked at.

A long session is opened far more often than its oldest messages are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, cast, overload

from pydantic import ConfigDict, PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from postil.core.loading import loading
from postil.core.messages import Message, ToolMessage

PAGE = 256
"""Messages on a page; every page but the last is full, and a full page stays as it is."""

Page = memoryview | list[Message]
"""Messages, or their JSON between the brackets of a list."""

_listed = TypeAdapter(list[Message], config=ConfigDict(defer_build=True))


class MessageList(Sequence[Message]):
    """Messages in order; it grows at its end and may be cut there. Other threads may read it meanwhile."""

    __slots__ = ("_last", "_pages")

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        """Take pages as `pages` gave them. Raises ValueError where the last one is not what it should be."""
        self._pages = list(pages)
        self._last: list[Message] = _read(self._pages, len(self._pages) - 1) if self._pages else []
        """The last page, which grows."""

    @staticmethod
    def of(messages: Sequence[Message]) -> MessageList:
        """Return a list of these messages."""
        return MessageList(list(messages[start : start + PAGE]) for start in range(0, len(messages), PAGE))

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages as they are held; only the last one is ever added to."""
        return tuple(self._pages)

    def frozen(self) -> MessageList:
        """Return a copy that does not grow with this one. What cannot change any more is shared."""
        if not self._pages:
            return MessageList()
        page = self._last.copy()
        if isinstance(last := page[-1], ToolMessage):
            page[-1] = last.model_copy(update={"results": dict(last.results)})
        return MessageList([*self._pages[:-1], page])

    @property
    def unread(self) -> bool:
        """Whether any of it is still JSON."""
        return self.unread_from(0)

    def unread_from(self, start: int) -> bool:
        """Whether any of it is still JSON, from a message on."""
        return any(isinstance(page, memoryview) for page in self._pages[start // PAGE :])

    def read(self, start: int = 0) -> None:
        """Read what is still JSON from a message on, which takes a while where that is much: call it in a thread."""
        if not self.unread_from(start):
            return
        pages = self._pages
        with loading():
            for number in range(start // PAGE, len(pages)):
                _read(pages, number)

    def append(self, message: Message) -> None:
        """Add a message to the end."""
        if len(self._last) % PAGE == 0:
            self._last = []
            self._pages.append(self._last)
        self._last.append(message)

    def cut(self, count: int) -> None:
        """Leave the first `count` messages."""
        # Lists of its own: another thread may read the old ones, and a full page stays as it is.
        full, rest = divmod(min(count, len(self)), PAGE)
        pages = self._pages[:full]
        if rest:
            pages.append(_read(self._pages, full)[:rest])
        self._pages, self._last = pages, _read(pages, len(pages) - 1) if pages else []

    def __len__(self) -> int:
        return max(0, len(self._pages) - 1) * PAGE + len(self._last)

    def __iter__(self) -> Iterator[Message]:
        pages = self._pages
        for number in range(len(pages)):
            yield from _read(pages, number)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        if index == -1:
            return self._last[-1]
        page, place = divmod(range(len(self))[index], PAGE)
        return _read(self._pages, page)[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageList | list):
            return NotImplemented
        return list(self) == list(cast("Sequence[Message]", other))

    __hash__ = None  # pyright: ignore[reportAssignmentType] (it changes, as a list does)

    def __repr__(self) -> str:
        return repr(list(self))


def _read(pages: list[Page], number: int) -> list[Message]:
    page = pages[number]
    if isinstance(page, memoryview):
        text = b"[%s]" % page
        try:
            page = _listed.validate_json(text)
        except ValidationError:
            # Lone surrogates, which the fast parser does not take; else the same error comes again.
            page = _listed.validate_python(json.loads(text))
        if number < len(pages) - 1 and len(page) != PAGE:
            raise ValueError(f"page {number} of the conversation has {len(page)} messages")
        pages[number] = page
    return page


def _of_any(value: Any) -> MessageList:
    return value if isinstance(value, MessageList) else MessageList.of(_listed.validate_python(value))


Messages = Annotated[MessageList, PlainValidator(_of_any), PlainSerializer(list, return_type=list[Message])]
"""A field of a model that holds them; as JSON it is a plain list."""
