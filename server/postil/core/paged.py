"""A long list in pages, of which those that a snapshot kept stay JSON until they are looked at.

A long session is opened far more often than its oldest parts are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast, overload

from pydantic import TypeAdapter, ValidationError

from postil.core.loading import loading

PAGE = 256
"""Items on a page; every page but the last is full, and a full page stays as it is."""

Item = TypeVar("Item")


class Paged(Sequence[Item]):
    """Items in order; the list grows at its end and may be cut there. Other threads may read it meanwhile."""

    __slots__ = ("_last", "_pages")

    listed: ClassVar[TypeAdapter[list[Any]]]
    """What a page holds, as pydantic reads it."""

    def __init__(self, pages: Iterable[memoryview | list[Item]] = ()) -> None:
        """Take pages as `pages` gave them. Raises ValueError where the last one is not what it should be."""
        self._pages = list(pages)
        self._last: list[Item] = self._read(self._pages, len(self._pages) - 1) if self._pages else []
        """The last page, which grows."""

    @classmethod
    def of(cls, items: Sequence[Item]) -> Self:
        """Return a list of these items."""
        return cls(list(items[start : start + PAGE]) for start in range(0, len(items), PAGE))

    @classmethod
    def of_any(cls, value: object) -> Self:
        """Return what pydantic was given for such a list as one. Raises ValidationError."""
        return value if isinstance(value, cls) else cls.of(cls.listed.validate_python(value))

    @property
    def pages(self) -> tuple[memoryview | list[Item], ...]:
        """The pages as they are held, JSON without the brackets of a list; only the last one is ever changed."""
        return tuple(self._pages)

    def frozen(self) -> Self:
        """Return a copy that does not change with this one. What cannot change any more is shared."""
        return type(self)([*self._pages[:-1], self._last.copy()] if self._pages else ())

    @property
    def unread(self) -> bool:
        """Whether any of it is still JSON."""
        return self.unread_from(0)

    def unread_from(self, start: int) -> bool:
        """Whether any of it is still JSON, from an item on."""
        return any(isinstance(page, memoryview) for page in self._pages[start // PAGE :])

    def read(self, start: int = 0) -> None:
        """Read what is still JSON from an item on, which takes a while where that is much: call it in a thread."""
        if not self.unread_from(start):
            return
        pages = self._pages
        with loading():
            for number in range(start // PAGE, len(pages)):
                self._read(pages, number)

    def append(self, item: Item) -> None:
        """Add an item to the end."""
        if len(self._last) % PAGE == 0:
            self._last = []
            self._pages.append(self._last)
        self._last.append(item)

    def replace_last(self, item: Item) -> None:
        """Put another item in the place of the last one. Raises IndexError where there is none."""
        self._last[-1] = item

    def cut(self, count: int) -> None:
        """Leave the first `count` items."""
        # Lists of its own: another thread may read the old ones, and a full page stays as it is.
        full, rest = divmod(min(count, len(self)), PAGE)
        pages = self._pages[: full + bool(rest)]
        if pages:
            pages[-1] = self._read(pages, len(pages) - 1)[: rest or PAGE]
        self._pages, self._last = pages, self._read(pages, len(pages) - 1) if pages else []

    def __len__(self) -> int:
        return max(0, len(self._pages) - 1) * PAGE + len(self._last)

    def __iter__(self) -> Iterator[Item]:
        pages = self._pages
        for number in range(len(pages)):
            yield from self._read(pages, number)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        if index == -1:
            return self._last[-1]
        page, place = divmod(range(len(self))[index], PAGE)
        return self._read(self._pages, page)[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Paged | list):
            return NotImplemented
        return list(self) == list(cast("Sequence[Item]", other))

    __hash__ = None  # pyright: ignore[reportAssignmentType] (it changes, as a list does)

    def __repr__(self) -> str:
        return repr(list(self))

    def _read(self, pages: list[memoryview | list[Item]], number: int) -> list[Item]:
        page = pages[number]
        if isinstance(page, memoryview):
            page = self._parse(b"[%s]" % page)
            if number < len(pages) - 1 and len(page) != PAGE:
                raise ValueError(f"page {number} holds {len(page)} items")
            pages[number] = page
        return page

    def _parse(self, text: bytes) -> list[Item]:
        try:
            return self.listed.validate_json(text)
        except ValidationError:
            # Lone surrogates, which the fast parser does not take; else the same error comes again.
            return self.listed.validate_python(json.loads(text))
