"""A small editor without a window: a real LSP client with buffers, versions, undo and saving.

The demo drives the server with it and so do tests; what it knows of LSP it has from the specification alone.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from postil.lsp.framing import FrameParser
from postil.lsp.positions import Position, offset_in_text
from postil.workspace.files.uris import path_to_uri, uri_to_path

ENCODING = "utf-8"

Handler = Callable[[Any], Awaitable[Any] | Any]


class ReplyError(Exception):
    """The server answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message


@dataclass
class Buffer:
    """One open document."""

    uri: str
    text: str
    saved: str
    version: int = 1
    undo: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Labels and the texts before, newest last."""

    @property
    def dirty(self) -> bool:
        """Whether it has unsaved text."""
        return self.text != self.saved


class HeadlessEditor:
    """One connection to a server that was started with pipes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, root: Path) -> None:
        self.root = root
        self.buffers: dict[str, Buffer] = {}
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.on_edit: Callable[[str, str, str, str], None] = lambda label, uri, before, after: None
        """Told of every edit by the server: its label, the document, and the texts before and after."""
        self.find: Callable[[Buffer], list[dict[str, Any]] | None] = lambda buffer: None
        """What another server finds in a document; None where nobody looks at it."""
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: dict[str, Handler] = {
            "workspace/applyEdit": self._apply_edit,
            "window/workDoneProgress/create": lambda _: None,
            "workspace/configuration": lambda params: [None] * len(params.get("items", [])),
            "client/registerCapability": lambda _: None,
            "postil/client/save": self._save,
            "postil/client/diagnostics": self._diagnostics,
            "textDocument/publishDiagnostics": self._publish,
        }
        self._pump = asyncio.ensure_future(self._read())

    def handle(self, method: str, handler: Handler) -> None:
        """Let `handler` take a request or notification of the server."""
        self._handlers[method] = handler

    # --- Life ----------------------------------------------------------------------------------------------

    async def initialize(self) -> dict[str, Any]:
        """Introduce ourselves, as a client that can save, knows of diagnostics and shows updates; returns the server's answer."""
        uri = path_to_uri(self.root)
        result = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "postil demo"},
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": self.root.name}],
                "capabilities": {
                    "general": {"positionEncodings": [ENCODING]},
                    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                    "textDocument": {
                        "codeAction": {
                            "codeActionLiteralSupport": {
                                "codeActionKind": {"valueSet": ["quickfix", "refactor"]}
                            }
                        }
                    },
                    "window": {"workDoneProgress": True},
                    "experimental": {"postil": {"protocol": 1, "save": True, "diagnostics": True}},
                },
            },
        )
        self.notify("initialized", {})
        return result

    async def shutdown(self) -> None:
        """Leave in good order."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        await asyncio.wait({self._pump}, timeout=10)
        self._pump.cancel()
        self._writer.close()

    # --- What a person does --------------------------------------------------------------------------------

    def open(self, path: Path) -> Buffer:
        """Open a file."""
        text = path.read_bytes().decode("utf-8")  # as bytes: line ends are the file's
        uri = path_to_uri(path)
        buffer = self.buffers[uri] = Buffer(uri, text, text)
        document = {"uri": uri, "languageId": "python", "version": buffer.version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return buffer

    def type(self, buffer: Buffer, text: str) -> None:
        """Replace the buffer's text, as by typing."""
        self._set(buffer, text, "typing")

    def undo(self, buffer: Buffer) -> str:
        """Take the newest change back; returns its label."""
        label, before = buffer.undo.pop()
        buffer.text = before
        self._announce(buffer)
        return label

    async def actions(
        self, buffer: Buffer, line: int, diagnostics: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the code actions of a line."""
        place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
        params = {
            "textDocument": {"uri": buffer.uri},
            "range": place,
            "context": {"diagnostics": diagnostics},
        }
        return await self.request("textDocument/codeAction", params) or []

    async def run(self, action: dict[str, Any]) -> Any:
        """Run a code action's command."""
        command = action["command"]
        params = {"command": command["command"], "arguments": command.get("arguments", [])}
        return await self.request("workspace/executeCommand", params)

    # --- Messages ------------------------------------------------------------------------------------------

    async def request(self, method: str, params: Any) -> Any:
        """Ask the server; raises ReplyError."""
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return await future

    def notify(self, method: str, params: Any) -> None:
        """Tell the server."""
        self._send({"method": method, "params": params})

    async def until(self, seen: Callable[[], bool]) -> None:
        """Return when something that the server sent has made `seen` true."""
        async with self._changed:
            await self._changed.wait_for(lambda: seen() or self._pump.done())

    def _send(self, message: dict[str, Any]) -> None:
        if message.get("params", 0) is None:
            del message["params"]
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        parser = FrameParser()
        try:
            while data := await self._reader.read(1 << 16):
                for message in parser.feed(data):
                    if isinstance(message, dict):
                        await self._take(cast("dict[str, Any]", message))
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ReplyError(0, "the server is gone"))
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._waiting.pop(message["id"], None)
            if future is not None and not future.done():
                _settle(future, message)
        else:
            # In order, as an editor does; a request may wait for something that comes later, so it is a task.
            result = self._call(message)
            if asyncio.iscoroutine(result):
                task = asyncio.ensure_future(self._answer(message, result))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif "id" in message:
                self._reply(message, result)
        async with self._changed:
            self._changed.notify_all()

    def _call(self, message: dict[str, Any]) -> Any:
        handler = self._handlers.get(message["method"])
        return handler(message.get("params")) if handler is not None else None

    async def _answer(self, message: dict[str, Any], result: Awaitable[Any]) -> None:
        value = await result
        if "id" in message:
            self._reply(message, value)

    def _reply(self, message: dict[str, Any], value: Any) -> None:
        if message["method"] in self._handlers:
            self._send({"id": message["id"], "result": value})
        else:
            error = {"code": -32601, "message": f"no method {message['method']}"}
            self._send({"id": message["id"], "error": error})

    # --- What the server asks ------------------------------------------------------------------------------

    async def _apply_edit(self, params: dict[str, Any]) -> dict[str, Any]:
        changes = params["edit"].get("documentChanges", [])
        for change in changes:
            document = change["textDocument"]
            buffer = self.buffers.get(document["uri"])
            if buffer is None or document.get("version") not in (None, buffer.version):
                return {"applied": False, "failureReason": "the document has changed"}
        for change in changes:
            buffer = self.buffers[change["textDocument"]["uri"]]
            before = buffer.text
            self._set(buffer, _edited(before, change["edits"]), params.get("label", "edit"))
            self.on_edit(params.get("label", ""), buffer.uri, before, buffer.text)
        return {"applied": True}

    async def _save(self, params: dict[str, Any]) -> dict[str, Any]:
        buffer = self.buffers.get(params["uri"])
        path = uri_to_path(params["uri"])
        if buffer is None or path is None:
            return {"saved": False}
        await asyncio.to_thread(path.write_bytes, buffer.text.encode("utf-8"))
        buffer.saved = buffer.text
        self.notify("textDocument/didSave", {"textDocument": {"uri": buffer.uri}})
        return {"saved": True}

    def _diagnostics(self, params: dict[str, Any]) -> dict[str, Any] | None:
        buffer = self.buffers.get(params["uri"])
        found = None if buffer is None else self.find(buffer)
        if buffer is None or found is None:
            return None
        return {"version": buffer.version, "diagnostics": found}

    def _publish(self, params: dict[str, Any]) -> None:
        self.diagnostics[params["uri"]] = params["diagnostics"]

    def _set(self, buffer: Buffer, text: str, label: str) -> None:
        buffer.undo.append((label, buffer.text))
        buffer.text = text
        self._announce(buffer)

    def _announce(self, buffer: Buffer) -> None:
        buffer.version += 1
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": buffer.uri, "version": buffer.version},
                "contentChanges": [{"text": buffer.text}],
            },
        )


def _settle(future: asyncio.Future[Any], message: dict[str, Any]) -> None:
    error = message.get("error")
    if error is not None:
        future.set_exception(ReplyError(error["code"], error["message"]))
    else:
        future.set_result(message.get("result"))


def _edited(text: str, edits: list[dict[str, Any]]) -> str:
    def offset(position: dict[str, int]) -> int:
        return offset_in_text(text, Position(position["line"], position["character"]), ENCODING)

    spans = [(offset(it["range"]["start"]), offset(it["range"]["end"]), it["newText"]) for it in edits]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text
