"""What the editor's other servers find in a document: asked of a client that offers it, and believed of one version alone."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from pydantic import ValidationError

from postil.core.ports import Problem
from postil.lsp.client_requests import ClientRequestError
from postil.lsp.text_document import OpenDocument
from postil.lsp.values.client_methods import (
    CLIENT_DIAGNOSTICS,
    ClientDiagnostic,
    DiagnosticsParams,
    DiagnosticsResult,
)

SOURCE = "Postil"
"""What our own diagnostics have as their source."""
SECONDS = 2.0
"""How long other servers may take to look at an edit; the turn waits meanwhile."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.4
_ERROR, _WARNING = 1, 2


class Client(Protocol):
    """What is needed of the server."""

    def open_document(self, uri: str) -> OpenDocument | None:
        """Return the document if it is open."""
        ...

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        """Ask the client; raises ClientRequestError."""
        ...


async def problems(client: Client, uri: str, version: int, seconds: float = SECONDS) -> list[Problem] | None:
    """Return the errors and warnings of this version of a document, by line.

    None where nobody looks at it, where it has another version by now, and where what was found is not there
    in time. A client may wait itself, or answer at once with an older version and be asked again.
    """
    params = DiagnosticsParams(uri=uri, version=version).model_dump(by_alias=True)
    pause = FIRST_PAUSE
    try:
        async with asyncio.timeout(seconds):
            while (document := client.open_document(uri)) is not None and document.version == version:
                answer = await client.request(CLIENT_DIAGNOSTICS, params, seconds)
                if answer is None:
                    return None
                found = DiagnosticsResult.model_validate(answer)
                if found.version == version:
                    return _read(found.diagnostics)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
    except (TimeoutError, ClientRequestError, ValidationError):
        pass
    return None


def _read(diagnostics: list[ClientDiagnostic]) -> list[Problem]:
    # Without a severity it is for the client to say what it is; the worst misleads least.
    found = [
        Problem(
            line=it.range.start.line + 1,
            severity="warning" if it.severity == _WARNING else "error",
            message=it.message,
            source=" ".join(str(part) for part in (it.source, it.code) if part is not None),
        )
        for it in diagnostics
        if it.severity in (None, _ERROR, _WARNING) and it.source != SOURCE
    ]
    return sorted(found, key=lambda it: it.line)
