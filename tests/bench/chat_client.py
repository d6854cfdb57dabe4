"""A client with one document, bare enough to time: it types, asks for completion, and makes the edits that it is sent."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support import text_edits
from tests.support.stdio_client import Message, StdioClient

CAPABILITIES: dict[str, Any] = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}},
}


class ChatClient(StdioClient):
    """A process, and the document that is open in front of it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        super().__init__(command, env)
        self.uri, self.text, self.version = "", "", 0
        self.edits = 0
        """How many were made that the server sent."""

    def begin(self, folder: Path) -> None:
        """Introduce itself as an editor that takes edits."""
        uri = folder.as_uri()
        folders = [{"uri": uri, "name": "work"}]
        info = {"name": "Visual Studio Code", "version": "1"}  # so that answers come word by word
        self.initialize(rootUri=uri, workspaceFolders=folders, capabilities=CAPABILITIES, clientInfo=info)

    def open(self, uri: str, text: str) -> None:
        """Open the document."""
        self.uri, self.text, self.version = uri, text, 1
        item = {"uri": uri, "languageId": "markdown", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def command(self, name: str, argument: dict[str, Any]) -> Any:
        """Run a command; returns its result."""
        params = {"command": f"postil.server.{name}", "arguments": [argument]}
        answer = self.request("workspace/executeCommand", params)
        assert "result" in answer, answer
        return answer["result"]

    def type(self, words: str) -> None:
        """Type at the end."""
        place = self._end()
        self._change([{"range": {"start": place, "end": place}, "newText": words}])

    def completed(self, key: str) -> tuple[float, int]:
        """Type a key at the end and ask what it can go on with; returns the seconds, and how many items came."""
        start = time.perf_counter()
        self.type(key)
        params = {"textDocument": {"uri": self.uri}, "position": self._end()}
        answer = self.request("textDocument/completion", params)
        taken = time.perf_counter() - start
        items: list[Any] = answer["result"]["items"] if answer["result"] else []
        return taken, len(items)

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = 60.0) -> Message:
        """Wait for a message, and do meanwhile what is asked for."""
        until = time.monotonic() + timeout
        while True:
            message = self._next(until)
            if wanted(message):
                return message
            self._heed(message)

    def until(self, there: Callable[[], bool]) -> None:
        """Do what is asked for until something holds."""
        end = time.monotonic() + 60.0
        while not there():
            self._heed(self._next(end))

    def rest(self, seconds: float) -> None:
        """Do what is asked for, and nothing else, for so long: the pause between a person's keys."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                message = self._messages.get(timeout=left)
            except queue.Empty:
                return
            assert message is not None, self.stderr
            self._heed(message)

    def _heed(self, message: Message) -> None:
        if message.get("method") == "workspace/applyEdit":
            self._apply(message)
        elif "method" in message and "id" in message:
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})

    def _apply(self, message: Message) -> None:
        (change,) = message["params"]["edit"]["documentChanges"]
        fits = change["textDocument"]["version"] == self.version and change["textDocument"]["uri"] == self.uri
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": {"applied": fits}})
        if fits:
            self.edits += 1
            self._change(change["edits"])

    def _change(self, edits: Sequence[dict[str, Any]]) -> None:
        in_order = sorted(edits, key=lambda it: text_edits.span_of(self.text, it["range"], "utf-16"))
        changes = [{"range": it["range"], "text": it["newText"]} for it in reversed(in_order)]
        self.text = text_edits.apply(self.text, edits, "utf-16")
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _end(self) -> dict[str, int]:
        return text_edits.position_of(self.text, len(self.text), "utf-16")
