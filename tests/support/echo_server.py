"""The smallest server on the protocol floor: what the transport and protocol tests talk to."""

import asyncio
import logging
import os
import sys
import time
from typing import Any

from postil.lsp.transport import Channel

channel = Channel.claim_stdio() if __name__ == "__main__" else None

from lsprotocol import types  # noqa: E402  the reader is to run before the heavy imports
from pygls.exceptions import JsonRpcException  # noqa: E402

from postil.lsp.client_requests import ClientRequestError  # noqa: E402
from postil.lsp.editor_server import EditorServer  # noqa: E402
from postil.lsp.lifetime import StopReason  # noqa: E402
from postil.lsp.text_document import OpenDocument  # noqa: E402

Params = dict[str, Any]


class EchoServer(EditorServer):
    async def on_stop(self, reason: StopReason) -> None:
        sys.stderr.write(f"on_stop {reason}\n")
        sys.stderr.flush()
        await asyncio.sleep(float(os.environ.get("ECHO_STOP_SECONDS", "0")))

    def complete_capabilities(self, capabilities: types.ServerCapabilities) -> None:
        capabilities.experimental = {"echo": 1}


def make_server() -> EchoServer:
    server = EchoServer("echo", "1", grace_seconds=float(os.environ.get("ECHO_GRACE", "3")))
    _register_plain(server)
    _register_bad(server)
    _register_client_calls(server)
    _register_documents(server)
    return server


def _register_plain(server: EchoServer) -> None:
    received: list[Params] = []

    async def sleep(params: Params) -> Params:
        await asyncio.sleep(params["seconds"])
        return {"slept": params["seconds"]}

    async def stubborn(params: Params) -> Params:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return {"partial": True}
        return {}

    def block(params: Params) -> Params:
        time.sleep(params["seconds"])
        return {}

    def say(params: Params) -> None:
        sys.stderr.write(params["text"] + "\n")
        sys.stderr.flush()

    async def block_a_thread(params: Params) -> Params:
        await asyncio.to_thread(time.sleep, params["seconds"])
        return {}

    def noise(params: Params) -> Params:
        print("noise from a library", flush=True)
        os.write(1, b"noise on the descriptor\n")
        return {"stdin": os.read(0, 10).decode()}

    server.register("echo", lambda params: params)
    server.register("echo/note", received.append)
    server.register("echo/received", lambda params: received)
    server.register("echo/sleep", sleep)
    server.register("echo/stubborn", stubborn)
    server.register("echo/block", block)
    server.register("echo/blockThread", block_a_thread)
    server.register("echo/say", say)
    server.register("echo/noise", noise)
    server.register_command("echo.command", lambda arguments: {"arguments": arguments})
    server.register_command("echo.sleep", lambda arguments: sleep({"seconds": arguments[0]}))


def _register_bad(server: EchoServer) -> None:
    def fail(params: Params) -> Params:
        raise ValueError("the secret is in /home/somebody/file.py\nsecond line")

    async def fail_later(params: Params) -> Params:
        await asyncio.sleep(0)
        return fail(params)

    def refuse(params: Params) -> Params:
        raise JsonRpcException("not now", -32801, {"retry": True})

    def refuse_oddly(params: Params) -> Params:
        raise JsonRpcException("not now", -32801, object())

    server.register("bad/fail", fail)
    server.register("bad/failLater", fail_later)
    server.register("bad/refuse", refuse)
    server.register("bad/refuseOddly", refuse_oddly)
    server.register("bad/object", lambda params: object())
    server.register("bad/nan", lambda params: float("nan"))


def _register_client_calls(server: EchoServer) -> None:
    async def ask(params: Params) -> Params:
        """Ask the client something, and say how that went."""
        try:
            result = await server.request(params["method"], params.get("params"), params.get("timeout", 5))
        except ClientRequestError as error:
            return {"error": type(error).__name__}
        return {"result": type(result).__name__ if hasattr(result, "__attrs_attrs__") else result}

    async def progress(params: Params) -> Params:
        for _ in range(2):
            await server.work_done_progress.create_async("token")
            server.work_done_progress.begin("token", types.WorkDoneProgressBegin(title="work"))
            server.work_done_progress.end("token", types.WorkDoneProgressEnd())
        return {"tokens": len(server.work_done_progress.running)}

    async def flood(params: Params) -> Params:
        """Publish until told that the client is behind; then wait until it is not."""
        sent = 0
        while sent < params["most"] and server.try_notify("echo/flood", {"text": "x" * params["size"]}):
            sent += 1
        if params.get("wait"):
            await server.drained()
        return {"sent": sent, "congested": server.congested}

    server.register("client/ask", ask)
    server.register("client/progress", progress)
    server.register("client/flood", flood)


def _register_documents(server: EchoServer) -> None:
    def describe(document: OpenDocument | None) -> Params | None:
        if document is None:
            return None
        return {"text": document.source, "version": document.version, "lines": len(document.lines)}

    def on_save(params: types.DidSaveTextDocumentParams) -> None:
        server.documents.get_text_document(params.text_document.uri)

    def hover(params: types.HoverParams) -> types.Hover:
        document = server.documents.get_text_document(params.text_document.uri)
        return types.Hover(contents=document.word_at_position(params.position))

    server.register("document/get", lambda params: describe(server.documents.open_document(params["uri"])))
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(on_save)
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)


if __name__ == "__main__" and channel is not None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    sys.exit(make_server().serve(channel))
