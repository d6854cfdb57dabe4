"""Skills: the list of them, and what is wrong with a SKILL.md, as diagnostics in it while one edits it. Kind: inline.

A file is looked at where it lies in a folder of skills, in whatever workspace: what is typed is judged, not what was saved.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.looking import Looking
from postil.lsp.server import PostilServer
from postil.lsp.values.skill_methods import ListedSkill, SkillFlawRow, SkillsResult
from postil.lsp.wire import Nothing
from postil.workspace.files.uris import uri_to_path

if TYPE_CHECKING:
    from postil.tools.skills.front_matter import Flaw
    from postil.tools.skills.library import Found

_FILE, _FOLDER = "SKILL.md", "skills"


def register(server: PostilServer) -> None:
    """Serve the list, and look at a SKILL.md when it is opened or changed."""
    server.serve_row("skills", skills)
    flaws = SkillFlaws(server)
    server.on_document.append(flaws.look)
    server.on_end.append(flaws.looking.end)


async def skills(face: Face, _: Nothing) -> SkillsResult:
    """List the skills."""
    app = await face.app()
    found = await asyncio.to_thread(app.skills.inventory, trusted=app.trust.now.trusted)
    return SkillsResult(skills=[_row(it) for it in found])


def _row(found: Found) -> ListedSkill:
    row = found.row
    return ListedSkill(
        name=row.name,
        description=row.description,
        source=row.owner,
        file=row.path,
        state="off" if found.state else "in force",
        why=found.state,
        flaws=[SkillFlawRow(line=it.line, message=it.message, severity=it.severity) for it in found.flaws],
    )


class SkillFlaws:
    """What is said of the skills that are open."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._wanted: dict[str, None] = {}
        self.looking = Looking("skills", self._look)

    def look(self, uri: str) -> None:
        """Look when a SKILL.md was opened, changed, saved or closed."""
        path = uri_to_path(uri)
        if path is None or path.name != _FILE or path.parent.parent.name != _FOLDER:
            return
        self._wanted[uri] = None
        self.looking.again()

    async def _look(self) -> None:
        while self._wanted:
            uri = next(iter(self._wanted))
            del self._wanted[uri]
            await self._say(uri)

    async def _say(self, uri: str) -> None:
        document, path = self._server.open_document(uri), uri_to_path(uri)
        if document is None or path is None:
            self._server.diagnostics.say_of("skills", uri, ())
            return
        text = document.source
        found = await asyncio.to_thread(_flaws, text, path)
        lines = text.split("\n")
        said = [_diagnostic(it, lines) for it in found]
        self._server.diagnostics.say_of("skills", uri, said)


def _flaws(text: str, path: Path) -> list[Flaw]:
    from postil.tools.skills.front_matter import read  # noqa: PLC0415 - loaded with the first

    return read(text, path.parent.name).flaws


def _diagnostic(flaw: Flaw, lines: list[str]) -> types.Diagnostic:
    line = min(flaw.line, len(lines)) - 1
    length = len(lines[line].rstrip("\r").encode("utf-16-le")) // 2
    return types.Diagnostic(
        types.Range(types.Position(line, 0), types.Position(line, length)),
        flaw.message,
        severity=types.DiagnosticSeverity.Error
        if flaw.severity == "error"
        else types.DiagnosticSeverity.Warning,
        code="skill",
        source=SOURCE,
    )
