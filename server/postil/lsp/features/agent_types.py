"""Agent types: the list of them, and what is wrong with the file of one as somebody writes it. Kind: reading."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.looking import Looking
from postil.lsp.server import PostilServer
from postil.lsp.values.agent_methods import AgentFaultRow, AgentRow, AgentsResult
from postil.lsp.wire import Nothing
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from postil.agent.types.agent_type import TypeFault
    from postil.lsp.text_document import OpenDocument

_FOLDER = "agents"


def register(server: PostilServer) -> None:
    """Serve the list, and look at every file of a type that is open."""
    writing = TypeFiles(server)
    server.serve_row("agents", agents)
    server.on_document.append(writing.look)
    server.on_end.append(writing.looking.end)


async def agents(face: Face, _: Nothing) -> AgentsResult:
    """List the types, and the files that are none."""
    app = await face.app()
    found = await asyncio.to_thread(app.types.collect)
    rows = [
        AgentRow(
            name=it.name,
            title=it.spec.title,
            when=it.spec.when,
            source=it.source,
            file=it.file,
            tools=list(it.spec.tools),
            mode=it.spec.mode,
            default=it.name == app.loaded.options.agent,
        )
        for it in found.types
    ]
    faults = [AgentFaultRow(file=it.file, line=it.line, message=it.message) for it in found.faults]
    return AgentsResult(types=rows, faults=faults)


class TypeFiles:
    """The open files of agent types, and what was found in them."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self.looking = Looking("files of agent types", self._look)

    def look(self, uri: str) -> None:
        """Look at all of them when one was opened, changed, saved or closed."""
        if _may_be(uri):
            self.looking.again()

    async def _look(self) -> None:
        app = await self._server.face.app()
        said: dict[str, list[types.Diagnostic]] = {}
        for document in [it for it in self._server.open_documents() if _may_be(it.uri)]:
            path, version = uri_to_path(document.uri), document.version
            found = await asyncio.to_thread(app.types.faults_of, path, document.source) if path else None
            if found is not None and document.version == version:
                said[document.uri] = [_diagnostic(it, document) for it in found]
        self._server.diagnostics.say("agent types", said)


def _may_be(uri: str) -> bool:
    path = uri_to_path(uri)
    return path is not None and path.suffix == ".md" and path.parent.name == _FOLDER


def _diagnostic(fault: TypeFault, document: OpenDocument) -> types.Diagnostic:
    line = min(fault.line, len(document.lines)) - 1
    text = document.lines[line].rstrip("\r\n") if document.lines else ""
    end = types.Position(*document.position_at(sum(map(len, document.lines[:line])) + len(text)))
    return types.Diagnostic(
        types.Range(types.Position(max(line, 0), 0), end),
        f"{fault.message}.",
        severity=types.DiagnosticSeverity.Error,
        code="agent-type",
        source=SOURCE,
    )
