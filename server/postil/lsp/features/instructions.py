"""What instructions have no room for, or import in vain, as diagnostics in the files themselves. Kind: inline."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from lsprotocol import types

from postil.core.errors import PostilError
from postil.core.events import MemoryInForce, Publication
from postil.core.remembered import INSTRUCTIONS, Gap, gaps
from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.workspace.files.uris import path_to_uri, uri_to_path

log = logging.getLogger(__name__)


def register(server: PostilServer) -> None:
    """Look at instructions when a session begins with them, and when one of them is opened or changed."""
    limits = InstructionLimits(server)

    def begin(face: Face) -> None:
        face.listen(limits.publish)

    server.on_face.append(begin)
    server.on_document.append(limits.look)
    server.on_end.append(limits.end)


class InstructionLimits:
    """What is said of files of instructions, as they are now: a session that began earlier keeps what it began with."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._known: set[str] = set()
        self._looking: asyncio.Task[None] | None = None
        self._again = False

    def publish(self, publication: Publication) -> None:
        """Look when a session begins with instructions."""
        if isinstance(publication.event, MemoryInForce):
            self._begin()

    def look(self, uri: str) -> None:
        """Look when a file of instructions was opened, changed, saved or closed."""
        path = uri_to_path(uri)
        if uri in self._known or (path is not None and path.name in INSTRUCTIONS):
            self._begin()

    def end(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    def _begin(self) -> None:
        self._again = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._say()
        except PostilError as error:
            log.info("instructions are not looked at: %s", error)
        except Exception:
            log.exception("instructions")

    async def _say(self) -> None:
        app = await self._server.face.app()
        memory = await app.memory.hot()
        files = memory.files if memory is not None else ()
        said = {path_to_uri(Path(it.path)): [_diagnostic(gap) for gap in gaps(it)] for it in files}
        self._known = set(said)
        self._server.diagnostics.say("instructions", {uri: found for uri, found in said.items() if found})


def _diagnostic(gap: Gap) -> types.Diagnostic:
    place = types.Position(gap.line - 1, 0)
    severity = types.DiagnosticSeverity.Warning
    return types.Diagnostic(
        types.Range(place, place),
        gap.message,
        severity=severity,
        code=f"instructions-{gap.kind}",
        source=SOURCE,
    )
