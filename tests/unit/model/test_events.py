"""Bytes to events to a reply, without a socket: any cut of the bytes gives the same reply."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.errors import ModelError
from postil.core.messages import Usage
from postil.core.ports import TextPiece, ThinkingPiece
from postil.model.assembly import Assembly
from postil.model.scripted.choice import Heard
from postil.model.scripted.frames import Speaker, Spoken, stream
from postil.model.scripted.script import Reply
from postil.model.sse import EventParser

REPLY = Reply.model_validate(
    {
        "blocks": [
            {"thinking": "Erst denken."},
            "Schöne Grüße\n\nund \u2028 mehr 😀",
            {"tool": "edit", "input": {"path": "a\r\nb", "edits": [{"old": "ü", "new": "\u2029"}]}},
        ],
        "chunk": 3,
    }
)
BODY: dict[str, Any] = {"messages": [{}], "thinking": {"type": "adaptive", "display": "summarized"}}
USAGE = {"input_tokens": 7, "output_tokens": 9}


def _bytes() -> bytes:
    heard = Heard("", None, None, failed=False, system="", model="m")
    parts = Speaker(REPLY, BODY, heard.values, ()).parts()
    spoken = Spoken("msg_1", "m", parts, USAGE, "tool_use", REPLY)
    return b"".join(frame for frame, _ in stream(spoken))


def _assembled(chunks: list[bytes]) -> Assembly:
    parser, assembly = EventParser(), Assembly("m")
    for chunk in chunks:
        for event in parser.feed(chunk):
            assembly.feed(event)
    return assembly


WHOLE = _assembled([_bytes()]).reply("r")


@given(st.lists(st.integers(0, len(_bytes())), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_cut_and_any_line_end(cuts: list[int], line_end: str) -> None:
    data = _bytes().replace(b"\n", line_end.encode())
    edges = sorted({0, len(data), *cuts})
    chunks = [data[start:end] for start, end in pairwise(edges)]
    assert _assembled(chunks).reply("r") == WHOLE


def test_comments_pings_and_endings_of_other_dialects_vanish() -> None:
    data = (
        b":\n\n: still here\n\n\n\nevent: ping\ndata: {}\n\ndata: [DONE]\n\nid: 7\nretry: 9\n\ndata: 17\n\n"
    )
    assert EventParser().feed(data) == [{}]


def test_data_in_several_lines_is_one_event() -> None:
    assert EventParser().feed(b'data: {"a":\ndata: 1}\n\n') == [{"a": 1}]


@pytest.mark.parametrize("data", [b"data: {\n\n", b'data: {"a": "\xff"}\n\n', b"data: nothing\n\n"])
def test_what_is_no_json_is_an_error(data: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        EventParser().feed(data)
    assert (caught.value.kind, caught.value.retryable) == ("malformed", True)


def _start(usage: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message_start", "message": {"model": "m", "usage": usage}}


def test_usage_is_merged_and_null_changes_nothing() -> None:
    assembly = Assembly("m")
    assembly.feed(_start({"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1}))
    end = {"input_tokens": None, "cache_read_input_tokens": 0, "output_tokens": 40}
    assembly.feed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": end})
    assembly.feed({"type": "message_stop"})
    assert assembly.reply(None).usage == Usage(input=10, cache_read=5, output=40)


def test_pieces_are_joined_by_kind_and_taken_once() -> None:
    assembly = Assembly("m")
    for index, kind in enumerate(("thinking", "text")):
        assembly.feed(
            {"type": "content_block_start", "index": index, "content_block": {"type": kind, kind: ""}}
        )
        for words in ("a", "b", ""):
            delta = {"type": f"{kind}_delta", kind: words}
            assembly.feed({"type": "content_block_delta", "index": index, "delta": delta})
    assert assembly.take() == [ThinkingPiece("ab"), TextPiece("ab")]
    assert assembly.take() == []


Json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
Kinds = st.sampled_from(
    [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "ping",
    ]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": Kinds},
            optional=dict.fromkeys(("index", "content_block", "delta", "message", "usage"), Json),
        ),
        max_size=6,
    )
)
def test_events_of_any_shape_end_in_a_reply_or_in_a_model_error(events: list[dict[str, Any]]) -> None:
    parser, assembly = EventParser(), Assembly("m")
    with suppress(ModelError):
        for event in [*events, {"type": "message_stop"}]:
            for parsed in parser.feed(b"data: " + json.dumps(event).encode() + b"\n\n"):
                assembly.feed(parsed)
        assembly.take()
        assembly.reply(None)
