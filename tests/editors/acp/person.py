"""A person before an editor that speaks ACP: the public SDK's client, with buffers, answers, and all that it was told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from acp.exceptions import RequestError
from acp.schema import (
    AllowedOutcome,
    DeniedOutcome,
    PermissionOption,
    ReadTextFileResponse,
    RequestPermissionResponse,
    ToolCallUpdate,
    WriteTextFileResponse,
)

PATIENCE = 50.0
U = TypeVar("U")


class Asked:
    """A permission request that waits for its answer."""

    def __init__(self, call: ToolCallUpdate, options: list[PermissionOption]) -> None:
        self.call = call
        self.options = options
        self.reply: asyncio.Future[RequestPermissionResponse] = asyncio.get_running_loop().create_future()

    @property
    def ids(self) -> list[str]:
        """What can be answered."""
        return [it.option_id for it in self.options]

    def choose(self, option_id: str) -> None:
        """Choose an option."""
        outcome = AllowedOutcome(outcome="selected", option_id=option_id)
        self.reply.set_result(RequestPermissionResponse(outcome=outcome))

    def dismiss(self) -> None:
        """Close the dialog without an answer."""
        self.reply.set_result(RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled")))

    def fail(self) -> None:
        """Let the client fail."""
        self.reply.set_exception(RequestError.internal_error({"details": "the dialog crashed"}))


class Person:
    """The client's side of one connection. A buffer is what its editor shows; a file without one is read from the disk."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        """Every update, with the session that it is about."""
        self.asked: deque[Asked] = deque()
        self.buffers: dict[Path, str] = {}
        self.reads: list[Path] = []
        self.writes: list[tuple[Path, str]] = []
        self.newline: str | None = ""
        """How files are read that are not open; None gives every line the same end."""
        self.refuses_writes = False
        self._news = asyncio.Condition()

    def on_connect(self, conn: Any) -> None:
        """There is nothing to do."""

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        """Take note of an update."""
        self.told.append((session_id, update))
        await self._tell()

    async def request_permission(
        self, session_id: str, tool_call: ToolCallUpdate, options: list[PermissionOption], **_: Any
    ) -> RequestPermissionResponse:
        """Show a question and wait for the person."""
        asked = Asked(tool_call, options)
        self.asked.append(asked)
        await self._tell()
        return await asked.reply

    async def read_text_file(
        self, session_id: str, path: str, line: int | None = None, limit: int | None = None, **_: Any
    ) -> ReadTextFileResponse:
        """Give the text that the editor shows."""
        place = Path(path)
        self.reads.append(place)
        if place in self.buffers:
            return ReadTextFileResponse(content=self.buffers[place])

        def read() -> str:
            with place.open(encoding="utf-8", errors="replace", newline=self.newline) as file:
                return file.read()

        try:
            return ReadTextFileResponse(content=await asyncio.to_thread(read))
        except OSError:
            raise RequestError.resource_not_found(path) from None

    async def write_text_file(
        self, session_id: str, path: str, content: str, **_: Any
    ) -> WriteTextFileResponse:
        """Put a text into the buffer, or into the file where none is open."""
        if self.refuses_writes:
            raise RequestError.internal_error({"details": "read-only"})
        place = Path(path)
        self.writes.append((place, content))
        if place in self.buffers:
            self.buffers[place] = content
        else:
            await asyncio.to_thread(place.write_text, content, "utf-8", None, "")
        return WriteTextFileResponse()

    # --- What tests wait for and look at --------------------------------------------------------------------

    def updates(self, kind: type[U]) -> list[U]:
        """Return the updates of one kind, in order."""
        return [it for _, it in self.told if isinstance(it, kind)]

    @property
    def says(self) -> str:
        """All that the agent has said."""
        return "".join(
            it.content.text
            for _, it in self.told
            if getattr(it, "session_update", "") == "agent_message_chunk"
        )

    def call(self, name: str) -> dict[str, Any]:
        """Return what is known by now of the call whose title begins so: the later word counts."""
        found: dict[str, dict[str, Any]] = {}
        for _, it in self.told:
            if getattr(it, "session_update", "") in ("tool_call", "tool_call_update"):
                new = it.model_dump(mode="json", exclude_none=True)
                old = found.setdefault(it.tool_call_id, {"statuses": []})
                old["statuses"] += [new["status"]] if "status" in new else []
                old |= {key: value for key, value in new.items() if key != "statuses"}
        (wanted,) = [it for it in found.values() if it["title"].startswith(name)]
        return wanted

    async def until(self, state: Callable[[], bool]) -> None:
        """Return when this is so."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(state)

    async def question(self) -> Asked:
        """Return the next question."""
        await self.until(lambda: bool(self.asked))
        return self.asked.popleft()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()
