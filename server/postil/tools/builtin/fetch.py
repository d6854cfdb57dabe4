"""`fetch`: the text of one address of the network."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from postil.core.effects import Access, Fact, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput
from postil.core.messages import Value
from postil.core.origin import Source
from postil.core.ports import Nowhere, Page, ToolPorts
from postil.core.redaction.redact import redact
from postil.core.revealing import exact, one_line
from postil.tools.addresses import plain_address
from postil.tools.output import counted
from postil.tools.page_text import text_of

CHARACTERS = 25_000
"""Of a page in one result."""


class Params(Value):
    """What to fetch."""

    url: Annotated[
        str, Field(min_length=1, max_length=4_000, description="The address, with http:// or https://.")
    ]
    start: Annotated[int, Field(ge=1, description="The character of the text to begin at, from 1.")] = 1


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would be requested. Nothing is sent and no name is looked up before that is allowed."""
    url = plain_address(params.url)
    host = urlsplit(url).netloc

    async def run(context: RunContext) -> Result:
        page = await ports.web.get(url, context.reach or Nowhere())
        if page.leads_to:
            return _redirected(page)
        return await asyncio.to_thread(_result, page, params.start)

    return Invocation(
        title=one_line(f"Fetch {url}"),
        kind="fetch",
        access=Access(hosts=(url,)),
        preview=Preview(
            subject=exact(url), facts=(Fact(name="sends", text=exact(f"this address, to {host}")),)
        ),
        run=run,
    )


def _redirected(page: Page) -> Result:
    text = (
        f"{page.url} redirects to {one_line(page.leads_to, 2_000)}, which was not requested: {page.why}. "
        "Fetch that address if you need it."
    )
    details: dict[str, str | int] = {"status": page.status, "leads_to": page.leads_to}
    return Result(text, is_error=True, details={**details}, sources=_sources(page))


def _result(page: Page, start: int) -> Result:
    """Return the text from a character on, without secrets: half of one has no shape, so they are taken out before it is cut."""
    text = redact(text_of(page)).text
    if start > max(1, len(text)):
        raise InvalidInput(f"The text has {counted(len(text), 'character')}; {start} is past its end.")
    piece = text[start - 1 : start - 1 + CHARACTERS]
    last = start - 1 + len(piece)
    notes = [_head(page)]
    if last < len(text):
        notes.append(
            f"Characters {start:,} to {last:,} of {len(text):,}; to go on, fetch it with start={last + 1}."
        )
    elif not page.whole:
        notes.append("The page goes on, and is too large to be fetched in full.")
    return Result(
        "\n".join((*(f"[{it}]" for it in notes), "", piece or "(no text)")),
        is_error=page.status >= 400,
        details={"status": page.status, "characters": len(text), "bytes": len(page.body)},
        sources=_sources(page),
    )


def _head(page: Page) -> str:
    try:
        phrase = f" {HTTPStatus(page.status).phrase}"
    except ValueError:
        phrase = ""
    return f"{page.url}: {page.status}{phrase}, {page.content_type or 'no type'}"


def _sources(page: Page) -> tuple[Source, ...]:
    return tuple(Source(origin="network", name=host) for host in page.hosts)
