"""A small pygls server that writes a model's words into a document, versioned and one edit at a time: what that costs at the least.

It writes them as they come, or a paragraph at a time.
"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.lsp.server import LanguageServer

BEAT = 0.05
"""Seconds between two edits at least, as in Postil."""

server = LanguageServer("bare", "1")
changed = asyncio.Event()
tasks: set[asyncio.Task[None]] = set()


class Source:
    """The words that came and are not written yet."""

    def __init__(self) -> None:
        self.text = ""
        self.ended = False
        self.news = asyncio.Event()

    def ready(self, pace: str) -> str:
        """Return what is to be written now."""
        if pace == "live" or self.ended:
            return self.text
        return self.text[: self.text.rfind("\n\n") + 2] if "\n\n" in self.text else ""

    async def read(self, url: str) -> None:
        """Read one reply to its end."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(b"POST /v1/messages HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data: ") and b'"text_delta"' in line:
                self.text += json.loads(line[6:])["delta"]["text"]
                self.news.set()
        self.ended = True
        self.news.set()
        writer.close()


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def note_change(_: types.DidChangeTextDocumentParams) -> None:
    """Wake who waits for it."""
    changed.set()


@server.command("bare.stream")
def stream(url: str, uri: str, pace: str) -> None:
    """Begin."""
    source = Source()
    for work in (source.read(url), write(source, uri, pace)):
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def write(source: Source, uri: str, pace: str) -> None:
    """Put what came above the last line, again and again."""
    while not source.ended or source.text:
        await source.news.wait()
        source.news.clear()
        began = asyncio.get_running_loop().time()
        while piece := source.ready(pace):
            if await put(piece, uri):
                source.text = source.text[len(piece) :]
                break
        await asyncio.sleep(max(0.0, began + BEAT - asyncio.get_running_loop().time()))


async def put(piece: str, uri: str) -> bool:
    """Try once; whether it is in is what the next change says."""
    document = server.workspace.get_text_document(uri)
    last = max(0, len(document.lines) - 1)
    above = len(document.lines[last - 1]) - 1 if last else 0
    place = types.Position(last - 1 if last else 0, above)
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=document.version)
    edit = types.TextDocumentEdit(identifier, [types.TextEdit(types.Range(place, place), piece)])
    changed.clear()
    await server.workspace_apply_edit_async(
        types.ApplyWorkspaceEditParams(types.WorkspaceEdit(document_changes=[edit]))
    )
    await changed.wait()
    return piece in server.workspace.get_text_document(uri).source


if __name__ == "__main__":
    server.start_io()
