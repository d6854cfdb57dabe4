"""Frames over real pipes: every request gets exactly one answer, and nothing stops the next one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.stdio_client import Message, StdioClient, echo_client, frame, frame_bytes

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602


@pytest.fixture(scope="module")
def client() -> Iterator[StdioClient]:
    with echo_client() as client:
        yield client


def codes(messages: list[Message]) -> list[Any]:
    return [(message["id"], message["error"]["code"]) for message in messages]


def call(message_id: Any, method: Any = "echo", **others: Any) -> Message:
    return {"jsonrpc": "2.0", "id": message_id, "method": method, **others}


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (frame_bytes(b"{not json"), [(None, PARSE_ERROR)]),
        (frame_bytes(b""), [(None, PARSE_ERROR)]),
        (frame_bytes(b"\xff"), [(None, PARSE_ERROR)]),
        (frame_bytes(b"[" * 50_000), [(None, PARSE_ERROR)]),
        (
            frame_bytes(b'{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":Infinity}}'),
            [(None, PARSE_ERROR)],
        ),
        (b"Content-Length: many\r\n\r\n", [(None, PARSE_ERROR)]),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", [(None, PARSE_ERROR)]),
        (b"x" * 20_000, [(None, PARSE_ERROR)]),
        (b"Content-Length: 20\r\n\r\n" + frame(call("cut"))[:17], [(None, PARSE_ERROR)]),
        (frame([]), [(None, INVALID_REQUEST)]),
        (frame([call("in"), call("batch")]), [(None, INVALID_REQUEST)]),
        (frame("text"), [(None, INVALID_REQUEST)]),
        (frame(None), [(None, INVALID_REQUEST)]),
        (frame({}), [(None, INVALID_REQUEST)]),
        (frame({"jsonrpc": "2.0", "id": "a"}), [("a", INVALID_REQUEST)]),
        (frame(call("b", 5)), [("b", INVALID_REQUEST)]),
        (frame(call(None)), [(None, INVALID_REQUEST)]),
        (frame(call({})), [(None, INVALID_REQUEST)]),
        (frame({"id": "c", "method": "echo"}), [("c", INVALID_REQUEST)]),
        (
            frame(call("d", "initialize", params={"capabilities": {}, "processId": None})),
            [("d", INVALID_REQUEST)],
        ),
        (frame(call("e", "textDocument/didOpen")), [("e", INVALID_REQUEST)]),
        (frame(call("f", "exit")), [("f", INVALID_REQUEST)]),
        (frame(call("g", "no/such")), [("g", METHOD_NOT_FOUND)]),
        (frame(call("h", "$/noSuch")), [("h", METHOD_NOT_FOUND)]),
        (frame(call("i", "workspace/applyEdit", params={"edit": {}})), [("i", METHOD_NOT_FOUND)]),
        (frame(call("j", params=[1])), [("j", INVALID_PARAMS)]),
        (frame(call("k", params="text")), [("k", INVALID_PARAMS)]),
        (frame(call("l", "textDocument/hover")), [("l", INVALID_PARAMS)]),
        (frame(call("m", "textDocument/hover", params=[])), [("m", INVALID_PARAMS)]),
        (frame(call("n", "workspace/executeCommand", params={"command": "none"})), [("n", INVALID_PARAMS)]),
        # A notification is never answered, and neither is an answer.
        (frame({"jsonrpc": "2.0", "method": "no/such"}), []),
        (frame({"jsonrpc": "2.0", "method": "$/noSuch", "params": 5}), []),
        (frame({"jsonrpc": "2.0", "method": "shutdown"}), []),
        (frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "none"}}), []),
        (frame({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": []}}), []),
        (frame({"jsonrpc": "2.0", "method": "$/cancelRequest"}), []),
        (frame({"jsonrpc": "2.0", "id": 999, "result": 1}), []),
        (frame({"jsonrpc": "2.0", "id": [], "error": "odd"}), []),
        (frame({"id": None, "result": None}), []),
        # Headers as other clients write them.
        (frame(call("o", 5)).lower(), [("o", INVALID_REQUEST)]),
        (
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" + frame(call("p", 5)),
            [("p", INVALID_REQUEST)],
        ),
    ],
)
def test_bad_input_is_answered_as_it_deserves(client: StdioClient, data: bytes, answers: list[Any]) -> None:
    client.send_bytes(data)
    *before, last = client.until_answered(params={"next": True})
    assert codes(before) == answers
    assert last["result"] == {"next": True}


def test_params_arrive_as_they_were_sent(client: StdioClient) -> None:
    params = {
        "jsonrpc": "2.0",
        "inner": {"jsonrpc": "2.0", "id": 1, "method": "x"},
        "not a name": {"class": 1, "type_name": "T"},
        "text": "é𝄞\ud83d\u2028\0",
        "number": 2**70,
    }
    assert client.request("echo", params)["result"] == params
    assert client.request("echo")["result"] == {}, "a request without params"


def test_a_large_message_goes_both_ways(client: StdioClient) -> None:
    text = "x" * 3_000_000
    assert client.request("echo", {"text": text})["result"]["text"] == text


def test_a_message_over_the_limit_is_refused_and_passed_over(client: StdioClient) -> None:
    body = b'{"jsonrpc":"2.0","id":5,"method":"echo","params":{"text":"' + b"x" * (64 * 1024 * 1024) + b'"}}'
    client.send_bytes(frame_bytes(body))
    *before, last = client.until_answered()
    assert codes(before) == [(None, INVALID_REQUEST)]
    assert "result" in last


def test_frames_may_come_in_any_pieces(client: StdioClient) -> None:
    data = frame(call("slow", params={"a": 1}))
    for index in range(len(data)):
        client.send_bytes(data[index : index + 1])
    assert client.answer("slow")["result"] == {"a": 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
METHODS = st.sampled_from(
    [
        "echo",
        "bad/fail",
        "initialize",
        "textDocument/hover",
        "textDocument/didOpen",
        "textDocument/didChange",
        "workspace/executeCommand",
        "workspace/didChangeWorkspaceFolders",
        "$/setTrace",
        "$/odd",
        "",
    ]
)


@given(st.lists(st.tuples(METHODS | JSON, JSON), min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@example(
    [("textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}})]
)
def test_requests_of_any_shape_get_one_answer_each(client: StdioClient, calls: list[tuple[Any, Any]]) -> None:
    ids = [f"r{index}" for index in range(len(calls))]
    for message_id, (method, params) in zip(ids, calls, strict=True):
        client.send(call(message_id, method, params=params))
    messages = client.until_answered()
    answered = [message["id"] for message in messages if "method" not in message]
    assert sorted(answered[:-1]) == ids
    assert "result" in messages[-1]


@given(st.lists(st.binary(max_size=80) | JSON.map(frame), max_size=6).map(b"".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_bytes_stop_the_messages_after_them(client: StdioClient, rubbish: bytes) -> None:
    # One frame may be taken for the body or the header of the rubbish before it; the next is served.
    client.send_bytes(rubbish + frame(call("after")) * 2)
    client.until_answered()


def test_errors_tell_the_client_nothing_of_the_inside(client: StdioClient) -> None:
    for method in ("bad/fail", "bad/failLater", "bad/object", "bad/nan"):
        error = client.request(method)["error"]
        assert error["code"] == -32603
        assert method in error["message"]
        text = json.dumps(error)
        assert "secret" not in text
        assert "Traceback" not in text
        assert ".py" not in text
        assert "data" not in error
    client.wait_stderr("the secret is in")


def test_errors_meant_for_the_client_arrive_whole(client: StdioClient) -> None:
    error = {"code": -32801, "message": "not now"}
    assert client.request("bad/refuse")["error"] == {**error, "data": {"retry": True}}
    assert client.request("bad/refuseOddly")["error"] == error


def test_an_error_in_a_notification_is_logged_and_opens_no_window(client: StdioClient) -> None:
    client.notify("bad/fail", {})
    client.notify("bad/failLater", {})
    client.notify("textDocument/didOpen", {"textDocument": 5})
    client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///never-opened"}})
    shown = [client.wait_for(lambda message: message.get("method") == "window/logMessage") for _ in range(4)]
    assert {message["params"]["type"] for message in shown} == {1}
    texts = " ".join(message["params"]["message"] for message in shown)
    assert "params.textDocument" in texts
    assert "secret" not in texts
    assert [
        message for message in client.until_answered() if message.get("method") == "window/showMessage"
    ] == []


def test_nothing_but_frames_reaches_the_output(client: StdioClient) -> None:
    assert client.request("echo/noise")["result"] == {"stdin": ""}
    client.wait_stderr("noise from a library")
    client.wait_stderr("noise on the descriptor")
