"""Where the client's language servers say that a symbol is defined or used: asked of a client that offers it."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from pydantic import ValidationError

from postil.core.ports import SymbolPlace, SymbolQuery
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.values.client_methods import CLIENT_SYMBOLS, SymbolsParams, SymbolsResult
from postil.workspace.files.uris import path_to_uri, uri_to_path

SECONDS = 5.0
"""How long language servers may take; the call waits meanwhile."""
MOST = 2_000
"""Places that are looked at."""


class Client(Protocol):
    """What is needed of the server."""

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        """Ask the client; raises ClientRequestError."""
        ...


async def symbols(
    client: Client, uri: str, query: SymbolQuery, seconds: float = SECONDS
) -> list[SymbolPlace] | None:
    """Return the places; None where nobody knows, or not in time, or there are more than anybody looks at."""
    params = SymbolsParams(
        uri=uri or path_to_uri(query.at.path),
        line=query.at.line - 1,
        name=query.name,
        want="references" if query.uses else "definitions",
    )
    try:
        async with asyncio.timeout(seconds):
            answer = await client.request(CLIENT_SYMBOLS, params.model_dump(by_alias=True), seconds)
        if answer is None:
            return None
        found = SymbolsResult.model_validate(answer).places
    except (TimeoutError, ClientRequestError, ValidationError):
        return None
    if len(found) > MOST:
        return None
    named = ((uri_to_path(it.uri), it.range.start.line) for it in found)
    return [SymbolPlace(path, line + 1) for path, line in named if path is not None]
