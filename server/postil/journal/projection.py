"""One projection of a session as JSON that can be read in part: its long lists are in pages, a line each.

    {"rest":{...}
    ,"changes":[
    <page>,
    <page>
    ]
    }

It is JSON like any other; what stands on which line is what saves time. Pages are kept as they are until they are
looked at, and most of them are the same the next time they are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from postil.core.conversation import MessageList
from postil.core.paged import Paged
from postil.core.state import Conversation, Workflow
from postil.core.trail import ChangeList, DecisionList, MarkList

PAGED: Mapping[type[BaseModel], Mapping[str, type[Paged[Any]]]] = {
    Conversation: {"messages": MessageList},
    Workflow: {"changes": ChangeList, "marks": MarkList, "decisions": DecisionList},
}
"""The long lists of each projection, in the order in which they are written."""

_REST = b'{"rest":'
_ENDS = b"]", b"}"
_COMMA = ord(",")

_Part = TypeVar("_Part", bound=Conversation | Workflow)
_Page = memoryview | list[Any]


class PageTexts:
    """The full pages of a list as it was last written, and the JSON of each."""

    def __init__(self) -> None:
        self._known: list[tuple[_Page, bytes | memoryview]] = []

    def of(self, items: Paged[Any]) -> list[bytes | memoryview]:
        """Return the JSON of each page, without the brackets of a list."""
        if not (pages := items.pages):
            return []
        before = self._known
        # The last page still grows; a full one is what it was.
        self._known = [
            before[number] if number < len(before) and before[number][0] is page else (page, _page_json(page))
            for number, page in enumerate(pages[:-1])
        ]
        return [*(text for _, text in self._known), _page_json(pages[-1])]


class ProjectionWriter:
    """Writes one projection again and again, each time only what is new of its long lists."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._texts = {name: PageTexts() for name in PAGED[model]}

    def json(self, part: Conversation | Workflow) -> bytes:
        """Return it as JSON in lines. A part that still changes is frozen by the caller first."""
        rest = part.model_dump(mode="json", exclude=set(self._texts))
        lines = [_REST + _dumps(rest)]
        for name, texts in self._texts.items():
            lines.append(b',"%s":[' % name.encode())
            pages = texts.of(getattr(part, name))
            lines += [b"%s," % page for page in pages[:-1]]
            lines += [*pages[-1:], _ENDS[0]]
        return b"\n".join([*lines, _ENDS[1]])


def read_projection(model: type[_Part], raw: bytes, start: int, end: int) -> _Part:
    """Return the projection that stands between two places in `raw`, which is not copied. Raises ValueError."""
    lines = _lines(raw, start, end)
    first = bytes(next(lines))
    rest = _parse(model, first.removeprefix(_REST))
    lists = {name: kind(_pages(lines, name)) for name, kind in PAGED[model].items()}
    if not first.startswith(_REST) or [*lines] != [_ENDS[1]]:
        raise ValueError("it is not a projection in pages")
    return rest.model_copy(update=lists)


def _pages(lines: Iterator[memoryview], name: str) -> Iterator[memoryview]:
    if next(lines, b"") != b',"%s":[' % name.encode():
        raise ValueError(f"it has no {name}")
    for line in lines:
        if line.nbytes == 1:
            return
        yield line[:-1] if line[-1] == _COMMA else line
    raise ValueError(f"its {name} have no end")


def _lines(raw: bytes, start: int, end: int) -> Iterator[memoryview]:
    """Yield the lines; JSON as it is written here has no line ends of its own."""
    view = memoryview(raw)
    while start < end:
        stop = raw.find(b"\n", start, end)
        stop = end if stop < 0 else stop
        yield view[start:stop]
        start = stop + 1


def _parse(model: type[_Part], text: bytes) -> _Part:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        # Lone surrogates, which the fast parser does not take; else the same error comes again.
        return model.model_validate(json.loads(text))


def _page_json(page: _Page) -> bytes | memoryview:
    """Dump item by item, so that other threads get their turn in between."""
    return (
        page if isinstance(page, memoryview) else b",".join(_dumps(it.model_dump(mode="json")) for it in page)
    )


def _dumps(value: object) -> bytes:
    # Python's own dump, because it keeps lone surrogates.
    return json.dumps(value, separators=(",", ":")).encode("ascii")
