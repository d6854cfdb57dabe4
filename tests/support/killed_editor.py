"""An editor whose server is killed under it: it keeps its documents, and opens them again at the next one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from postil.lsp.client import Buffer, HeadlessEditor, ReplyError
from tests.support.asking import Desk

Json = dict[str, Any]
ASKING = {"PermissionAsked", "QuestionAsked"}
ANSWERED = {"PermissionDecided", "QuestionAnswered"}
MOMENT = 0.004
"""Seconds after a message that a kill comes at the most, so that it also meets what happens between two messages."""
MOST_TYPED = 6


class GoneError(ReplyError):
    """The server was killed; whatever was waited for does not come."""

    def __init__(self) -> None:
        super().__init__(0, "the server is gone")


class Person:
    """What outlives every server: the documents with what was typed, and all that somebody was told."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.buffers: dict[str, Buffer] = {}
        self.typed: dict[str, list[str]] = {}
        """By the document, what was typed at its end."""
        self.told: dict[int, Json] = {}
        """The durable events that faces were told of, by their numbers."""
        self.prompts: list[str] = []
        """The turns of the prompts that were taken."""
        self.answers: list[str] = []
        """The questions whose answers were taken."""
        self.session: str | None = None

    def event(self, *kinds: str) -> list[Json]:
        """Return what was told of these kinds, in order."""
        return [it for _, it in sorted(self.told.items()) if it["type"] in kinds]

    @property
    def taken_back(self) -> bool:
        """Whether a rewind was told of that took back all that it could: one that is cut short names what it left."""
        return any(it["outcome"] == "completed" or not it["left"] for it in self.event("Rewound"))

    def questions(self) -> list[Json]:
        """Return the questions that are open as far as was told."""
        answered = {it["question_id"] for it in self.event(*ANSWERED)}
        asked = [it["question"] for it in self.event(*ASKING)]
        return [it for it in asked if it["id"] not in answered]


class KilledEditor(HeadlessEditor):
    """One connection to a server that is killed after some number of its messages, or never."""

    def __init__(
        self, process: asyncio.subprocess.Process, root: Path, person: Person, left: int | None
    ) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        super().__init__(process.stdout, process.stdin, root)
        self.process = process
        self.person = person
        self.buffers = person.buffers
        self.killed = False
        self._left = left
        self._moment = person.chance.choice((0.0, person.chance.uniform(0.0, MOMENT)))
        self.handle("postil/session/update", self._update)

    # --- What the person does ------------------------------------------------------------------------------

    def open_all(self) -> None:
        """Open every document as it was, with what is not saved."""
        for buffer in self.buffers.values():
            document = {"uri": buffer.uri, "version": buffer.version, "text": buffer.text}
            self.notify("textDocument/didOpen", {"textDocument": document | {"languageId": "python"}})

    def type_somewhere(self) -> None:
        """Type a line at the end of a document."""
        buffer = self.person.chance.choice(list(self.buffers.values()))
        lines = self.person.typed.setdefault(buffer.uri, [])
        lines.append(f"# typed {len(lines)}\n")
        self.type(buffer, buffer.text + lines[-1])

    async def request(self, method: str, params: Any) -> Any:
        """Ask the server; raises ReplyError, and GoneError where nobody answers any more."""
        if self._pump.done():
            raise GoneError
        return await super().request(method, params)

    async def until(self, seen: Callable[[], Any]) -> None:
        """Return once something is so; raises GoneError where it never will be."""
        await super().until(lambda: bool(seen()))
        if not seen():
            raise GoneError

    async def attached(self) -> None:
        """Open the session: all that was told of it is on its record, and this process may write it."""
        told = dict(self.person.told)
        result = await self.request("postil/session/attach", {"sessionId": self.person.session})
        assert not result.get("readOnly"), result
        assert told.items() <= {it["seq"]: it["event"] for it in result["events"]}.items(), "an event is lost"
        for it in result["events"]:
            self._note(it)

    # --- What the server says ------------------------------------------------------------------------------

    async def _take(self, message: Json) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._kill_soon()
        await super()._take(message)
        dirty = sum(map(len, self.person.typed.values()))
        if self.buffers and dirty < MOST_TYPED and self.person.chance.random() < 0.05:
            self.type_somewhere()

    def _kill_soon(self) -> None:
        if self._moment:
            asyncio.get_running_loop().call_later(self._moment, self.end)
        else:
            self.end()

    def _update(self, update: Json) -> None:
        if update.get("seq"):
            self._note(update)

    def _note(self, update: Json) -> None:
        event = self.person.told.setdefault(update["seq"], update["event"])
        assert event == update["event"], "an event that was told is another one now"

    def end(self) -> None:
        """Kill the server, where it runs."""
        if self.process.returncode is None and not self.killed:
            self.killed = True
            self.process.kill()

    async def gone(self) -> None:
        """Return once the server has ended and all that it had said is taken."""
        await self.process.wait()
        await asyncio.wait({self._pump})


@asynccontextmanager
async def serving(place: Desk, person: Person, left: int | None) -> AsyncGenerator[KilledEditor]:
    """Start a server with the person's editor before it; it does not outlive the block, and says nothing odd."""
    log = place.state.with_name("stderr")
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "postil", "serve",
            cwd=place.workspace, env=place.environment, stderr=stderr,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
    editor = KilledEditor(process, place.workspace, person, left)
    try:
        yield editor
    finally:
        editor.end()
        await editor.gone()
    assert "Traceback" not in log.read_text(), log.read_text()
