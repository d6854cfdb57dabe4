"""The values of the commands about findings."""

from __future__ import annotations

from postil.lsp.wire import SessionId, Wire


class FindingParams(Wire):
    """Names an open finding."""

    session_id: SessionId
    finding_id: str
