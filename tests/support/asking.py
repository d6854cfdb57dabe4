"""Runs `postil ask` as a real process against a scripted model in this one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postil.core.event_codec import decode_any
from postil.core.events import TurnEnded
from postil.journal.store import Record, SessionStore
from postil.model.scripted import ScriptedModel
from tests.support.trusted import trusted

Meanwhile = Callable[[asyncio.subprocess.Process], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a run printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The objects that `--json` printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind, as they were printed."""
        return [line["event"] for line in self.lines if line["event"]["type"] == kind]

    @property
    def end(self) -> TurnEnded:
        """The one end of the turn."""
        (only,) = self.events("TurnEnded")
        ended = decode_any(only)
        assert isinstance(ended, TurnEnded)
        return ended


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace, a place for settings and sessions, and a model."""

    workspace: Path
    state: Path
    server: ScriptedModel

    async def ask(self, *arguments: str, meanwhile: Meanwhile | None = None, **environment: str) -> Answered:
        """Run `postil ask --json` with these arguments in the workspace."""
        env = {**self.environment, **environment}
        return await run("ask", "--json", *arguments, cwd=self.workspace, env=env, meanwhile=meanwhile)

    def settings(self, text: str) -> None:
        """Give the user these settings."""
        folder = self.state / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.toml").write_text(text, "utf-8")

    async def record(self, session_id: str) -> Record:
        """Return a session's whole journal, every sum checked."""
        return await SessionStore(self.state).record(session_id)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a process that works here."""
        return os.environ | {
            "ANTHROPIC_BASE_URL": self.server.url,
            "POSTIL_STATE_DIR": str(self.state),
            "POSTIL_CONFIG_DIR": str(self.state / "config"),
        }


@asynccontextmanager
async def desk(
    folder: Path, script: list[Any], workspace: Path | None = None, *, trusts: bool = False
) -> AsyncGenerator[Desk]:
    """Give a workspace below `folder`, or the one that is given, and a model that plays the script."""
    root = workspace or folder / "work"
    root.mkdir(exist_ok=True)
    if trusts:
        trusted(root, folder / "state")
    async with ScriptedModel.load(script) as server:
        yield Desk(root, folder / "state", server)


async def run(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    meanwhile: Meanwhile | None = None,
    under: Sequence[str] = (),
) -> Answered:
    """Run `postil` to its end, `meanwhile` doing something to it, `under` another program where one is given.

    A traceback is a failure whatever was expected.
    """
    process = await asyncio.create_subprocess_exec(
        *under,
        sys.executable,
        "-m",
        "postil",
        *arguments,
        cwd=cwd,
        env={**os.environ, **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    doing = asyncio.ensure_future(meanwhile(process)) if meanwhile is not None else None
    try:
        out, err = await process.communicate()
        if doing is not None:
            await doing
    finally:
        if doing is not None:
            doing.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()
    answered = Answered(process.returncode or 0, out.decode(), err.decode())
    assert "Traceback" not in answered.out + answered.err
    return answered
