"""The frame parser: whatever stands between good frames, and however the bytes arrive."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.lsp.envelope import INVALID_REQUEST, PARSE_ERROR, Fault
from postil.lsp.framing import MAX_HEADER, FrameParser
from tests.support.stdio_client import frame, frame_bytes

GOOD = {"good": 1}
RUBBISH = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [b"\r\n", b"\r\n\r\n", b"Content-Length:", b" 5", b"{}", b"abc", b"\n\n", b"Content-Type: x"]
        ),
        max_size=8,
    ).map(b"".join),
)


def parse(data: bytes, cuts: list[int] | None = None, max_body: int = 1_000_000) -> list[Any]:
    parser = FrameParser(max_body)
    found: list[Any] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts or []), len(data)]
    for start, end in itertools.pairwise(edges):
        found.extend(parser.feed(data[start:end]))
    return found


def kinds(items: list[Any]) -> list[Any]:
    return [item.code if isinstance(item, Fault) else item for item in items]


@pytest.mark.parametrize(
    "data",
    [
        b'Content-Length: 10\r\n\r\n{"good":1}',
        b'content-length:10\r\n\r\n{"good":1}',
        b'CONTENT-LENGTH :  10 \r\n\r\n{"good":1}',
        b'Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 10\r\n\r\n{"good":1}',
        b'Content-Length: 10\r\nX-Other: a:b\r\n\r\n{"good":1}',
        b'Content-Length: 10\n\n{"good":1}',
        b'Content-Length: 12\r\n\r\n {"good":1}\n',
    ],
)
def test_headers_as_clients_write_them(data: bytes) -> None:
    assert parse(data) == [GOOD]


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (frame_bytes(b"{"), [PARSE_ERROR]),
        (frame_bytes(b""), [PARSE_ERROR]),
        (frame_bytes(b"\xff\xfe"), [PARSE_ERROR]),
        (frame_bytes(b"NaN"), [PARSE_ERROR]),
        (frame_bytes(b"[" * 100_000), [PARSE_ERROR]),
        (frame_bytes(b"1" * 10_000), [PARSE_ERROR]),
        (frame_bytes(b"{") * 3, [PARSE_ERROR] * 3),
        (b"Content-Length: ten\r\n\r\n", [PARSE_ERROR]),
        (b"Content-Length: -1\r\n\r\n", [PARSE_ERROR]),
        (b"Content-Length: 99999999999999999999\r\n\r\n", [PARSE_ERROR]),
        (b"Content-Length: 99999999999999\r\n\r\n", [PARSE_ERROR]),
        (b"Content-Type: x\r\n\r\n{}", [PARSE_ERROR]),
        (b"hello\r\n\r\nworld\r\n\r\n", [PARSE_ERROR]),
        (b"a" * 3 * MAX_HEADER, [PARSE_ERROR]),
        (b"Content-Length: 2\r\nX: " + b"a" * MAX_HEADER + b"\r\n\r\n{}", [PARSE_ERROR]),
        (frame({"long": "x" * 2_000_000}), [INVALID_REQUEST]),
        (b'Content-Length: 20\r\n\r\n{"cut":', [PARSE_ERROR]),
        (b'Content-Length: 4\r\n\r\n{"short":true}', [PARSE_ERROR]),
        (frame({"text": "Content-Length: 3\r\n\r\nabc"})[:-1], [PARSE_ERROR]),
    ],
)
def test_each_fault_is_said_once_and_the_next_message_is_served(data: bytes, faults: list[int]) -> None:
    assert kinds(parse(data + frame(GOOD))) == [*faults, GOOD]


@given(RUBBISH, st.lists(st.integers(0, 10_000), max_size=6))
def test_no_rubbish_stops_the_message_after_the_next(rubbish: bytes, cuts: list[int]) -> None:
    # Rubbish can be a header whose body is the first good frame, or one that a line break of it completes.
    stream = rubbish + frame(GOOD) * 3
    assert kinds(parse(stream))[-2:] == [GOOD, GOOD]
    assert parse(stream, cuts) == parse(stream), "how the bytes arrive makes no difference"


@given(
    st.lists(st.recursive(st.none() | st.integers() | st.text(), st.lists), max_size=5),
    st.lists(st.integers()),
)
def test_good_frames_come_out_as_they_went_in(values: list[Any], cuts: list[int]) -> None:
    assert parse(b"".join(frame(value) for value in values), cuts) == values


def test_a_fault_does_not_quote_the_message() -> None:
    (fault,) = parse(frame_bytes(b'{"password": "tops3cret"'))
    assert "tops3cret" not in json.dumps(fault.text)
