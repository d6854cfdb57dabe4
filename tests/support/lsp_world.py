"""A world for the language server: a project, a scripted model, server processes with their own state, editors."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from postil.core.event_codec import decode_durable
from postil.core.events import Durable
from postil.journal.blobs import Blobs
from postil.journal.codec import unpack
from postil.model.scripted import ScriptedModel
from postil.workspace.commands.processes import process_alive
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import Editor
from tests.support.trusted import trusted

SERVE = (sys.executable, "-m", "postil", "serve")
_CLIENTS = Path(__file__).with_name("clients")

OURS: Json = {"postil": {"protocol": 1, "save": True}}
"""What a client of Postil's own says of itself."""


class World:
    """One project, and all that happens in it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        self.state = folder / "state"
        self.command: tuple[str, ...] = SERVE
        self.env: dict[str, str] = {"POSTIL_STATE_DIR": str(self.state)}
        self.editors: list[Editor] = []
        self._model: ScriptedModel | None = None

    @property
    def model(self) -> ScriptedModel:
        """The scripted model."""
        assert self._model is not None
        return self._model

    def file(self, name: str, text: str) -> Path:
        """Write a file of the project, byte for byte."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def trust(self, *more: Path) -> None:
        """Trust the project and these folders, for tests of what rules allow there."""
        for folder in (self.root, *more):
            trusted(folder, self.state)

    def settings(self, text: str) -> None:
        """Give the user these settings, before an editor starts."""
        folder = self.state.parent / "config"
        folder.mkdir(exist_ok=True)
        (folder / "settings.toml").write_text(text, "utf-8")
        self.env["POSTIL_CONFIG_DIR"] = str(folder)

    async def play(self, *replies: Json | str) -> None:
        """Let the model say this from now on."""
        if self._model is not None:
            await self._model.stop()
        self._model = ScriptedModel.load(list(replies))
        await self._model.start()
        self.env |= {"ANTHROPIC_BASE_URL": self._model.url, "ANTHROPIC_API_KEY": "scripted"}

    async def editor(self, preset: str = "vscode", *, ours: bool = True, **changes: Any) -> Editor:
        """Start a server, and connect an editor that introduces itself as that client does."""
        editor = Editor()
        self.editors.append(editor)
        await self.start(editor, preset, ours=ours, **changes)
        return editor

    async def start(self, editor: Editor, preset: str, *, ours: bool, **changes: Any) -> None:
        """Start a server for an editor that is made already."""
        await editor.start(self.command, {**os.environ, **self.env})
        await editor.initialize(initialize_params(preset, self.root, ours=ours) | changes)

    def journal(self, session_id: str) -> list[Durable]:
        """Return the events that a session has on disk; a line that is being written at the moment is not one yet."""
        (path,) = self.state.glob(f"workspaces/*/sessions/{session_id}/journal.jsonl")
        blobs = Blobs(RealDisk(), path.parent / "blobs")
        whole, _, _ = path.read_text("utf-8").rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines()]
        found = [decode_durable(unpack(line["event"], blobs.get)) for line in lines]
        return [it for it in found if isinstance(it, Durable)]

    async def close(self) -> None:
        """End what still runs; every server has to leave in good order."""
        for editor in self.editors:
            if editor.running:
                status = await editor.leave()
                assert status == 0, (status, editor.stderr)
            assert "Traceback" not in editor.stderr, editor.stderr

    async def kill(self) -> None:
        """End what is left, the model too."""
        for editor in self.editors:
            await editor.kill()
        if self._model is not None:
            await self._model.stop()


@asynccontextmanager
async def new_world(folder: Path) -> AsyncGenerator[World]:
    """Make a world, and see to it that nothing of it is left."""
    world = World(folder)
    try:
        yield world
        await world.close()
    finally:
        await world.kill()


async def gone(processes: Sequence[tuple[int, float]]) -> None:
    """Return when none of these processes, each named by its id and its start, is there any more."""

    def wait() -> None:
        until = time.monotonic() + PATIENCE
        while any(process_alive(*it) for it in processes):
            assert time.monotonic() < until, f"still there: {processes}"
            time.sleep(0.02)

    await asyncio.to_thread(wait)


def initialize_params(preset: str, root: Path | None, *, ours: bool) -> Json:
    """Return what a real client sent at its start; `utf-32` and `bare` are made up."""
    if preset == "bare":
        params: Json = {"processId": None, "rootUri": None, "capabilities": {}}
    elif preset == "utf-32":
        params = _recorded("vscode", root)
        params["capabilities"]["general"]["positionEncodings"] = ["utf-32"]
    else:
        params = _recorded(preset, root)
    if root is not None:
        params["rootUri"] = path_to_uri(root)
    if ours:
        params["capabilities"]["experimental"] = OURS
    return params


def _recorded(name: str, root: Path | None) -> Json:
    text = (_CLIENTS / f"{name}.json").read_text("utf-8")
    recorded: Json = json.loads(text.replace("${WORKSPACE}", str(root)))
    return recorded.get("params", recorded)
