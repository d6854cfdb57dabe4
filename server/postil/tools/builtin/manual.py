"""`manual`: reads Postil's own documents, which came with the package."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field, StringConstraints

from postil.core.effects import Access, Invocation, Result, RunContext
from postil.core.errors import NotFound
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import one_line

_MOST_HITS = 60
_LINE = 300
"""Characters of a line that a search shows."""


class Params(Value):
    """What to look up."""

    page: Annotated[str | None, Field(description="The name of a page, as the list of pages has it.")] = None
    from_line: Annotated[int, Field(ge=1, description="The first line of the page to show.")] = 1
    words: Annotated[
        str | None,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
        Field(description="Words to search all pages for, or the page that is named."),
    ] = None


async def prepare(params: Params, _: ToolPorts) -> Invocation:
    """Look into the package's own files, which touches nothing of the person's."""
    pages = await asyncio.to_thread(_pages)
    if params.page is not None and params.page not in pages:
        raise NotFound(f"There is no page {one_line(params.page)!r}.", f"The pages are {', '.join(pages)}.")

    async def run(_: RunContext) -> Result:
        if params.words is not None:
            chosen = pages if params.page is None else {params.page: pages[params.page]}
            return _found(params.words, chosen)
        if params.page is not None:
            return _shown(pages[params.page], params.from_line)
        return Result("\n".join(f"{name}: {_title(text)}" for name, text in pages.items()))

    subject = " ".join(it for it in (params.page, params.words) if it) or "the list of pages"
    return Invocation(title=f"Look up {one_line(subject)}", kind="read", access=Access(), run=run)


@cache
def _pages() -> Mapping[str, str]:
    found = (it for it in files("postil.tools.manual").iterdir() if it.name.endswith(".md"))
    return {
        it.name.removesuffix(".md"): it.read_text("utf-8") for it in sorted(found, key=lambda it: it.name)
    }


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")


def _shown(text: str, first: int) -> Result:
    lines = text.splitlines()
    if first > len(lines):
        return Result(f"The page has {len(lines)} lines.", is_error=True)
    return Result("\n".join(lines[first - 1 :]), details={"lines": len(lines) - first + 1})


def _found(words: str, pages: Mapping[str, str]) -> Result:
    hits = list(_hits(words.casefold().split(), pages))
    if not hits:
        return Result("No line has all of these words. Try fewer or other ones.", details={"matches": 0})
    more = (
        [f"[{len(hits) - _MOST_HITS} more lines: search with more words]"] if len(hits) > _MOST_HITS else []
    )
    return Result("\n".join([*hits[:_MOST_HITS], *more]), details={"matches": len(hits)})


def _hits(wanted: list[str], pages: Mapping[str, str]) -> Iterator[str]:
    for name, text in pages.items():
        heading = _title(text)
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("#"):
                heading = line.lstrip("# ")
            if all(it in f"{heading} {line}".casefold() for it in wanted) and line.strip():
                yield f"{name}:{number} ({heading}) {one_line(line, _LINE)}"
