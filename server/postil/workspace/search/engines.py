"""The two ways to search: ripgrep, and without it a child of our own. Both blocking, with a time limit."""

from __future__ import annotations

import base64
import io
import json
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any, NamedTuple

from postil.core.errors import InvalidInput
from postil.core.ports import SearchQuery
from postil.workspace.commands.processes import signal_group
from postil.workspace.commands.shell import Program, discard_program, finish_program, start_program
from postil.workspace.search.exclusions import NAME as POSTILIGNORE
from postil.workspace.search.scan import lines_of, renumbered, shown
from postil.workspace.search.walk import GITIGNORE, Scope, order

_RULES = (
    "--no-config", "--no-messages", "--no-require-git", "--no-ignore-parent", "--no-ignore-global", "--no-ignore-exclude",
    "--no-ignore-dot", "--sort=path",
)  # fmt: skip
SCAN_LIMIT = 100_000_000
"""Bytes above which a file is searched by ripgrep alone, which does not hold it in memory."""
_LIBRARY = str(Path(__file__).resolve().parents[3])
_SCAN = f"import sys; sys.path.insert(0, {_LIBRARY!r}); from postil.workspace.search.scan import main; main()"


class Hit(NamedTuple):
    """A line that was found. The line counts from 1, by `\\n` alone where ripgrep said so."""

    path: str
    line: int
    text: str


class Buffer(NamedTuple):
    """The text of an open document."""

    path: str
    text: str


class Limits:
    """When a search has to end: its time is up, or nobody wants it any more. Ends the child that works for it."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds
        self._lock = threading.Lock()
        self._child: Program | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """End the search from another thread."""
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                signal_group(self._child.pid, kill=True)

    def over(self) -> bool:
        """Whether the search has to end."""
        return self._cancelled or monotonic() >= self._until

    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.0, self._until - monotonic())

    @contextmanager
    def running(self, argv: Sequence[str], cwd: Path, *, piped: bool = False) -> Generator[Program]:
        """Give a child process that does not outlive the search."""
        child = start_program(argv, cwd, piped=piped)
        timer = threading.Timer(self.left(), self.cancel)
        timer.daemon = True
        try:
            with self._lock:
                self._child = child
                if self._cancelled:
                    signal_group(child.pid, kill=True)
            timer.start()
            yield child
        finally:
            timer.cancel()
            with self._lock:
                # Under the lock, so that nobody signals an id that is free again.
                self._child = None
                discard_program(child)


class Ripgrep:
    """Searches by `rg`. What it finds is more than what a search sees: it knows but the nested .gitignore files."""

    def __init__(self, program: str) -> None:
        self._program = program

    def files(self, scope: Scope, limits: Limits) -> Generator[str]:
        """Return the files below the scope's folder, in order."""
        with limits.running(
            [*self._start(scope), "--files", "--null", "--", scope.path], Path(scope.top)
        ) as child:
            for name in _split(_output(child), b"\0"):
                yield name.decode("utf-8", "surrogateescape")

    def lines(self, query: SearchQuery, scope: Scope, limits: Limits) -> Iterator[Hit]:
        """Return the matching lines of files on the disk, in order. Raises InvalidInput."""
        argv = [*self._start(scope), *_asked(query), "--", scope.path]
        with limits.running(argv, Path(scope.top)) as child:
            yield from _parsed(_output(child))
            _check(child.wait(), child.stderr, limits)

    def buffer_lines(self, query: SearchQuery, buffers: Sequence[Buffer], limits: Limits) -> Iterator[Hit]:
        """Return the matching lines of open documents, all given to one process as one text."""
        texts = [buffer.text.removeprefix("\ufeff") for buffer in buffers]
        joined = "".join(text if text.endswith("\n") else text + "\n" for text in texts)
        argv = [self._program, "--no-config", *_asked(query), "--", "-"]
        data = joined.encode("utf-8", "surrogateescape" if _escapable(joined) else "replace")
        with limits.running(argv, Path("/"), piped=True) as child:
            done = finish_program(child, limits.left(), data)
        _check(done.code, io.BytesIO(done.stderr.encode()), limits)
        found = list(_parsed(io.BytesIO(done.stdout)))
        first = 1
        for buffer, text in zip(buffers, texts, strict=True):
            end = first + text.count("\n") + (not text.endswith("\n"))
            number_of = renumbered(text)
            for hit in found:
                if first <= hit.line < end:
                    yield Hit(buffer.path, number_of(hit.line - first + 1), hit.text)
            first = end

    def _start(self, scope: Scope) -> list[str]:
        # The rules at the top, which may lie above the folder that is searched: they are read relative to the
        # working folder. The scope judges again; this saves walking through what it will not admit.
        above = [Path(scope.top, name) for name in (GITIGNORE, POSTILIGNORE)]
        ignores = [f"--ignore-file={file}" for file in above if file.is_file()]
        return [self._program, *_RULES, *ignores]


class Scanner:
    """Searches by a child of our own."""

    def files(self, scope: Scope, limits: Limits) -> Generator[str]:
        """Return the files that the scope sees, in order."""
        return scope.files(limits.over)

    def lines(
        self,
        query: SearchQuery,
        paths: Sequence[str],
        buffers: Sequence[Buffer],
        limits: Limits,
        left_out: Callable[[str], None],
    ) -> Iterator[Hit]:
        """Return the matching lines of files and open documents, in order. Raises InvalidInput.

        `left_out` is told of files that are too large for it.
        """
        items: list[dict[str, str]] = [buffer._asdict() for buffer in buffers]
        items += [{"path": path} for path in paths]
        items.sort(key=lambda item: order(item["path"]))
        question = {
            "pattern": query.pattern, "literal": query.literal, "ignore_case": query.ignore_case, "items": items,
            "limit": query.limit + 1, "most": SCAN_LIMIT,
        }  # fmt: skip
        with limits.running([sys.executable, "-I", "-S", "-c", _SCAN], Path("/"), piped=True) as child:
            assert child.stdin is not None
            with suppress(BrokenPipeError), child.stdin as pipe:
                pipe.write(json.dumps(question).encode())
            for line in _output(child):
                answer: dict[str, Any] = json.loads(line)
                if "error" in answer:
                    raise InvalidInput(f"The pattern is not valid: {answer['error']}.", MEND)
                if "large" in answer:
                    left_out(items[int(answer["large"])]["path"])
                    continue
                yield Hit(items[answer["item"]]["path"], answer["line"], answer["text"])


MEND = "Escape what is meant as it stands, or search with literal=true."


def _asked(query: SearchQuery) -> list[str]:
    case = "--ignore-case" if query.ignore_case else "--case-sensitive"
    kind = ["--fixed-strings"] if query.literal else []
    return ["--json", "--crlf", case, *kind, f"--regexp={query.pattern}"]


def _check(code: int | None, errors: IO[bytes] | None, limits: Limits) -> None:
    """Raise InvalidInput where ripgrep did not take the pattern; what files it could not read is no error."""
    if code == 2 and errors is not None and not limits.over():
        text = errors.read(4000).decode("utf-8", "replace").strip()
        if text:
            reason = text.rpartition("error: ")[2].splitlines()[0]
            raise InvalidInput(f"The pattern is not valid: {reason}.", MEND)


def _parsed(output: IO[bytes]) -> Iterator[Hit]:
    for line in output:
        if not line.startswith(b'{"type":"match"'):
            continue
        data = json.loads(line)["data"]
        text = lines_of(_string(data["lines"]))
        yield Hit(_string(data["path"]), data["line_number"], shown(text[0] if text else ""))


def _string(value: dict[str, Any]) -> str:
    if "text" in value:
        return value["text"]
    return base64.b64decode(value["bytes"]).decode("utf-8", "surrogateescape")


def _output(child: Program) -> IO[bytes]:
    assert child.stdout is not None
    return child.stdout


def _split(output: IO[bytes], mark: bytes) -> Iterator[bytes]:
    rest = b""
    while block := output.read1(65536) if isinstance(output, io.BufferedReader) else b"":
        *whole, rest = (rest + block).split(mark)
        yield from whole


def _escapable(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
