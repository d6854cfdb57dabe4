"""Lines are canonical, chained, and give back exactly what went in."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.event_codec import decode_durable, encode
from postil.journal import codec
from postil.journal.codec import BadLine
from tests.support.journals import created, result

# Low halves alone: two halves of a pair side by side are read as one character, which no decoder produces.
any_text = st.text(
    st.characters(codec="utf-8")
    | st.characters(min_codepoint=0xDC00, max_codepoint=0xDFFF, categories=["Cs"])
)
keys = st.sampled_from(["$blob", "$$blob", "$$$blob", "size", "blob"])
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text | keys, inner, max_size=4),
    max_leaves=12,
)


class Kept(dict[str, bytes]):
    def put(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        self[key] = data
        return key


def test_a_line_as_it_stands() -> None:
    line, digest = codec.encode_line(1, 2.5, 0, {"type": "T", "b": "é\ud800", "a": 1}, "")
    body = b'{"at":2.5,"durable":0,"event":{"a":1,"b":"\\u00e9\\ud800","type":"T"},"seq":1}'
    assert digest == hashlib.sha256(body).hexdigest()[:32]
    assert line == body[:-1] + b',"sum":"' + digest.encode() + b'"}\n'
    second, _ = codec.encode_line(2, 3.0, 1, {}, digest)
    body = b'{"at":3.0,"durable":1,"event":{},"seq":2}'
    assert json.loads(second)["sum"] == hashlib.sha256(digest.encode() + body).hexdigest()[:32]


@given(st.dictionaries(any_text, any_json, max_size=5), any_text)
def test_lines_give_back_what_went_in(event: dict[str, Any], previous: str) -> None:
    previous = hashlib.sha256(previous.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    line, digest = codec.encode_line(7, 1.25, 6, event, previous)
    assert line.count(b"\n") == 1
    raw = line.rstrip()
    parsed = codec.parse_line(raw)
    assert (parsed.seq, parsed.at, parsed.durable, parsed.event, parsed.sum) == (7, 1.25, 6, event, digest)
    assert codec.holds(raw, parsed, previous)
    assert not codec.holds(raw, parsed, "0" * 32)


@given(st.dictionaries(any_text | keys, any_json, max_size=5))
def test_packing_is_undone(event: dict[str, Any]) -> None:
    kept = Kept()
    assert codec.unpack(codec.pack(event, kept.put), kept.get) == event


@given(any_text, st.integers(65_530, 65_545))
def test_long_texts_go_into_blobs(text: str, length: int) -> None:
    kept = Kept()
    long = (text or "x") * (length // (len(text) or 1) + 1)
    long = long[:length]
    event = {"content": long, "details": {"inner": [long]}}
    packed = codec.pack(event, kept.put)
    if length > codec.TEXT_LIMIT:
        data = long.encode("utf-8", "surrogatepass")
        mark = {"$blob": hashlib.sha256(data).hexdigest(), "size": len(data)}
        assert packed == {"content": mark, "details": {"inner": [mark]}}
    else:
        assert packed == event
    assert codec.unpack(packed, kept.get) == event


def test_a_missing_blob_is_told_in_its_place() -> None:
    packed = codec.pack({"content": "x" * 70_000}, Kept().put)
    text = codec.unpack(packed, lambda _: None)["content"]
    assert text.startswith("[70,000 bytes are missing here: blob ")


def test_what_only_looks_like_a_mark_is_left() -> None:
    for mark in ({"$blob": "short", "size": 1}, {"$blob": 1}, {"$blob": "a" * 64}):
        kept = Kept()
        assert codec.unpack(codec.pack({"a": mark}, kept.put), kept.get) == {"a": mark}


def test_numbers_that_json_does_not_have_become_null() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.canonical({"a": float("nan")})
    assert codec.pack({"a": [float("inf"), 1.5]}, Kept().put) == {"a": [None, 1.5]}


def test_another_tools_spacing_and_order_still_hold() -> None:
    line, _ = codec.encode_line(1, 2.5, 0, encode(created()), "")
    data = json.loads(line)
    loose = json.dumps(dict(reversed(data.items())), indent=None).encode()
    assert codec.holds(loose, codec.parse_line(loose), "")
    loose = loose.replace(b'"/project"', b'"/other"')
    assert not codec.holds(loose, codec.parse_line(loose), "")


def test_an_event_with_a_lone_surrogate_survives() -> None:
    event = result("bad \udcff byte \ud83d, \ude00 and \U0001f600")
    line, _ = codec.encode_line(1, 0.0, 0, encode(event), "")
    assert decode_durable(codec.parse_line(line).event) == event


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\0\0\0\0", "filled with zeros"),
        (b'{"at":1', "not whole"),
        (b"hello", "not JSON"),
        (b'{"a":"\xff"}', "not valid UTF-8"),
        (b"[1]", "not a line of a journal"),
        (b'{"seq":1,"at":1,"event":{}}', "not a line of a journal"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_line(raw: bytes, reason: str) -> None:
    with pytest.raises(BadLine, match=reason):
        codec.parse_line(raw)
