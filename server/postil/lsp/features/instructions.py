"""What instructions have no room for, or import in vain, as diagnostics in the files themselves. Kind: inline."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from postil.core.events import MemoryInForce, Publication
from postil.core.remembered import INSTRUCTIONS, Gap, gaps
from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.looking import Looking
from postil.lsp.server import PostilServer
from postil.workspace.files.uris import path_to_uri, uri_to_path


def register(server: PostilServer) -> None:
    """Look at instructions when a session begins with them, and when one of them is opened or changed."""
    limits = InstructionLimits(server)

    def begin(face: Face) -> None:
        face.listen(limits.publish)

    server.on_face.append(begin)
    server.on_document.append(limits.look)
    server.on_end.append(limits.looking.end)


class InstructionLimits:
    """What is said of files of instructions, as they are now: a session that began earlier keeps what it began with."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._known: set[str] = set()
        self.looking = Looking("instructions", self._look)

    def publish(self, publication: Publication) -> None:
        """Look when a session begins with instructions."""
        if isinstance(publication.event, MemoryInForce):
            self.looking.again()

    def look(self, uri: str) -> None:
        """Look when a file of instructions was opened, changed, saved or closed."""
        path = uri_to_path(uri)
        if uri in self._known or (path is not None and path.name in INSTRUCTIONS):
            self.looking.again()

    async def _look(self) -> None:
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
