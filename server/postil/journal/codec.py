"""One line of the journal: canonical JSON of one event, chained to the line before it.

The canonical JSON of a value is what Python's `json.dumps(value, sort_keys=True, separators=(",", ":"),
ensure_ascii=True, allow_nan=False)` gives. A line is the canonical JSON of

    {"at": seconds, "durable": n, "event": {…}, "seq": n, "sum": "32 hex digits"}

and a newline. `seq` counts from 1. `durable` is the highest `seq` that was known to survive a power cut when the
line was written, so that a reader can tell a lost end (never promised) from a lost promise. `sum` is the first
16 bytes, as hex, of SHA-256 over the previous line's `sum` (its 32 characters; nothing for the first line) and
the line's canonical JSON without `sum`. As `sum` sorts last, that is the line's own bytes without
`,"sum":"…"`; a tool that has parsed the line gets the same by dumping it again.

A text of more than 65,536 characters lies in a blob, and `{"$blob": "<sha256>", "size": bytes}` stands in its
place; a blob holds the text as UTF-8, lone surrogates included. A key of an event's own that looks like the
mark is written with one more `$`. Lone surrogates stand in lines as `\\udXXX`;
the two halves of a pair are read as the character that they mean. Numbers that JSON does not have
(NaN, infinities) become null.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic_core import from_json

TEXT_LIMIT = 65_536
"""Characters of a text above which it goes into a blob."""
LINE_LIMIT = 64 * 1024 * 1024
"""Bytes above which a line is not read."""
JOURNAL_FORMAT = 1
"""The highest `SessionCreated.journal_format` that this version reads."""

_SUM_MARK = b',"sum":"'
_SUM_LENGTH = len(_SUM_MARK) + 32 + len(b'"}')
_DOLLAR_BLOB = re.compile(r"\$+blob")
_KEY = re.compile(r"[0-9a-f]{64}")


class BadLine(ValueError):
    """Bytes that are not a line of a journal; the message says why."""


@dataclass(slots=True)
class Line:
    """A parsed line, not yet held against the one before it."""

    seq: int
    at: float
    durable: int
    event: dict[str, Any]
    sum: str


def encode_line(seq: int, at: float, durable: int, event: dict[str, Any], previous: str) -> tuple[bytes, str]:
    """Return the line with its newline, and its `sum`."""
    body = canonical({"at": at, "durable": durable, "event": event, "seq": seq})
    digest = chain(previous, body)
    return b'%s%s%s"}\n' % (body[:-1], _SUM_MARK, digest.encode()), digest


def canonical(value: Any) -> bytes:
    """Return the canonical JSON. Raises ValueError for NaN and infinities, TypeError for what is not JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def chain(previous: str, *body: bytes) -> str:
    """Return the `sum` of a line whose canonical JSON without `sum` is `body`, in pieces."""
    return hashlib.sha256(b"".join((previous.encode(), *body))).hexdigest()[:32]


def parse_line(raw: bytes) -> Line:
    """Return what the line says, whether or not its `sum` holds. Raises BadLine."""
    try:
        data = from_json(raw, cache_strings="keys")
    except ValueError:
        data = _parse_slowly(raw)
    # Written out by hand: this runs for every line of a session that is opened.
    if isinstance(data, dict):
        line = cast("dict[str, Any]", data)
        seq, at, durable = line.get("seq"), line.get("at"), line.get("durable")
        event, digest = line.get("event"), line.get("sum")
        if (
            type(seq) is int
            and isinstance(at, int | float)
            and type(durable) is int
            and isinstance(event, dict)
            and isinstance(digest, str)
            and len(digest) == 32
        ):
            return Line(seq, at, durable, cast("dict[str, Any]", event), digest)
    raise BadLine("it is JSON, but not a line of a journal")


def intact(raw: bytes, digest: str, previous: str) -> bool:
    """Whether every byte of the line with the sum `digest` is what was written after one with the sum `previous`."""
    marked = raw[-_SUM_LENGTH : -_SUM_LENGTH + len(_SUM_MARK)] == _SUM_MARK
    return marked and chain(previous, raw[:-_SUM_LENGTH], b"}") == digest


def holds(raw: bytes, line: Line, previous: str) -> bool:
    """Whether the line's `sum` is right after a line with the sum `previous`."""
    if intact(raw, line.sum, previous):
        return True
    # Another tool may have written the same values with other spaces or in another order.
    body = {"at": line.at, "durable": line.durable, "event": line.event, "seq": line.seq}
    try:
        return chain(previous, canonical(body)) == line.sum
    except ValueError:
        return False


def pack(event: dict[str, Any], put: Callable[[bytes], str]) -> dict[str, Any]:
    """Return the event as lines hold it: long texts in blobs, non-numbers as null."""
    return cast("dict[str, Any]", _pack(event, put))


def unpack(event: dict[str, Any], get: Callable[[str], bytes | None]) -> dict[str, Any]:
    """Return the event with its long texts; where a blob is missing, a sentence stands in its place."""
    return cast("dict[str, Any]", _unpack(event, get))


def marks(value: Any) -> Iterator[tuple[str, int]]:
    """Yield the key and the size of every blob that a line's event names."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        match items:
            case {"$blob": str(key), "size": int(size)} if _KEY.fullmatch(key):
                yield key, size
            case _:
                for item in items.values():
                    yield from marks(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from marks(item)


def must_pack(body: bytes) -> bool:
    """Whether `pack` might change an event whose line is `body`."""
    return len(body) > TEXT_LIMIT or b'$blob"' in body


def must_unpack(raw: bytes) -> bool:
    """Whether `unpack` would change an event whose line is `raw`."""
    return b'$blob"' in raw


def _parse_slowly(raw: bytes) -> Any:
    """Python's own parser takes lone surrogates, which the fast one does not, and gives better reasons."""
    if not raw.strip(b"\0"):
        raise BadLine("it is filled with zeros")
    try:
        return json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadLine("it is not valid UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise BadLine("it is not whole" if raw.startswith(b"{") else "it is not JSON") from error


def _pack(value: Any, put: Callable[[bytes], str]) -> Any:
    if isinstance(value, str):
        if len(value) <= TEXT_LIMIT:
            return value
        data = value.encode("utf-8", "surrogatepass")
        return {"$blob": put(data), "size": len(data)}
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {f"${key}" if _DOLLAR_BLOB.fullmatch(key) else key: _pack(item, put) for key, item in items}
    if isinstance(value, list | tuple):
        return [_pack(item, put) for item in cast("list[Any]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _unpack(value: Any, get: Callable[[str], bytes | None]) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        match items:
            case {"$blob": str(key), "size": int(size)} if _KEY.fullmatch(key):
                data = get(key)
                if data is None:
                    return f"[{size:,} bytes are missing here: blob {key} is not there]"
                return data.decode("utf-8", "surrogatepass")
            case _:
                return {
                    key[1:] if _DOLLAR_BLOB.fullmatch(key) else key: _unpack(item, get)
                    for key, item in items.items()
                }
    if isinstance(value, list):
        return [_unpack(item, get) for item in cast("list[Any]", value)]
    return value
