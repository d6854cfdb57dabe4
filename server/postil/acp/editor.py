"""The core's `Editor` port over a client's `fs/*`: what it says of a file is the truth, unsaved text included.

The protocol has no list of open documents, no versions and no word of a change. So the client is asked about a file each time that
one is read or edited, and an edit is the whole text, written once the client still has the text that it was made for, and
read again afterwards. Between these two a person may type: that moment is the protocol's, and as short as it can be.

A file is open to us where it has unsaved text, or where the client shows its very text and can write it. One that the client shows in
another spelling (line ends, a byte order mark, an encoding that it guessed) is edited on the disk, where every byte is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

from postil.acp.capabilities import Capabilities
from postil.core.errors import EditRefused, NotText, StaleDocument, ToolError
from postil.core.ports import OpenDocument, Problem, Replacement, SymbolPlace, SymbolQuery
from postil.workspace.files.opening import read_regular
from postil.workspace.texts.decode import decode, same_text

log = logging.getLogger(__name__)

SECONDS = 20.0
"""How long a client may take to read or write one file."""
AT_ONCE = 8
REMEMBERED = 32
"""Files that are asked about again where nobody names one: those that were used last, and all with unsaved text."""
MOST = 200
"""Files that are asked about at once; where more are named, those with unsaved text alone are asked about again."""
POLL_SECONDS = 0.5
"""How long a change of a buffer waits to be seen where something waits for it."""

Shows = Literal["same", "unsaved", "otherwise"]


class Files(Protocol):
    """The client's files."""

    async def read(self, path: Path) -> str:
        """Return the text; raises ClientHasNone, ClientRefused, or TimeoutError."""
        ...

    async def write(self, path: Path, text: str) -> None:
        """Write the text; raises ClientRefused, or TimeoutError."""
        ...


class ClientRefused(Exception):
    """The client said no, or is gone."""


class ClientHasNone(ClientRefused):
    """The client has no such file."""


class AcpEditor:
    """The files that the client was asked about."""

    can_save = False
    """The protocol has no way to save."""
    tells_open = False
    """Nor to say what is open."""

    def __init__(self, files: Files, capabilities: Capabilities, roots: Sequence[Path]) -> None:
        self._files = files
        self._can_read, self._can_write = capabilities.can_read, capabilities.can_write
        self._roots = tuple(roots)
        self._known: dict[Path, OpenDocument] = {}
        """The last used last."""
        self._unsaved: set[Path] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._version = 0

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """Ask the client about files, or about those again that are known. Raises ToolError where it does not answer."""
        if not self._can_read:
            return
        if paths is None:
            recent = set(list(self._known)[-REMEMBERED:]) | self._unsaved
            await asyncio.gather(*(self._ask(it, must=False) for it in self._known if it in recent))
            return
        if len(paths) > MOST:
            paths = [it for it in paths if it in self._unsaved]
        inside = [it for it in paths if any(map(it.is_relative_to, self._roots))]
        # Of what is nowhere a client has nothing, and some clients are loud about it.
        there = await asyncio.to_thread(lambda: [it for it in inside if it in self._known or it.is_file()])
        await asyncio.gather(*(self._ask(it, must=True) for it in there))
        for path in list(self._known)[: -MOST or None]:
            if path not in self._unsaved:
                del self._known[path]

    def document(self, path: Path) -> OpenDocument | None:
        """Return what the client last had of the file."""
        return self._known.get(path)

    def documents(self) -> Sequence[OpenDocument]:
        """Return what the client last had of each file that it was asked about."""
        return list(self._known.values())

    def changed(self) -> Awaitable[None]:
        """Return what is done a moment later: nobody tells of changes, so whoever waits for one looks again."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        loop.call_later(POLL_SECONDS, lambda: None if done.done() else done.set_result(None))
        return done

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        """Nobody tells of documents that are opened or saved."""

    async def replace(self, change: Replacement) -> None:
        """Write the whole text through the client, once it has the text that the change was made for.

        Raises StaleDocument, EditRefused.
        """
        path, name = change.path, change.path.name
        if not self._can_write:
            raise EditRefused(
                f"{name} has unsaved changes in an editor that takes no edits.",
                "Ask the user to save it; then the file itself can be edited.",
            )
        if await self._text(path) != change.before:
            raise StaleDocument(f"{name} changed since it was read.", "Read it again.")
        said = ""
        try:
            async with asyncio.timeout(SECONDS):
                await self._files.write(path, change.after)
        except TimeoutError:
            said = "it did not answer in time"
        except ClientRefused as error:
            said = str(error)
        now = await self._text(path)
        if now == change.before:
            raise EditRefused(
                f"The editor did not take the edit of {name}: {said or 'its text is as before'}."
            )
        if said and now != change.after:
            raise StaleDocument(f"{name} changed while it was being edited.", "Read it again.")
        # What the client said yes to it may have formatted in the same breath.
        await self._note(path, now)

    async def save(self, path: Path) -> bool:
        """Say that it cannot."""
        return False

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        """Say that nothing is known: the protocol does not tell."""
        return None

    async def symbols(self, query: SymbolQuery) -> Sequence[SymbolPlace] | None:
        """Say that nothing is known: the protocol does not tell."""
        return None

    async def _text(self, path: Path) -> str:
        """Return what the client has of a file. Raises EditRefused."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._files.read(path)
        except (TimeoutError, ClientRefused) as error:
            raise EditRefused(f"The editor does not say what it has of {path.name}.", "Try again.") from error

    async def _ask(self, path: Path, *, must: bool) -> None:
        async with self._turns:
            try:
                async with asyncio.timeout(SECONDS):
                    text = await self._files.read(path)
            except TimeoutError:
                if must:
                    raise ToolError(
                        f"The editor did not say in time what it has of {path.name}.",
                        "Try again; it may have unsaved text.",
                    ) from None
                return
            except ClientHasNone as error:
                log.debug("the client has nothing of %s: %s", path, error)
                self._forget(path)
                return
            except ClientRefused as error:
                await self._refused(path, error, must=must)
                return
        await self._note(path, text)

    async def _refused(self, path: Path, error: ClientRefused, *, must: bool) -> None:
        """Take a refusal for a file that is not open only where the disk has no text that could be. Raises ToolError."""
        log.info("the client does not say what it has of %s: %s", path, error)
        if path not in self._unsaved and not await asyncio.to_thread(_is_text, path):
            self._forget(path)
        elif must:
            raise ToolError(
                f"The editor does not say what it has of {path.name}: {error}.",
                "It may have unsaved text, so nothing was read or edited. Try again, or ask the user to look at the editor.",
            ) from error

    async def _note(self, path: Path, text: str) -> None:
        shows = await asyncio.to_thread(_shows, path, text)
        if shows == "otherwise" or (shows == "same" and not self._can_write):
            self._forget(path)
            return
        old = self._known.pop(path, None)
        if old is None or old.text != text:
            self._version += 1
            old = OpenDocument(path, text, self._version)
        self._known[path] = old
        (self._unsaved.add if shows == "unsaved" else self._unsaved.discard)(path)

    def _forget(self, path: Path) -> None:
        self._known.pop(path, None)
        self._unsaved.discard(path)


def _is_text(path: Path) -> bool:
    """Say whether the disk has a text there that can be read. Blocking."""
    try:
        data, _ = read_regular(path)
        decode(data)
    except ToolError:
        return False
    return True


def _shows(path: Path, text: str) -> Shows:
    """Say how a text that the client gives of a file stands to the disk. Blocking."""
    try:
        data, _ = read_regular(path)
    except ToolError:
        return "unsaved" if text else "otherwise"
    with suppress(NotText):
        found = decode(data)
        if found.plain and not found.form.mark and found.text == text:
            return "same"
    plain = data.decode("utf-8", "replace")
    spelled = {
        plain,
        plain.replace("\r\n", "\n"),
        plain.removesuffix("\n"),
        plain.replace("\r\n", "\n").removesuffix("\n"),
    }
    return "otherwise" if text in spelled or same_text(text, data) else "unsaved"
