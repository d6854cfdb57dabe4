"""The values of the commands about findings."""

from __future__ import annotations

from postil.lsp.wire import SessionId, Wire


class FindingParams(Wire):
    """Names an open finding."""

    session_id: SessionId
    finding_id: str


class FindingShown(Wire):
    """The page that shows the whole change of a finding."""

    uri: str
