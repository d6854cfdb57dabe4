"""What scenarios with sub-agents share: scripts of two conversations, and what is left of them on record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from postil.core import events as ev
from postil.core.question import Question
from postil.journal.audit import Outside, verify
from postil.journal.blobs import Blobs
from postil.journal.layout import BLOBS, JOURNAL
from postil.model.scripted.server import Received
from postil.workspace.files.real_disk import RealDisk
from tests.support.house import House

Script = list[Any]
MAIN, TASK = "^Do it", "^Task"


def delegate(call_id: str, agent: str = "build", task: str = "Task.") -> dict[str, Any]:
    """Return the block of a call."""
    return {"tool": "delegate", "id": call_id, "input": {"agent": agent, "name": "A task", "task": task}}


def does(user: str, *blocks: Any) -> dict[str, Any]:
    """Return a reply to a prompt that begins so; words are text."""
    return {"when": {"user": user}, "blocks": [{"text": it} if isinstance(it, str) else it for it in blocks]}


def calls(tool: str, call_id: str, **given: Any) -> dict[str, Any]:
    return {"tool": tool, "id": call_id, "input": given}


def one(*blocks: Any, agent: str = "build", last: str = "Found.") -> Script:
    """Return a turn in which a sub-agent makes these calls, and ends."""
    return [
        does(MAIN, delegate("d1", agent)), does(TASK, *blocks), does(TASK, last), does(MAIN, "Done.")
    ]  # fmt: skip


async def run(place: House, agent: str | None = None, mode: str | None = None) -> None:
    session = await place.begin(agent, mode)
    await place.turn(session, "Do it.")
    await whole(place)


async def whole(place: House) -> None:
    """Hold every journal to what always holds of one, byte for byte."""
    for name in {it.session_id for it in place.seen}:
        folder = await place.app.sessions.store.folder(name)
        lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
        report = verify(lines, Blobs(RealDisk(), folder / BLOBS).get, Outside(name))
        assert report.whole, (name, report.faults)


def ended(place: House, call_id: str) -> ev.CallFinished:
    (found,) = [it for it in place.events(ev.CallFinished) if it.call_id == call_id]
    return found


def of_task(place: House) -> list[Received]:
    """Return the requests of sub-agents."""
    return [it for it in place.server.requests if "Task" in json.dumps(it.body["messages"][0])]


def of_main(place: House) -> list[Received]:
    return [it for it in place.server.requests if it not in of_task(place)]


def settings(folder: Path, text: str) -> None:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "settings.toml").write_text(text)


def yes(_: Question) -> str:
    return "allow_once"
