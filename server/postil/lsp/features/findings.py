"""Findings as diagnostics at their lines, with *Apply*, *Ask agent* and *Dismiss* as quick fixes. Kind: submitting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from postil.core.errors import ProtocolError
from postil.core.events import FindingReported, FindingSettled, Publication, Rewound
from postil.core.question import Anchor, PromptContext
from postil.core.revealing import revealed
from postil.core.submissions import Prompt
from postil.lsp.diagnostics import SOURCE
from postil.lsp.face import Face
from postil.lsp.finding_changes import IN_DIAGNOSTIC, FindingChanges, is_long
from postil.lsp.methods import by_name
from postil.lsp.server import PostilServer
from postil.lsp.values.finding_methods import FindingParams
from postil.lsp.values.session_methods import TurnResult
from postil.lsp.wire import Nothing
from postil.workspace.files.uris import path_to_uri, uri_to_path

if TYPE_CHECKING:
    from postil.agent.session import Session
    from postil.core.finding import Finding

MOST = 200
"""Findings that are shown of one document."""
APPLY, SHOW, ASK, DISMISS = "Apply", "Show change", "Ask agent", "Dismiss"
_NEWS = (FindingReported, FindingSettled, Rewound)
_GONE = "The text has changed since."
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_MEND = (
    "Mend what this finding of a review says, where it still holds. Read the code around it first; where the finding is wrong, "
    "say so and change nothing."
)


def register(server: PostilServer) -> None:
    """Show findings, and serve what can be done with them."""
    findings = Findings(server)

    def begin(face: Face) -> None:
        face.listen(findings.publish)
        face.watch(findings.update)

    server.on_face.append(begin)
    server.on_document.append(findings.look)
    server.actions.append(findings.actions)
    server.serve_row("finding/apply", findings.apply)
    server.serve_row("finding/ask", ask)
    server.serve_row("finding/dismiss", dismiss)


class Findings:
    """What is said of the findings of open sessions."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._changes = FindingChanges(server)

    async def apply(self, face: Face, params: FindingParams) -> Nothing:
        """Put in what mends a finding, where all of that was shown."""
        session = await face.session(params.session_id)
        found = (it.finding for it in session.state.workflow.findings if it.finding.id == params.finding_id)
        if not all(map(self._changes.may_apply, found)):
            raise ProtocolError(
                "The change is longer than its diagnostic shows.", f"Look at it first: {SHOW}."
            )
        await session.apply(params.finding_id, face.name)
        return Nothing()

    def publish(self, publication: Publication) -> None:
        """Show what is open after an event that may change it."""
        if isinstance(publication.event, _NEWS):
            self.update()

    def update(self) -> None:
        """Show every open finding."""
        uris = {_uri(finding) for _, finding in _open_findings(self._server.face)}
        self._server.diagnostics.say("findings", {uri: self._said(uri) for uri in uris})

    def look(self, uri: str) -> None:
        """Show the findings of a document where they stand by now."""
        if any(_uri(finding) == uri for _, finding in _open_findings(self._server.face)):
            self._server.diagnostics.say_of("findings", uri, self._said(uri))

    def actions(self, face: Face, params: types.CodeActionParams) -> Iterable[types.CodeAction]:
        """Yield what can be done with the findings at a range."""
        uri = params.text_document.uri
        for session, finding in _of_document(face, uri):
            span, stands = self._span(uri, finding)
            if not _touch(span, params.range):
                continue
            mine = [it for it in params.context.diagnostics if _finding_id(it) == finding.id]
            if stands and finding.replacement is not None and self._changes.may_apply(finding):
                yield _action(APPLY, "finding/apply", session, finding, mine)
            if is_long(finding):
                yield _action(SHOW, "finding/show", session, finding, mine)
            yield _action(ASK, "finding/ask", session, finding, mine)
            yield _action(DISMISS, "finding/dismiss", session, finding, mine)

    def _said(self, uri: str) -> list[types.Diagnostic]:
        return [self._diagnostic(uri, finding) for _, finding in _of_document(self._server.face, uri)][:MOST]

    def _diagnostic(self, uri: str, finding: Finding) -> types.Diagnostic:
        span, stands = self._span(uri, finding)
        return types.Diagnostic(
            range=span,
            message=_told(finding) if stands else f"{finding.message} {_GONE}",
            severity=_SEVERITIES[finding.severity],
            code="finding",
            source=SOURCE,
            data={"findingId": finding.id},
        )

    def _span(self, uri: str, finding: Finding) -> tuple[types.Range, bool]:
        """Return where the finding is now, and whether its lines still stand there as far as anybody can see."""
        document = self._server.open_document(uri)
        if document is None:
            return _lines(finding.line - 1, finding.last_line), True
        from postil.core.finding_place import place_of  # noqa: PLC0415 - loaded with the first finding

        lines = document.lines
        at = place_of(finding, lines)
        first = min(finding.line - 1, max(len(lines) - 1, 0)) if at is None else at
        count = finding.quote.count("\n") + 1 if at is not None else 1
        return _lines(first, min(first + count, len(lines))), at is not None


async def dismiss(face: Face, params: FindingParams) -> Nothing:
    """Drop a finding."""
    session = await face.session(params.session_id)
    await session.dismiss(params.finding_id, face.name)
    return Nothing()


async def ask(face: Face, params: FindingParams) -> TurnResult:
    """Ask to mend a finding: in its session, or in a new one where its agent type edits nothing."""
    session = await face.session(params.session_id)
    found = (it.finding for it in session.state.workflow.findings if it.finding.id == params.finding_id)
    finding = next(found, None)
    if finding is None:
        raise ProtocolError(
            "That finding is not open: it was applied or dismissed, or the session went back."
        )
    configuration = session.state.workflow.configuration
    if configuration is None or configuration.held:
        session = await face.new_session()
    prompt = Prompt(_MEND, (_context(finding, face),), _anchor(finding), face.name)
    return TurnResult(session_id=session.id, turn_id=await session.prompt(prompt))


def _context(finding: Finding, face: Face) -> PromptContext:
    """Return the finding as material: none of it is a word of the person's."""
    path = Path(finding.path)
    root = next((it for it in face.roots if path.is_relative_to(it)), None)
    mend = (
        ""
        if finding.replacement is None
        else f"\nProposed in the place of these lines:\n{finding.replacement}"
    )
    return PromptContext(
        kind="diagnostic",
        path=str(path.relative_to(root)) if root is not None else finding.path,
        text=f"{finding.severity}: {finding.message}\nAt these lines:\n{finding.quote}{mend}",
        first_line=finding.line,
        last_line=finding.last_line,
    )


def _anchor(finding: Finding) -> Anchor:
    line = finding.line - 1
    return Anchor(uri=_uri(finding), line=line, end_line=finding.last_line - 1)


def _open_findings(face: Face) -> Iterator[tuple[Session, Finding]]:
    for session in face.open_sessions:
        for it in session.state.workflow.findings:
            yield session, it.finding


def _of_document(face: Face, uri: str) -> Sequence[tuple[Session, Finding]]:
    """Return the findings of a document, however the client writes its URI."""
    path = uri_to_path(uri)
    names = {uri, path_to_uri(path.resolve())} if path is not None else {uri}
    return [it for it in _open_findings(face) if _uri(it[1]) in names]


def _uri(finding: Finding) -> str:
    return path_to_uri(Path(finding.path))


def _lines(first: int, end: int) -> types.Range:
    return types.Range(types.Position(first, 0), types.Position(max(end, first), 0))


def _touch(one: types.Range, other: types.Range) -> bool:
    """Whether a range has to do with the lines of another, whose last line is the one before its end."""
    last = max(one.end.line - 1, one.start.line)
    return one.start.line <= other.end.line and other.start.line <= last


def _finding_id(diagnostic: types.Diagnostic) -> str:
    data = cast("object", diagnostic.data) if diagnostic.source == SOURCE else None
    if isinstance(data, dict):
        return str(cast("dict[str, object]", data).get("findingId", ""))
    return str(getattr(data, "findingId", ""))


def _action(
    title: str, row: str, session: Session, finding: Finding, diagnostics: list[types.Diagnostic]
) -> types.CodeAction:
    argument = {"sessionId": session.id, "findingId": finding.id}
    return types.CodeAction(
        title=f"Postil: {title}: {_short(finding.message)}",
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title=title, command=by_name[row].command, arguments=[argument]),
        diagnostics=diagnostics or None,
    )


def _told(finding: Finding) -> str:
    """Return what is wrong and what *Apply* would put in: nobody is to choose it without having seen that."""
    if finding.replacement is None:
        return finding.message
    if not finding.replacement:
        return f"{finding.message}\n{APPLY} deletes these lines."
    mend = revealed(finding.replacement)
    if not is_long(finding):
        return f"{finding.message}\n{APPLY} puts in:\n{mend}"
    more = f"[{len(mend) - IN_DIAGNOSTIC:,} more characters. {SHOW} shows all; then {APPLY} is offered.]"
    return f"{finding.message}\nThe change begins with:\n{mend[:IN_DIAGNOSTIC]}\n{more}"


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 60 else line[:59] + "…"
