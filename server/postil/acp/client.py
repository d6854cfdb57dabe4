"""The client as Postil asks it: its files, its person's answers, and the updates that it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acp.exceptions import RequestError
from acp.schema import AllowedOutcome, PermissionOption, ToolCallUpdate
from pydantic import ValidationError

from postil.acp.editor import ClientHasNone, ClientRefused
from postil.acp.faults import NOT_FOUND
from postil.acp.working import works_for

if TYPE_CHECKING:
    from acp.interfaces import Client

REFUSALS = (RequestError, ConnectionError, ValidationError)
"""What a request to a client raises that says no, is gone, or answers something else."""


class ClientFiles:
    """The client's files, in the name of the session that works."""

    def __init__(self, client: Client, roots: Mapping[Path, str]) -> None:
        """`roots` are the workspace's folders and how the client calls each."""
        self._client = client
        self._roots = roots

    async def read(self, path: Path) -> str:
        """Return a file's text, unsaved changes included. Raises ClientHasNone, ClientRefused."""
        session_id, called = self._named(), self._called(path)
        try:
            found = await self._client.read_text_file(session_id=session_id, path=called)
        except REFUSALS as error:
            refused = ClientHasNone if _has_none(error, called, session_id) else ClientRefused
            raise refused(_words(error)) from error
        return found.content

    async def write(self, path: Path, text: str) -> None:
        """Write a file's whole text. Raises ClientRefused."""
        session_id = self._named()
        try:
            await self._client.write_text_file(session_id=session_id, path=self._called(path), content=text)
        except REFUSALS as error:
            raise ClientRefused(_words(error)) from error

    def _named(self) -> str:
        session_id = works_for()
        if session_id is None:
            raise ClientRefused("it was not asked for any session")
        return session_id

    def _called(self, path: Path) -> str:
        """Return the path as the client calls it, which may have come to its folder through a link."""
        for root, called in self._roots.items():
            if path.is_relative_to(root):
                return str(Path(called, path.relative_to(root)))
        return str(path)


async def chosen(
    client: Client, session_id: str, call: ToolCallUpdate, options: Sequence[PermissionOption]
) -> str | None:
    """Return the option that the person chose; None where nobody did, or the client failed."""
    try:
        answer = await client.request_permission(session_id=session_id, tool_call=call, options=list(options))
    except REFUSALS:
        return None
    outcome = answer.outcome
    return outcome.option_id if isinstance(outcome, AllowedOutcome) else None


def _has_none(error: Exception, called: str, session_id: str) -> bool:
    """Whether a refusal says that there is no such file. A session that is not there has the same code."""
    if not isinstance(error, RequestError) or error.code != NOT_FOUND:
        return False
    said = f"{error} {error.data}".replace(called, "")
    return session_id not in said and "session" not in said.lower()


def _words(error: Any) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
