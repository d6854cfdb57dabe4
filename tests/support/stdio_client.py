"""A client that speaks in frames, or in anything else, with a real child process; it knows no LSP library."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, cast

Message = dict[str, Any]

ECHO_SERVER = (sys.executable, str(Path(__file__).with_name("echo_server.py")))
_TIMEOUT = 20.0


def frame(message: Any) -> bytes:
    """A JSON value as a well-formed frame."""
    return frame_bytes(json.dumps(message).encode())


def frame_bytes(body: bytes) -> bytes:
    """Any bytes as the body of a well-formed frame."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class StdioClient:
    """A child process, its frames in a queue and its stderr in a string. Reads only while `reading` is set."""

    def __init__(self, command: Sequence[str] = ECHO_SERVER, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self.reading = threading.Event()
        self.reading.set()
        self.other: list[Message] = []
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._stderr: list[bytes] = []
        self._stderr_grew = threading.Condition()
        self._next_id = 0
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._read, self._read_stderr)
        ]
        for thread in self._threads:
            thread.start()

    # Out

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: Any) -> None:
        self.send_bytes(frame(message))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def start_request(self, method: str, params: Any = None) -> int:
        self._next_id += 1
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return self._next_id

    def request(self, method: str, params: Any = None) -> Message:
        """Send a request and wait for its answer, result or error."""
        return self.answer(self.start_request(method, params))

    def initialize(self, **params: Any) -> Message:
        """The handshake, with what an editor without any capability would say."""
        answer = self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params}
        )
        self.notify("initialized", {})
        return cast("Message", answer["result"])

    # In

    def answer(self, message_id: Any) -> Message:
        return self.wait_for(lambda message: "method" not in message and message.get("id") == message_id)

    def wait_for(self, wanted: Callable[[Message], bool], timeout: float = _TIMEOUT) -> Message:
        """The next message of this kind; others are kept in `other`."""
        for index, message in enumerate(self.other):
            if wanted(message):
                return self.other.pop(index)
        until = time.monotonic() + timeout
        while True:
            message = self._next(until)
            if wanted(message):
                return message
            self.other.append(message)

    def until_answered(self, method: str = "echo", params: Any = None) -> list[Message]:
        """Everything that the server had to say before it answers one more request; that answer is the last."""
        last = self.answer(self.start_request(method, params))
        messages, self.other = self.other, []
        return [*messages, last]

    def wait_exit(self, timeout: float = _TIMEOUT) -> int:
        """The exit status; stdin stays as it is."""
        return self.process.wait(timeout)

    @property
    def stderr(self) -> str:
        if self.process.poll() is not None:
            self._threads[1].join(_TIMEOUT)
        return b"".join(self._stderr).decode()

    def wait_stderr(self, text: str) -> None:
        """Until the server has written this to its stderr."""
        with self._stderr_grew:
            assert self._stderr_grew.wait_for(lambda: text in b"".join(self._stderr).decode(), _TIMEOUT), (
                self._stderr
            )

    # Life

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.reading.set()
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(_TIMEOUT)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    def _next(self, until: float) -> Message:
        try:
            message = self._messages.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise AssertionError(
                f"no such message came; others: {self.other!r}; stderr: {self.stderr}"
            ) from None
        if message is None:
            raise AssertionError(
                f"the server closed its output; others: {self.other!r}; stderr: {self.stderr}"
            )
        return message

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            self.reading.wait()
            headers: list[bytes] = []
            while (line := stream.readline()) not in {b"\r\n", b""}:
                headers.append(line)
            if not headers:
                self._messages.put(None)
                return
            (length,) = [
                int(header.partition(b":")[2]) for header in headers if header.startswith(b"Content-Length:")
            ]
            message: Message = json.loads(stream.read(length))
            self._messages.put(message)

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._stderr_grew:
                self._stderr.append(line)
                self._stderr_grew.notify_all()


@contextmanager
def echo_client(env: Mapping[str, str] | None = None, **initialize: Any) -> Generator[StdioClient]:
    """An initialized client of the echo server."""
    with StdioClient(env=env) as client:
        client.initialize(**initialize)
        yield client
