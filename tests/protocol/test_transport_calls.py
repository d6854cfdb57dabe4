"""Calls in both directions: the order of phases, cancelling, commands, questions to the client, a client that does not read."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.stdio_client import Message, StdioClient, echo_client, frame

NOT_INITIALIZED, INVALID_REQUEST, CANCELLED = -32002, -32600, -32800
SECOND_MEBIBYTE = 2 * 1024 * 1024


@pytest.fixture(scope="module")
def client() -> Iterator[StdioClient]:
    with echo_client() as client:
        yield client


def wait_call(client: StdioClient, method: str) -> Message:
    return client.wait_for(lambda message: message.get("method") == method)


# Phases


def test_before_initialize_nothing_else_is_served() -> None:
    with StdioClient() as client:
        assert client.request("echo")["error"]["code"] == NOT_INITIALIZED
        assert client.request("shutdown")["error"]["code"] == NOT_INITIALIZED
        client.notify("echo/note", {"early": True})
        bad = client.request("initialize", {"processId": None})["error"]
        assert (bad["code"], "params.capabilities" in bad["message"]) == (-32602, True)
        assert client.request("echo")["error"]["code"] == NOT_INITIALIZED
        result = client.initialize()
        assert result["serverInfo"] == {"name": "echo", "version": "1"}
        assert result["capabilities"]["experimental"] == {"echo": 1}
        assert result["capabilities"]["positionEncoding"] == "utf-16"
        assert result["capabilities"]["executeCommandProvider"]["commands"] == ["echo.command", "echo.sleep"]
        assert client.request("echo/received")["result"] == []


def test_messages_may_come_before_the_answer_to_initialize() -> None:
    """The reader runs before the server can serve anything."""
    with StdioClient() as client:
        first = {"jsonrpc": "2.0", "id": "first", "method": "initialize"}
        client.send_bytes(
            frame({**first, "params": {"processId": None, "capabilities": {}}})
            + frame({"jsonrpc": "2.0", "method": "initialized", "params": {}})
            + frame({"jsonrpc": "2.0", "id": "second", "method": "echo", "params": {"a": 1}})
        )
        assert "result" in client.answer("first")
        assert client.answer("second")["result"] == {"a": 1}


def test_shutdown_with_requests_in_flight() -> None:
    with echo_client() as client:
        sleeping = client.start_request("echo/sleep", {"seconds": 30})
        commanded = client.start_request(
            "workspace/executeCommand", {"command": "echo.sleep", "arguments": [30]}
        )
        asking = client.start_request("client/ask", {"method": "x/y"})
        wait_call(client, "x/y")
        assert client.request("shutdown")["result"] is None
        assert client.answer(sleeping)["error"]["code"] == CANCELLED
        assert client.answer(commanded)["error"]["code"] == CANCELLED
        assert "id" in client.answer(asking)
        for method in ("echo", "shutdown", "initialize"):
            assert client.request(method, {})["error"]["code"] == INVALID_REQUEST
        client.notify("exit")
        assert client.wait_exit() == 0


# Cancelling


def test_cancel_ends_an_async_handler(client: StdioClient) -> None:
    sleeping = client.start_request("echo/sleep", {"seconds": 30})
    client.notify("$/cancelRequest", {"id": sleeping})
    assert client.answer(sleeping)["error"]["code"] == CANCELLED


def test_cancel_reaches_the_handler_of_a_command(client: StdioClient) -> None:
    request = {"command": "echo.sleep", "arguments": [30]}
    sleeping = client.start_request("workspace/executeCommand", request)
    client.notify("$/cancelRequest", {"id": sleeping})
    assert client.answer(sleeping)["error"]["code"] == CANCELLED


def test_a_handler_may_answer_its_cancel(client: StdioClient) -> None:
    stubborn = client.start_request("echo/stubborn")
    client.request("echo")  # by now it runs
    client.notify("$/cancelRequest", {"id": stubborn})
    assert client.answer(stubborn)["result"] == {"partial": True}


def test_a_sleeping_handler_holds_up_nobody(client: StdioClient) -> None:
    sleeping = client.start_request("echo/sleep", {"seconds": 30})
    assert client.request("echo", {"a": 1})["result"] == {"a": 1}
    client.notify("$/cancelRequest", {"id": sleeping})
    client.answer(sleeping)


def test_busy_threads_hold_up_nobody() -> None:
    with echo_client() as client:
        for _ in range(64):
            client.start_request("echo/blockThread", {"seconds": 60})
        assert client.request("echo", {"a": 1})["result"] == {"a": 1}


def test_an_id_can_be_used_again_but_not_at_once(client: StdioClient) -> None:
    sleep = {"jsonrpc": "2.0", "id": "same", "method": "echo/sleep", "params": {"seconds": 30}}
    client.send(sleep)
    client.send(sleep)
    assert client.answer("same")["error"]["code"] == INVALID_REQUEST
    client.notify("$/cancelRequest", {"id": "same"})
    assert client.answer("same")["error"]["code"] == CANCELLED
    client.send({**sleep, "params": {"seconds": 0}})
    assert client.answer("same")["result"] == {"slept": 0}


def test_a_command_gets_its_plain_arguments(client: StdioClient) -> None:
    arguments = [{"jsonrpc": "2.0", "a b": None}, 1, [2]]
    request: dict[str, Any] = {"command": "echo.command", "arguments": arguments}
    answer = client.request("workspace/executeCommand", request)
    assert answer["result"] == {"arguments": arguments}
    answer = client.request("workspace/executeCommand", {"command": "echo.command"})
    assert answer["result"] == {"arguments": []}


# Questions to the client


@pytest.mark.parametrize(
    ("method", "params", "reply", "outcome"),
    [
        (
            "own/question",
            {"a": 1},
            {"result": {"jsonrpc": "2.0", "x y": 1}},
            {"result": {"jsonrpc": "2.0", "x y": 1}},
        ),
        ("own/question", {}, {"result": None}, {"result": None}),
        ("own/question", {}, {"error": {"code": -32601, "message": "no"}}, {"error": "ClientRefusedError"}),
        ("own/question", {}, {"error": "odd"}, {"error": "ClientRefusedError"}),
        (
            "workspace/applyEdit",
            {"edit": {}},
            {"result": {"applied": True}},
            {"result": "ApplyWorkspaceEditResult"},
        ),
        ("workspace/applyEdit", {"edit": {}}, {"result": None}, {"result": None}),
        ("workspace/applyEdit", {"edit": {}}, {"result": {"applied": None}}, {"error": "ClientReplyError"}),
        ("workspace/applyEdit", {"edit": {}}, {"result": 5}, {"error": "ClientReplyError"}),
        ("window/showDocument", {"uri": "file:///a"}, {"result": None}, {"result": None}),
        ("window/showDocument", {"uri": "file:///a"}, {"result": {}}, {"error": "ClientReplyError"}),
    ],
)
def test_whatever_the_client_replies_the_question_ends(
    client: StdioClient, method: str, params: Any, reply: Message, outcome: Message
) -> None:
    asking = client.start_request("client/ask", {"method": method, "params": params})
    question = wait_call(client, method)
    assert question["params"] == params
    client.send({"jsonrpc": "2.0", "id": question["id"], **reply})
    assert client.answer(asking)["result"] == outcome


def test_a_question_without_an_answer_times_out_and_is_taken_back(client: StdioClient) -> None:
    asking = client.start_request("client/ask", {"method": "own/question", "timeout": 0.05})
    question = wait_call(client, "own/question")
    assert "params" not in question
    assert client.answer(asking)["result"] == {"error": "ClientTimeoutError"}
    assert wait_call(client, "$/cancelRequest")["params"] == {"id": question["id"]}
    # The late answer is dropped, whatever it is, and so is a second one.
    for late in ({"result": 1}, {"error": {"code": 1, "message": "late"}}):
        client.send({"jsonrpc": "2.0", "id": question["id"], **late})
    assert len(client.until_answered()) == 1, "nothing is said about it"


def test_a_question_is_taken_back_when_the_asker_is_cancelled(client: StdioClient) -> None:
    asking = client.start_request("client/ask", {"method": "own/question"})
    question = wait_call(client, "own/question")
    client.notify("$/cancelRequest", {"id": asking})
    assert client.answer(asking)["error"]["code"] == CANCELLED
    assert wait_call(client, "$/cancelRequest")["params"] == {"id": question["id"]}


def test_a_progress_token_ends_with_its_work(client: StdioClient) -> None:
    working = client.start_request("client/progress")
    for _ in range(2):
        created = wait_call(client, "window/workDoneProgress/create")
        client.send({"jsonrpc": "2.0", "id": created["id"], "result": None})
    assert client.answer(working)["result"] == {"tokens": 0}
    kinds = [wait_call(client, "$/progress")["params"]["value"]["kind"] for _ in range(4)]
    assert kinds == ["begin", "end", "begin", "end"]
    client.notify("window/workDoneProgress/cancel", {"token": "token"})
    assert len(client.until_answered()) == 1


# A client that does not read


def test_a_client_that_does_not_read_stops_nobody_but_itself() -> None:
    with echo_client() as client:
        client.reading.clear()
        client.start_request("echo")  # lets the reader reach its pause
        # Far more than the pipe holds. The server goes on handling messages: the second flood is refused at once.
        first = client.start_request("client/flood", {"most": 10_000, "size": 10_000})
        second = client.start_request("client/flood", {"most": 10_000, "size": 10_000})
        note = client.start_request("echo", {"still": "there"})
        waiting = client.start_request("client/flood", {"most": 0, "size": 0, "wait": True})
        client.notify("echo/say", {"text": "handled while nobody reads"})
        client.wait_stderr("handled while nobody reads")
        client.reading.set()
        flooded = client.answer(first)["result"]
        assert flooded["congested"], "the publisher is told"
        assert flooded["sent"] * 10_000 < SECOND_MEBIBYTE, "what waits is bounded"
        assert client.answer(second)["result"]["sent"] < flooded["sent"]
        assert client.answer(note)["result"] == {"still": "there"}, "an answer is always taken"
        assert client.answer(waiting)["result"]["congested"] is False


def test_many_messages_keep_their_order(client: StdioClient) -> None:
    calls = [
        frame({"jsonrpc": "2.0", "id": f"n{index}", "method": "echo", "params": {"i": index}})
        for index in range(2_000)
    ]
    client.send_bytes(b"".join(calls))
    answers = [client.answer(f"n{index}") for index in range(2_000)]
    assert [answer["result"]["i"] for answer in answers] == list(range(2_000))
