"""glob and grep over what the person sees: ripgrep where it is found, else our own, with the same results.

Both see the files of a `Scope`, in the order of their paths. An open document is searched as it stands in the
editor, and what the disk has of it is passed over. The common dialect of expressions: literals, classes with
`\\d \\w \\s` and `[[:alpha:]]`, groups, `|`, `* + ? {m,n}` and their lazy forms, `^ $ \\b`; no look-around, no
backreferences; a match never spans lines. Left open: whether `.` takes a byte that is not UTF-8,
and whether `^` and `$` hold beside a lone `\\r`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from postil.core.errors import InvalidInput, NotFound, TooLarge, ToolError
from postil.core.ports import Editor, Found, Match, SearchQuery
from postil.workspace.commands.programs import own_program
from postil.workspace.files.opening import check_regular, pieces, read_regular
from postil.workspace.files.paths import Paths, is_secret
from postil.workspace.search.engines import SCAN_LIMIT, Buffer, Hit, Limits, Ripgrep, Scanner
from postil.workspace.search.exclusions import Exclusions
from postil.workspace.search.globs import glob_regex
from postil.workspace.search.scan import renumbered, searchable
from postil.workspace.search.walk import Scope, order
from postil.workspace.threads import Threads

SECONDS = 20.0
_MOST_NAMES = 5
Withheld = Callable[[Path], Callable[[Path], bool] | None]
"""From where a search starts to what judges the paths that rules keep out of it, None where none do."""
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
_NEWLINE = re.compile(r"\n|(?<!\\)(?:\\\\)*\\n")


class Search:
    """The searches of one workspace."""

    def __init__(
        self,
        paths: Paths,
        exclusions: Exclusions,
        editor: Editor,
        rg: str | None = "",
        withheld: Withheld = lambda _: None,
        seconds: float = SECONDS,
    ) -> None:
        """`rg` is the path of ripgrep; None does without it, and "" looks for it on PATH."""
        program = own_program("rg", paths.roots) if rg == "" else rg
        self._ripgrep = Ripgrep(program) if program else None
        self._scanner = Scanner()
        self._paths = paths
        self._exclusions = exclusions
        self._editor = editor
        self._withheld = withheld
        self._seconds = seconds
        self._threads = Threads("search", 4)

    async def glob(self, pattern: str, path: Path, limit: int) -> Found:
        """Return the files below `path` whose path matches. Raises NotFound, InvalidInput."""
        matching = glob_regex(pattern)
        return await self._in_thread(path, partial(self._glob, matching, limit))

    async def grep(self, query: SearchQuery) -> Found:
        """Return the lines that match. Raises NotFound, InvalidInput, TooLarge."""
        if not query.pattern:
            raise InvalidInput("The pattern is empty.", "Use glob to list files.")
        if "\n" in query.pattern or (not query.literal and _NEWLINE.search(query.pattern)):
            raise InvalidInput("A match never spans lines, so the pattern cannot hold a line break.")
        matching = glob_regex(query.glob) if query.glob else None
        return await self._in_thread(query.path, partial(self._grep, query, matching))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.close()

    async def _in_thread(
        self, path: Path, search: Callable[[Scope, Sequence[Buffer], Limits], Found]
    ) -> Found:
        buffers = [Buffer(str(it.path), it.text) for it in self._editor.documents()]
        limits = Limits(self._seconds)
        try:
            return await self._threads.run(lambda: search(self._scope(path, buffers), buffers, limits))
        except asyncio.CancelledError:
            limits.cancel()
            raise

    def _scope(self, path: Path, buffers: Sequence[Buffer]) -> Scope:
        scope = Scope(path, self._paths, self._exclusions)
        if scope.is_file and not any(buffer.path == str(path) for buffer in buffers):
            try:
                status = path.stat()
            except OSError as error:
                raise NotFound(f"{self._paths.display(path)} does not exist.") from error
            check_regular(path, status)
        return scope

    def _glob(
        self, matching: re.Pattern[str], limit: int, scope: Scope, buffers: Sequence[Buffer], limits: Limits
    ) -> Found:
        def asked(path: str) -> bool:
            return matching.match(scope.relative(path)) is not None

        withheld = self._judge(scope)

        def wanted(path: str) -> bool:
            return asked(path) and not (withheld and withheld(Path(path)))

        engine = self._ripgrep or self._scanner
        on_disk = (path for path in engine.files(scope, limits) if wanted(path) and scope.admits(path))
        with closing(on_disk):
            found = {*islice(on_disk, limit + 1)}
        found |= {buffer.path for buffer in buffers if wanted(buffer.path) and scope.admits(buffer.path)}
        paths = sorted(found, key=order)
        complete, note = _completeness(len(paths), limit, "files", limits)
        note = self._and_kept_back(note, scope, buffers, limits, asked, withheld)
        return Found(paths=tuple(map(Path, paths[:limit])), complete=complete, note=note)

    def _grep(
        self,
        query: SearchQuery,
        matching: re.Pattern[str] | None,
        scope: Scope,
        buffers: Sequence[Buffer],
        limits: Limits,
    ) -> Found:
        withheld = self._judge(scope)

        def asked(path: str) -> bool:
            return matching is None or matching.match(scope.relative(path)) is not None

        def wanted(path: str) -> bool:
            if not asked(path) or (withheld and withheld(Path(path))):
                return False
            # Files known to hold secrets are searched only when they are named: reading them is asked for.
            return scope.admits(path) and (scope.is_file or not is_secret(Path(path)))

        too_large = list[str]()
        open_paths = {buffer.path for buffer in buffers}
        shown = [buffer for buffer in buffers if _has_lines(buffer.text) and wanted(buffer.path)]
        if self._ripgrep is not None:
            on_disk = _admitted(
                self._ripgrep.lines(query, scope, limits),
                lambda path: path not in open_paths and wanted(path),
            )
            with closing(on_disk):
                hits = list(islice(on_disk, query.limit + 1))
            hits += self._ripgrep.buffer_lines(query, shown, limits) if shown else ()
        else:
            paths = [path for path in scope.files(limits.over) if path not in open_paths and wanted(path)]
            hits = list(self._scanner.lines(query, paths, shown, limits, too_large.append))
        hits.sort(key=lambda hit: (order(hit.path), hit.line))
        complete, note = _completeness(len(hits), query.limit, "matches", limits)
        note = self._and_kept_back(note, scope, buffers, limits, asked, withheld)
        if too_large:
            names = ", ".join(self._paths.display(Path(path)) for path in too_large[:_MOST_NAMES])
            more = ", ..." if len(too_large) > _MOST_NAMES else ""
            note = f"{note} Not searched, because they have more than {SCAN_LIMIT:,} bytes: {names}{more}.".strip()
        matches = tuple(Match(Path(hit.path), hit.line, hit.text) for hit in hits[: query.limit])
        return Found(matches=matches, complete=complete, note=note)

    def _judge(self, scope: Scope) -> Callable[[Path], bool] | None:
        # A file that is named was judged before, as a read of it.
        return None if scope.is_file else self._withheld(Path(scope.path))

    def _and_kept_back(
        self,
        note: str,
        scope: Scope,
        buffers: Sequence[Buffer],
        limits: Limits,
        asked: Callable[[str], bool],
        withheld: Callable[[Path], bool] | None,
    ) -> str:
        """Return the note with the number of files kept back: by their paths, so it tells nothing of what they hold."""
        if withheld is None:
            return note
        with closing((self._ripgrep or self._scanner).files(scope, limits)) as files:
            paths = {*files, *(buffer.path for buffer in buffers)}
            count = sum(1 for path in paths if asked(path) and withheld(Path(path)) and scope.admits(path))
        if not count:
            return note
        kept = f"Left out: {count:,} file{'s' if count != 1 else ''} that rules keep back."
        return f"{note} {kept}" if note else kept


def _admitted(hits: Iterable[Hit], wanted: Callable[[str], bool]) -> Generator[Hit]:
    """Let through what a search sees, with the editor's line numbers. Hits of one file come together."""
    path = ""
    number_of: Callable[[int], int] | None = None
    for hit in hits:
        if hit.path != path:
            path = hit.path
            number_of = _numbering(path) if wanted(path) else None
        if number_of is not None:
            yield hit._replace(line=number_of(hit.line))


def _numbering(path: str) -> Callable[[int], int] | None:
    """Return what numbers the file's lines, None for a binary file: ripgrep finds lines before the first NUL."""
    try:
        text = searchable(read_regular(Path(path))[0])
    except TooLarge:
        # Its lines are counted as ripgrep counts them: it is not held in memory for a lone `\r`.
        return None if _is_binary(Path(path)) else lambda number: number
    except ToolError:
        return None
    return None if text is None else renumbered(text)


def _is_binary(path: Path) -> bool:
    try:
        first = True
        for piece in pieces(path, 1 << 20):
            if first and piece.startswith(_UTF_16):
                return False
            if b"\0" in piece:
                return True
            first = False
    except ToolError:
        return True
    return False


def _has_lines(text: str) -> bool:
    return "\0" not in text and bool(text.removeprefix("\ufeff"))


def _completeness(count: int, limit: int, what: str, limits: Limits) -> tuple[bool, str]:
    if limits.over():
        return False, f"The search was ended after {SECONDS:.0f} seconds; narrow it by path or glob."
    if count > limit:
        return False, f"Only the first {limit} {what} are shown; narrow the search by path, glob or pattern."
    return True, ""
