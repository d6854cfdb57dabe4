"""Calls as updates: asked for, begun, under way, ended; with their kinds, places and diffs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from acp.schema import FileEditToolCallContent, ToolCallLocation, ToolCallProgress, ToolCallStart

from postil.acp import wording
from postil.core.effects import ToolKind
from postil.core.ephemeral import CallProgress
from postil.core.events import CallFinished, CallStarted, ChecksStarted, FileChanged, ModelReplied
from postil.core.messages import ToolCall

LARGEST = 1_000_000
"""Characters of a file from which on its change is told as a patch, and not by both texts."""
_NO_OUTPUT: frozenset[ToolKind] = frozenset({"edit", "delete", "move"})
"""Kinds whose diffs say all."""
_VERBS = {
    "shell": "Run", "read": "Read", "list": "List", "grep": "Search for", "glob": "Find", "edit": "Edit", "write": "Write",
    "delete": "Delete", "move": "Move", "fetch": "Fetch",
}  # fmt: skip
"""What tools do, as the titles of their calls say once they run."""
_PLACES = {"path": "offset", "file": "line"}
"""Where the inputs of tools name a file, and its line."""

Kept = Callable[[str], Awaitable[str | None]]
"""Gives a text by its hash; None where it is not kept any more."""
Kinds = Callable[[str], ToolKind]
"""Gives a tool's kind."""


class Calls:
    """What is known of the calls of one session."""

    def __init__(self, kinds: Kinds, kept: Kept, root: Path) -> None:
        self._kinds = kinds
        self._kept = kept
        self._root = root
        self._kind: dict[str, ToolKind] = {}
        self._printed: dict[str, str] = {}
        self._diffs: dict[str, list[Any]] = {}

    def wanted(self, event: ModelReplied) -> list[ToolCallStart]:
        """Return the calls that a reply asks for."""
        return [self._begin(call) for call in event.message.calls]

    def checks(self, event: ChecksStarted) -> list[ToolCallStart]:
        """Return the checks that Postil runs by itself."""
        calls = (ToolCall(id=it.call_id, name="shell", input={"command": it.command}) for it in event.checks)
        return [self._begin(call) for call in calls]

    def started(self, event: CallStarted) -> ToolCallProgress:
        """Return that a call runs."""
        self._kind[event.call_id] = event.kind
        places = [wording.location(it.path) for it in event.edits]
        return ToolCallProgress(
            session_update="tool_call_update",
            tool_call_id=event.call_id,
            status="in_progress",
            title=wording.title(event.title),
            kind=event.kind,
            locations=places or None,
        )

    def printed(self, event: CallProgress) -> ToolCallProgress:
        """Return what a call has printed so far, or the end of it."""
        text = (self._printed.get(event.call_id, "") + event.text)[-2 * wording.SHOWN :]
        self._printed[event.call_id] = text
        return ToolCallProgress(
            session_update="tool_call_update",
            tool_call_id=event.call_id,
            status="in_progress",
            content=[wording.output(text)],
        )

    async def changed(self, event: FileChanged) -> ToolCallProgress | None:
        """Return a file that a call changed, with both its texts."""
        if event.call_id is None:
            return None
        diffs = self._diffs.setdefault(event.call_id, [])
        diffs.append(await self._diff(event))
        return ToolCallProgress(
            session_update="tool_call_update",
            tool_call_id=event.call_id,
            content=list(diffs),
            locations=[wording.location(it.path) for it in diffs if isinstance(it, FileEditToolCallContent)]
            or [wording.location(event.path)],
        )

    def finished(self, event: CallFinished) -> ToolCallProgress:
        """Return how a call ended."""
        self._printed.pop(event.call_id, None)
        diffs, kind = self._diffs.pop(event.call_id, []), self._kind.pop(event.call_id, "other")
        done = event.outcome == "completed"
        words = [] if done and diffs and kind in _NO_OUTPUT else [_result(event)]
        return ToolCallProgress(
            session_update="tool_call_update",
            tool_call_id=event.call_id,
            status="completed" if done else "failed",
            content=[*diffs, *words],
            raw_output={"outcome": event.outcome, "seconds": event.seconds, **_exit_code(event)},
        )

    async def _diff(self, event: FileChanged) -> Any:
        old = await self._kept(event.before) if event.before is not None else None
        new = await self._kept(event.after) if event.after is not None else ""
        lost = new is None or (event.before is not None and old is None)
        if lost or new is None or len(new) + len(old or "") > LARGEST:
            return wording.output(event.diff, "diff")
        return wording.edit(event.path, old, new)

    def _begin(self, call: ToolCall) -> ToolCallStart:
        kind = self._kind[call.id] = self._kinds(call.name)
        return ToolCallStart(
            session_update="tool_call",
            tool_call_id=call.id,
            title=wording.title(f"{_VERBS.get(call.name, call.name)} {_first(call)}".rstrip()),
            kind=kind,
            status="pending",
            raw_input=call.input,
            locations=self._places(call) or None,
        )

    def _places(self, call: ToolCall) -> list[ToolCallLocation]:
        found: list[ToolCallLocation] = []
        for name, line in _PLACES.items():
            path, at = call.input.get(name), call.input.get(line)
            if isinstance(path, str) and path:
                found.append(
                    wording.location(str(self._root / path), at if isinstance(at, int) and at > 0 else None)
                )
        return found


def _first(call: ToolCall) -> str:
    """Return the first words of a call's input."""
    return next((it for it in call.input.values() if isinstance(it, str)), "")


def _result(event: CallFinished) -> Any:
    text = event.content.strip("\n")
    if event.outcome in ("completed", "unknown"):
        return wording.output(text)
    return wording.content(f"{event.outcome.replace('_', ' ').capitalize()}: {wording.title(text)}")


def _exit_code(event: CallFinished) -> dict[str, Any]:
    code = event.details.get("exit_code")
    return {"exitCode": code} if code is not None else {}
