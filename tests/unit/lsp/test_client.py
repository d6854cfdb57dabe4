"""The small editor without a window keeps a file's bytes as they are, and tells what others find in it."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from postil.lsp.client import HeadlessEditor


async def message(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = await reader.readuntil(b"\r\n\r\n")
    return json.loads(await reader.readexactly(int(head.split(b":")[1])))


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\nb", "a\rb\r\n\n", "\ufeffa\r\n", ""])
async def test_line_ends_survive_opening_and_saving(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(text.encode())
    ours, its = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    server_reader, server_writer = await asyncio.open_connection(sock=its)
    editor = HeadlessEditor(reader, writer, tmp_path)
    buffer = editor.open(path)
    opened = await message(server_reader)
    assert opened["params"]["textDocument"]["text"] == buffer.text == text

    editor.type(buffer, text + "c\r\n")
    await message(server_reader)
    body = json.dumps({"id": 1, "method": "postil/client/save", "params": {"uri": buffer.uri}}).encode()
    server_writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (await message(server_reader))["method"] == "textDocument/didSave"
    assert path.read_bytes() == (text + "c\r\n").encode()

    ask = {"id": 2, "method": "postil/client/diagnostics", "params": {"uri": buffer.uri, "version": 2}}
    for found in (None, {"version": 2, "diagnostics": [{"message": "wrong"}]}):
        body = json.dumps(ask).encode()
        server_writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        answer = await message(server_reader)
        while answer.get("id") != 2:
            answer = await message(server_reader)
        assert answer["result"] == found
        editor.find = lambda _: [{"message": "wrong"}]
    for end in (server_writer, writer):
        end.close()
        await end.wait_closed()
    await editor.until(lambda: False)
