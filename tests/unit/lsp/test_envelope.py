"""What counts as a request, a notification, an answer or none of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.lsp import envelope
from postil.lsp.envelope import INVALID_REQUEST, ErrorReply, Fault, Notification, Request, Response

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params", "error"]), inner)
    ),
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"jsonrpc": "2.0", "id": 1, "method": "m"}, Request(1, "m", None)),
        ({"jsonrpc": "2.0", "id": "a", "method": "m", "params": [1]}, Request("a", "m", [1])),
        ({"jsonrpc": "2.0", "method": "m", "params": {}}, Notification("m", {})),
        ({"jsonrpc": "2.0", "id": 1, "result": None}, Response(1, None, None)),
        ({"id": 1, "error": {"code": 5, "message": "no\nmore"}}, Response(1, None, ErrorReply(5, "no"))),
        ({"id": 1, "error": "no"}, Response(1, None, ErrorReply(-32603, "no"))),
    ],
)
def test_messages(value: Any, message: Any) -> None:
    assert envelope.classify(value) == message


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ([], None),
        ([{"jsonrpc": "2.0", "id": 1, "method": "m"}], None),
        (5, None),
        (None, None),
        ({}, None),
        ({"jsonrpc": "2.0", "id": 7}, 7),
        ({"jsonrpc": "2.0", "id": 7, "method": 5}, 7),
        ({"jsonrpc": "2.0", "id": True, "method": "m"}, None),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "m"}, None),
        ({"jsonrpc": "2.0", "id": None, "method": "m"}, None),
        ({"id": 7, "method": "m"}, 7),
        ({"jsonrpc": "1.0", "id": "x", "method": "m"}, "x"),
    ],
)
def test_what_is_no_message_is_an_invalid_request(value: Any, message_id: Any) -> None:
    fault = envelope.classify(value)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.id) == (INVALID_REQUEST, message_id)


@given(ANY_JSON)
def test_every_value_has_a_kind(value: Any) -> None:
    envelope.classify(value)


def test_lone_surrogates_can_be_sent() -> None:
    frame = envelope.encode(envelope.call("m", {"text": "é\ud83d"}), str)
    header, _, body = frame.partition(b"\r\n\r\n")
    assert header == b"Content-Length: %d" % len(body)
    assert json.loads(body)["params"] == {"text": "é\ud83d"}


def test_an_error_is_one_line_of_bearable_length() -> None:
    assert envelope.error(1, -1, "\n first \nsecond")["error"]["message"] == "first"
    assert len(envelope.error(1, -1, "x" * 9_999)["error"]["message"]) < 500
