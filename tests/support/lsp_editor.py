"""An editor for tests: buffers, code actions and answers, with whatever habits a test gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from postil.workspace.files.uris import path_to_uri
from tests.support import text_edits
from tests.support.lsp_client import Connection, Json

ApplyHabit = Callable[["Editor", Json], Awaitable[Any]]
"""What the editor does with a `workspace/applyEdit`: returns the result, or raises JsonRpcException."""


@dataclass
class Buffer:
    """One open document."""

    uri: str
    path: Path
    text: str
    version: int = 1


class Editor(Connection):
    """A client with documents and a person in front of it."""

    def __init__(self) -> None:
        super().__init__()
        self.buffers: dict[str, Buffer] = {}
        self.diagnostics: dict[str, list[Json]] = {}
        self.habit: ApplyHabit = reply_then_change
        self.saving: Callable[[Buffer], bool] = write_to_disk
        self._unannounced: list[Json] = []
        self.registered: list[types.Registration] = []
        """What the server asked to be told of."""
        self.serve(types.WORKSPACE_APPLY_EDIT, self._apply)
        self.serve(types.CLIENT_REGISTER_CAPABILITY, lambda it: self.registered.extend(it.registrations))
        self.checking: Callable[[Buffer], Json | None] = lambda _: None
        """What the editor says that other servers find in a document."""
        self.serve("postil/client/save", self._save)
        self.serve("postil/client/diagnostics", self._check)
        self.serve(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, self._publish)

    # Documents

    def open(self, path: Path, text: str | None = None, version: int = 1) -> Buffer:
        """Open a document; with a text of its own where it is not saved."""
        text = path.read_bytes().decode() if text is None else text
        uri = path_to_uri(path)
        buffer = self.buffers[uri] = Buffer(uri, path, text, version)
        item = types.TextDocumentItem(uri, types.LanguageKind.Python, version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return buffer

    def close(self, buffer: Buffer) -> None:
        """Close a document."""
        del self.buffers[buffer.uri]
        identifier = types.TextDocumentIdentifier(buffer.uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    def type(self, buffer: Buffer, at: int, text: str) -> None:
        """Type at an offset and tell the server."""
        place = text_edits.position_of(buffer.text, at, self.encoding)
        self.change(buffer, [{"range": {"start": place, "end": place}, "newText": text}])()

    def save(self, buffer: Buffer) -> None:
        """Save a document by hand, and tell the server."""
        write_to_disk(buffer)
        self.notify(types.TEXT_DOCUMENT_DID_SAVE, {"textDocument": {"uri": buffer.uri}})

    def change(self, buffer: Buffer, edits: Sequence[Json]) -> Callable[[], None]:
        """Change the text; returns what tells the server of it, and first of what it was not told of yet."""
        in_order = sorted(edits, key=lambda it: text_edits.span_of(buffer.text, it["range"], self.encoding))
        buffer.text = text_edits.apply(buffer.text, edits, self.encoding)
        buffer.version += 1
        document = {"uri": buffer.uri, "version": buffer.version}
        changes = [{"range": it["range"], "text": it["newText"]} for it in reversed(in_order)]
        params = {"textDocument": document, "contentChanges": changes}
        self._unannounced.append(params)

        def announce() -> None:
            # An editor tells its changes in the order in which it made them.
            while params in self._unannounced:
                self._announce()

        return announce

    def tell(self) -> None:
        """Tell the server of every change, as an editor does before it asks for something."""
        while self._unannounced:
            self._announce()

    def _announce(self) -> None:
        self.notify(types.TEXT_DOCUMENT_DID_CHANGE, self._unannounced.pop(0))

    @property
    def has_told(self) -> bool:
        """Whether the server was told of every change: some editors tell of one a moment after they made it."""
        return not self._unannounced

    # Actions

    async def actions(
        self, buffer: Buffer, line: int = 0, diagnostics: Sequence[Json] = (), only: Sequence[str] = ()
    ) -> list[Json]:
        """Return the code actions of a line, as they are on the wire."""
        point = {"line": line, "character": 0}
        context: Json = {"diagnostics": list(diagnostics), **({"only": list(only)} if only else {})}
        document = {"uri": buffer.uri}
        params = {"textDocument": document, "range": {"start": point, "end": point}, "context": context}
        return await self.request(types.TEXT_DOCUMENT_CODE_ACTION, params) or []

    async def run(self, action: Json) -> Any:
        """Run a code action's command, or a command that stands for itself."""
        command: Json = action if isinstance(action["command"], str) else action["command"]
        return await self.command(command["command"], *command.get("arguments", []))

    def questions(self) -> list[tuple[str, Json]]:
        """Return the diagnostics that stand for questions, each with its document."""
        return [
            (uri, it)
            for uri, diagnostics in self.diagnostics.items()
            for it in diagnostics
            if it.get("code") == "question"
        ]

    async def question(self) -> tuple[Buffer, Json]:
        """Wait until exactly one question is shown; returns its document and its diagnostic."""
        await self.until(lambda: len(self.questions()) == 1)
        uri, diagnostic = self.questions()[0]
        return self.buffers[uri], diagnostic

    async def answer(self, title: str = "Allow once") -> Json:
        """Answer the one open question by its code action; returns its diagnostic once that is gone."""
        buffer, diagnostic = await self.question()
        actions = await self.actions(buffer, diagnostic["range"]["start"]["line"], [diagnostic])
        (action,) = [it for it in actions if it["title"] == f"Postil: {title}"]
        await self.run(action)
        await self.until(lambda: diagnostic not in [it for _, it in self.questions()])
        return diagnostic

    # What the server asks

    async def _apply(self, params: Json) -> Any:
        self.heard.edits.append(params)
        self.client.heard.set()
        return await self.habit(self, params)

    def _save(self, params: Json) -> Json:
        self.heard.saves.append(params["uri"])
        buffer = self.buffers[params["uri"]]
        saved = self.saving(buffer)
        if saved:
            self.notify(types.TEXT_DOCUMENT_DID_SAVE, {"textDocument": {"uri": buffer.uri}})
        return {"saved": saved}

    def _check(self, params: Json) -> Json | None:
        self.heard.checks.append(params)
        return self.checking(self.buffers[params["uri"]])

    def _publish(self, params: Json) -> None:
        self.heard.published.append(params)
        self.diagnostics[params["uri"]] = params["diagnostics"]


def write_to_disk(buffer: Buffer) -> bool:
    """Save, as an editor does when it is asked to."""
    buffer.path.write_bytes(buffer.text.encode())
    return True


def fits(editor: Editor, params: Json) -> bool:
    """Whether every document that an edit names is open at the version that it names."""
    changes = params["edit"]["documentChanges"]
    buffers = [editor.buffers.get(it["textDocument"]["uri"]) for it in changes]
    return all(
        buffer is not None and it["textDocument"]["version"] in (None, buffer.version)
        for it, buffer in zip(changes, buffers, strict=True)
    )


def make(editor: Editor, params: Json) -> Callable[[], None]:
    """Make an edit of one document; returns what announces it."""
    (change,) = params["edit"]["documentChanges"]
    return editor.change(editor.buffers[change["textDocument"]["uri"]], change["edits"])


async def reply_then_change(editor: Editor, params: Json) -> Json:
    """VS Code: refuse what is stale; answer first, then announce the change."""
    if not fits(editor, params):
        return {"applied": False}
    editor.client.after_reply.append(make(editor, params))
    return {"applied": True}
