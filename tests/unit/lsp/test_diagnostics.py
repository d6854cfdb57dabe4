"""What other servers find is asked for until it is about the version that is meant, and no longer than need be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postil.core.ports import Problem
from postil.lsp.client_requests import ClientTimeoutError
from postil.lsp.diagnostics import problems
from postil.lsp.text_document import ClampingCodec, OpenDocument

URI = "file:///a.py"
PATIENCE = 60.0


def answer(version: int, *messages: str) -> dict[str, Any]:
    point = {"line": 0, "character": 0}
    place = {"start": point, "end": point}
    return {"version": version, "diagnostics": [{"range": place, "message": it} for it in messages]}


class Client:
    """One document of version 2, and a client whose answers come from a function of their number, from 1."""

    def __init__(self, answers: Callable[[int], Any]) -> None:
        self.document: OpenDocument | None = OpenDocument(URI, "a", 2, None, ClampingCodec("utf-16"))
        self.answers = answers
        self.asked = 0

    def open_document(self, uri: str) -> OpenDocument | None:
        return self.document if uri == URI else None

    async def request(self, method: str, params: Any | None = None, timeout: float = 30.0) -> Any:
        assert (method, params) == ("postil/client/diagnostics", {"uri": URI, "version": 2})
        self.asked += 1
        return self.answers(self.asked)


async def test_an_older_version_is_asked_about_again() -> None:
    client = Client(lambda number: answer(1, "old") if number < 3 else answer(2, "new"))
    assert await problems(client, URI, 2, PATIENCE) == [Problem(1, "error", "new")]
    assert client.asked == 3


async def test_a_document_that_moved_on_or_is_gone_is_not_asked_about_again() -> None:
    def typed(_: int) -> Any:
        assert client.document is not None
        client.document.version = 3
        return answer(1, "old")

    def closed(_: int) -> Any:
        client.document = None
        return answer(1, "old")

    for happens in (typed, closed):
        client = Client(happens)
        assert await problems(client, URI, 2, PATIENCE) is None
        assert client.asked == 1


async def test_what_never_comes_is_unknown() -> None:
    client = Client(lambda _: answer(1, "old"))
    assert await problems(client, URI, 2, 0.2) is None
    assert client.asked > 1


async def test_a_client_that_fails_is_not_asked_again() -> None:
    def fails(_: int) -> Any:
        raise ClientTimeoutError("no answer")

    client = Client(fails)
    assert await problems(client, URI, 2, PATIENCE) is None
    assert client.asked == 1
