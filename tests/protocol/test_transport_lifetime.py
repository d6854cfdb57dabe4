"""How the process ends: in order, with the right exit status, and in time whatever hangs."""

import os
import signal
import subprocess
import sys

import pytest

from tests.support.stdio_client import ECHO_SERVER, Message, StdioClient, echo_client, frame

# The server behind a shell that can be killed: its stdin is held open by us, so only the process number tells.
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:])
child.wait()
"""


def test_exit_after_shutdown_is_status_0() -> None:
    with echo_client() as client:
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_exit() == 0
        assert "on_stop exit" in client.stderr


@pytest.mark.parametrize("initialized", [True, False])
def test_exit_without_shutdown_is_status_1(*, initialized: bool) -> None:
    with StdioClient() as client:
        if initialized:
            client.initialize()
        client.notify("exit")
        assert client.wait_exit() == 1


def test_the_end_of_input_stops_the_server() -> None:
    with echo_client() as client:
        client.start_request("echo/sleep", {"seconds": 30})
        client.close_input()
        assert client.wait_exit() == 1
        assert client.stderr.count("on_stop end_of_input") == 1


def test_input_that_ends_before_the_server_is_up() -> None:
    with StdioClient() as client:
        client.close_input()
        assert client.wait_exit() == 1
        assert "on_stop end_of_input" in client.stderr


def test_what_was_sent_before_the_end_of_input_is_answered() -> None:
    with echo_client() as client:
        ids = [client.start_request("echo", {"i": index}) for index in range(50)]
        client.close_input()
        assert [client.answer(message_id)["result"]["i"] for message_id in ids] == list(range(50))
        assert client.wait_exit() == 1


def test_a_client_that_closed_our_output_ends_the_server() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(ECHO_SERVER, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(frame({"jsonrpc": "2.0", "id": 1, "method": "echo"}))
        process.stdin.flush()
        assert b"on_stop output_closed" in process.stderr.read()
        assert process.wait() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_in_order(number: signal.Signals) -> None:
    with echo_client() as client:
        client.process.send_signal(number)
        assert client.wait_exit() == 128 + number
        assert client.stderr.count("on_stop signal") == 1
        assert "Traceback" not in client.stderr


@pytest.mark.parametrize("method", ["echo/block", "echo/blockThread", "echo/stubborn"])
def test_a_hung_handler_does_not_keep_the_process(method: str) -> None:
    with echo_client({"ECHO_GRACE": "0.5"}) as client:
        client.start_request(method, {"seconds": 60})
        client.close_input()
        assert client.wait_exit() == 1


def test_a_hung_handler_does_not_withstand_a_signal() -> None:
    with echo_client({"ECHO_GRACE": "0.5"}) as client:
        client.start_request("echo/block", {"seconds": 60})
        client.process.send_signal(signal.SIGTERM)
        assert client.wait_exit() == 128 + signal.SIGTERM
        assert "still running" in client.stderr


def test_an_error_output_that_nobody_reads_does_not_keep_the_process() -> None:
    """An editor that hangs holds our pipes and reads none of them: what is said there at the end waits for ever."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ECHO_SERVER, stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, "ECHO_GRACE": "0.5"}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        hello: Message = {"processId": None, "rootUri": None, "capabilities": {}}
        much = {"text": "x" * 1_000_000}
        messages: list[Message] = [
            {"id": 1, "method": "initialize", "params": hello},
            {"method": "initialized", "params": {}},
            {"id": 2, "method": "echo/say", "params": much},
        ]
        process.stdin.write(b"".join(frame({"jsonrpc": "2.0", **it}) for it in messages))
        process.stdin.close()
        assert process.wait(20) == 1


def test_a_clean_up_that_hangs_is_cut_short() -> None:
    with echo_client({"ECHO_GRACE": "0.5", "ECHO_STOP_SECONDS": "60"}) as client:
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_exit() == 0
        assert "the clean-up did not end in time" in client.stderr


def test_the_death_of_the_client_is_noticed() -> None:
    """Not by the end of input: another process may hold the pipe, as happens when an editor crashes."""
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as editor,
        echo_client(processId=editor.pid) as client,
    ):
        assert client.request("echo")["result"] == {}
        editor.kill()
        editor.wait()
        assert client.wait_exit() == 1
        assert "on_stop client_died" in client.stderr


def test_the_death_of_the_parent_is_noticed() -> None:
    with StdioClient([sys.executable, "-c", PARENT, *ECHO_SERVER]) as client:
        client.initialize(processId=client.process.pid)
        client.process.kill()
        client.wait_stderr("on_stop client_died")


def test_a_process_number_that_means_nothing_here_is_not_watched() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with echo_client(processId=gone.pid) as client:
        client.wait_stderr("is not one of ours to watch")
        assert client.request("echo")["result"] == {}
