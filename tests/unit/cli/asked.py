"""A workspace with sessions that `postil ask` really had, for tests of the commands that look at them."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from postil.cli.main import run
from postil.core.events import Durable
from postil.journal.layout import Layout
from postil.journal.store import SessionStore
from postil.journal.writer import FileJournal
from postil.model.scripted import ScriptedModel
from postil.workspace.files.real_disk import RealDisk
from tests.support.trusted import trusted
from tests.unit.cli.command import Said, environment, postil, postil_on_terminal


@dataclass(frozen=True)
class Place:
    """A home with settings and state, and a workspace in it."""

    home: Path

    @property
    def work(self) -> Path:
        return self.home / "project"

    @property
    def store(self) -> SessionStore:
        return SessionStore(self.home / "state")

    def say(self, *arguments: str, data: bytes = b"") -> Said:
        """Run a command in the workspace."""
        return postil(*arguments, home=self.home, cwd=self.work, data=data)

    def say_here(self, *arguments: str) -> Said:
        """Run a command in this process: quicker, where what is tested is what it says of many things."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in environment(self.home).items():
                patch.setenv(name, value)
            patch.chdir(self.work)
            status = run(list(arguments))
        return Said(status, out.getvalue(), err.getvalue())

    def say_on_terminal(self, *arguments: str, at: str, typed: str) -> Said:
        """Run a command on a terminal and type a line once `at` is on the screen."""
        return postil_on_terminal(*arguments, home=self.home, at=at, typed=typed)

    async def ask(self, script: list[Any], *arguments: str, data: bytes = b"") -> Said:
        """Run `postil ask`, or another command that asks the model, against one that plays the script."""
        async with ScriptedModel.load(script) as server:
            return await asyncio.to_thread(
                postil, *arguments, home=self.home, cwd=self.work, data=data, env=model(server)
            )

    async def keep(self, session_id: str, *events: Durable, root: Path | None = None) -> FileJournal:
        """Write a session and leave it open."""
        journal = await self.store.create(root or self.work, session_id)
        for event in events:
            await journal.append(event, sync=True)
        return journal

    def folder(self, session_id: str) -> Path:
        """Return where a session's files lie."""
        return Layout(RealDisk(), self.home / "state").session(session_id)

    def latest(self) -> str:
        """Return the id of the newest session."""
        first = self.say_here("sessions", "list", "--json").out.splitlines()[0]
        return json.loads(first)["session_id"]


def model(server: ScriptedModel) -> dict[str, str]:
    """Return what makes a process ask this model."""
    return {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "scripted", "COLUMNS": "200"}


def place(home: Path) -> Place:
    """Return a home with an empty workspace, which is trusted."""
    made = Place(home)
    made.work.mkdir()
    trusted(made.work, home / "state")
    return made
