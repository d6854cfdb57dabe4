"""A model that says two hundred small pieces a second and notes when it said each: the beginning of a delta's way."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

PACE = 0.005
"""Seconds between two deltas: many times what models do."""
LINE, PARAGRAPH = 12, 48
"""Words in a line, and in a paragraph."""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def word(number: int) -> str:
    """Return what a delta says: its own number, so that it is known again on a screen."""
    end = "\n\n" if number % PARAGRAPH == PARAGRAPH - 1 else "\n" if number % LINE == LINE - 1 else " "
    return f"w{number:06}{end}"


class PacedModel:
    """Answers every request with so many words, numbered on from the last."""

    def __init__(self, words: int) -> None:
        self.words = words
        self.url = ""
        self.said: dict[int, float] = {}
        """When each word was handed to the system, by `time.perf_counter`, which is one for all processes."""
        self.first = 0
        """Of the words of the last answer."""
        self._next = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="paced-model", daemon=True)

    def start(self) -> None:
        """Listen on loopback."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Listen no more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1"))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((int(it[15:]) for it in lines if it.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            if b"/v1/messages " in lines[0]:
                await self._say(writer)
            else:
                writer.write(MISSING)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # who asked is gone, or the bench is over
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        first, self._next = self._next, self._next + self.words
        self.first = first
        usage = {"input_tokens": 1, "output_tokens": 1}
        message: dict[str, Any] = {
            "id": f"msg_{first}", "type": "message", "role": "assistant", "model": "paced", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        block = {"type": "text", "text": ""}
        writer.write(HEAD + _event({"type": "message_start", "message": message}))
        writer.write(_event({"type": "content_block_start", "index": 0, "content_block": block}))
        start = time.perf_counter()
        for place, number in enumerate(range(first, first + self.words)):
            await asyncio.sleep(max(0.0, start + place * PACE - time.perf_counter()))
            delta = {"type": "text_delta", "text": word(number)}
            self.said[number] = time.perf_counter()
            writer.write(_event({"type": "content_block_delta", "index": 0, "delta": delta}))
            await writer.drain()
        writer.write(_event({"type": "content_block_stop", "index": 0}))
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        writer.write(_event({"type": "message_delta", "delta": end, "usage": {"output_tokens": self.words}}))
        writer.write(_event({"type": "message_stop"}))


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


@contextmanager
def paced_model(words: int) -> Generator[PacedModel]:
    """Have such a model for a while."""
    model = PacedModel(words)
    model.start()
    try:
        yield model
    finally:
        model.stop()
