"""One workspace of the connection: Postil as it is built for its folders, and the client's files of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from postil.acp.capabilities import Capabilities
from postil.acp.client import ClientFiles
from postil.acp.editor import AcpEditor
from postil.acp.options import Chosen, Offered, offered
from postil.core.errors import UsageError
from postil.core.loading import loading

if TYPE_CHECKING:
    from acp.interfaces import Client

    from postil.agent.commanding.listing import CommandRow
    from postil.app import App
    from postil.journal.listing import Summary
    from postil.journal.store import SessionStore


class Place:
    """A workspace that sessions of this connection work in."""

    def __init__(
        self, app: App, editor: AcpEditor, roots: tuple[Path, ...], there: Offered, face: str
    ) -> None:
        self.app = app
        self.editor = editor
        self.roots = roots
        self.face = face
        """What goes on record of what a person does here."""
        self.there = there
        """The agent types when it was first used."""

    def chosen(self) -> Chosen:
        """Return what the settings choose for a new session."""
        options = self.app.loaded.options
        return Chosen(options.mode, options.agent, options.model)

    async def commands(self) -> list[CommandRow]:
        """Return the slash commands that are in force."""
        from postil.agent.commanding.listing import command_rows  # noqa: PLC0415 - loaded with the first

        app, trusted = self.app, self.app.trust.now.trusted

        def look() -> list[CommandRow]:
            rows = command_rows(
                app.commands.inventory(trusted=trusted), app.skills.inventory(trusted=trusted)
            )
            return [it for it in rows if it.state == "in force"]

        return await asyncio.to_thread(look)


class Places:
    """The workspaces, each built when a session first wants it."""

    def __init__(
        self, client: Client, capabilities: Capabilities, overrides: Mapping[str, str | None]
    ) -> None:
        self._client = client
        self._capabilities = capabilities
        self._overrides = overrides
        self._built: dict[tuple[Path, ...], Place] = {}
        self._building = asyncio.Lock()

    @property
    def all(self) -> tuple[Place, ...]:
        """Those that are built."""
        return tuple(self._built.values())

    async def at(self, cwd: str, more: list[str] | None) -> Place:
        """Return the workspace of these folders. Raises UsageError, ConfigurationError."""
        folders = [cwd, *(more or ())]
        for it in folders:
            if not Path(it).is_absolute():
                raise UsageError(f"{it!r} is no absolute path.", "The editor has to name folders whole.")
        roots, missing = await asyncio.to_thread(_resolved, folders)
        if missing:
            raise UsageError(f"There is no folder {missing}.", "Open one that is there.")
        async with self._building:
            if roots not in self._built:
                called = dict(zip(roots, folders, strict=True))
                self._built[roots] = await self._build(roots, called)
            return self._built[roots]

    async def close(self, reason: str) -> None:
        """Close every session, so that each can be resumed."""
        for place in self.all:
            await place.app.close(reason)

    async def _build(self, roots: tuple[Path, ...], called: Mapping[Path, str]) -> Place:
        files = ClientFiles(self._client, called)
        editor = AcpEditor(files, self._capabilities, roots)

        def construct() -> App:
            with loading():
                from postil.app import Setting, build  # noqa: PLC0415 - `initialize` is answered before it is loaded
                from postil.config.load import load  # noqa: PLC0415 - as above

            loaded = load(roots, dict(self._overrides))
            return build(loaded, Setting(roots, editor, interactive=True, tries_changes=True))

        app = await asyncio.to_thread(construct)
        return Place(app, editor, roots, await offered(app), self._capabilities.face)


async def sessions_of_all() -> list[Summary]:
    """Return the sessions of all workspaces that there are on this machine, the last used first."""

    def store() -> SessionStore:
        with loading():
            from postil.journal.layout import state_directory  # noqa: PLC0415 - `initialize` is answered before it is loaded
            from postil.journal.store import SessionStore  # noqa: PLC0415 - as above

        return SessionStore(state_directory())

    return await (await asyncio.to_thread(store)).list()


def _resolved(folders: list[str]) -> tuple[tuple[Path, ...], str]:
    """Return the folders resolved, and the first that is not there."""
    missing = next((it for it in folders if not Path(it).is_dir()), "")
    return tuple(dict.fromkeys(Path(it).resolve() for it in folders)), missing
