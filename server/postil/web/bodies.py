"""The body of an answer: decompressed, and never more of it in memory than its limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Iterator

from postil.core.errors import ToolError

ENCODINGS = "gzip, deflate"
"""What a request says that it can read."""
_PIECE = 65_536


async def body_of(pieces: AsyncIterable[bytes], encoding: str, most: int) -> tuple[bytes, bool]:
    """Return the body up to `most` bytes, and whether that is all of it. Raises ToolError for what cannot be unpacked."""
    unpack = _Unpacking(encoding)
    body = bytearray()
    async for piece in pieces:
        for part in unpack.parts(piece):
            body += part
            if len(body) > most:
                return bytes(body[:most]), False
    return bytes(body), True


class _Unpacking:
    """Takes one body apart, in steps that stay small however tightly it is packed."""

    def __init__(self, encoding: str) -> None:
        named = [it.strip() for it in encoding.lower().split(",") if it.strip() not in ("", "identity")]
        if len(named) > 1 or not set(named) <= {"gzip", "x-gzip", "deflate"}:
            raise ToolError(f"The answer is packed as {', '.join(named)}, which cannot be unpacked here.")
        self._unzip = zlib.decompressobj(wbits=47) if named else None
        self._bare = named == ["deflate"]
        """Whether it may come without the header that the standard asks for, as some servers send it."""

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece holds."""
        if self._unzip is None:
            yield piece
            return
        rest = piece
        while rest:
            part = self._step(rest)
            rest = self._unzip.unconsumed_tail
            if part:
                yield part
            if self._unzip.eof:
                return

    def _step(self, data: bytes) -> bytes:
        assert self._unzip is not None
        bare, self._bare = self._bare, False
        try:
            return self._unzip.decompress(data, _PIECE)
        except zlib.error as error:
            if bare:
                self._unzip = zlib.decompressobj(wbits=-15)
                return self._step(data)
            raise ToolError("The answer is packed in a way that cannot be unpacked.") from error
