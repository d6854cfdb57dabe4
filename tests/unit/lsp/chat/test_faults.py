"""What is wrong with the key is said until it is mended, and not a moment longer than until the next look."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types

from postil.core.events import ModelFailed, Publication
from postil.lsp.chat.faults import Faults

DOCUMENT: Any = SimpleNamespace(uri="file:///project/.postil/chat/a.md", session_id=None)


class Desk:
    """A document in front of somebody who may have a key."""

    def __init__(self) -> None:
        self.key: str | None = None
        self.said: list[str] = []
        app = SimpleNamespace(
            loaded=SimpleNamespace(options=SimpleNamespace(base_url="https://nowhere.invalid")),
            keys=SimpleNamespace(place=lambda: self.key),
        )

        async def ready() -> Any:
            return app

        server: Any = SimpleNamespace(
            open_document=lambda _: SimpleNamespace(source="# Chat\n"), diagnostics=self
        )
        face: Any = SimpleNamespace(open_sessions=(), app=ready)
        self.faults = Faults(server, face)

    def say(self, _: str, found: dict[str, list[types.Diagnostic]]) -> None:
        """Take note of what is said."""
        self.said = [it.message for every in found.values() for it in every]

    async def look(self) -> list[str]:
        """Have it looked for a key; returns what is said then."""
        await self.faults.look_for_key()
        self.faults.tell([DOCUMENT])
        return self.said

    def fails(self, kind: str) -> None:
        """Have a call of the model fail."""
        failed = ModelFailed(turn_id="t1", step=1, kind=kind, message="No.", mend="Mend it.", attempts=1)
        self.faults.publish(Publication("s1", 1, 1, failed))


async def test_a_key_that_is_set_later_is_seen_at_the_next_look() -> None:
    desk = Desk()
    (said,) = await desk.look()
    assert said.startswith("There is no key")
    assert await desk.look() == [said]
    desk.key = "file"
    assert not await desk.look()


@pytest.mark.parametrize(("kind", "left"), [("missing_key", []), ("authentication", ["No. Mend it."])])
async def test_a_key_that_was_refused_is_wrong_until_a_model_answers(kind: str, left: list[str]) -> None:
    desk = Desk()
    desk.key = "file"
    assert not await desk.look()
    desk.fails(kind)
    assert await desk.look() == left
