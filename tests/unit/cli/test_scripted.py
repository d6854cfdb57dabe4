"""`postil scripted`: a Messages API on loopback that says where it is."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.unit.cli.command import PATIENCE, postil

SCRIPT = "replies:\n  - Fixed.\n  - Never asked for.\n"


@contextmanager
def serving(*arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "postil", "scripted", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            match = re.fullmatch(r"ANTHROPIC_BASE_URL=(http://127\.0\.0\.1:\d+)\n", first)
            assert match, first
            yield process, match[1]
        finally:
            process.kill()


def ask(connection: HTTPConnection) -> str:
    body = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "Fix it"}]}
    headers = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
    connection.request("POST", "/v1/messages", json.dumps(body), headers)
    return connection.getresponse().read().decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    script, record = tmp_path / "fix.yaml", tmp_path / "requests.jsonl"
    script.write_text(SCRIPT)
    with serving(str(script), "--record", str(record)) as (process, url):
        connection = HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
        assert "Fixed." in ask(connection)
        assert process.stdout is not None
        assert "Ctrl+C" in process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        connection.close()
        assert (process.returncode, out) == (0, "")
    assert err == "1 of the script's replies were never asked for.\n"
    assert json.loads(record.read_text())["body"]["model"] == "m"


def test_a_port_can_be_chosen_and_one_that_is_taken_is_said(tmp_path: Path) -> None:
    script = tmp_path / "fix.yaml"
    script.write_text(SCRIPT)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = postil("scripted", str(script), "--port", str(port), home=tmp_path)
        assert said.status == 1
        assert said.err.startswith(f"postil: Port {port} cannot be used: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.yaml",), "There is no script missing.yaml."),
        (("bad.yaml",), "bad.yaml cannot be played: "),
        (("binary.yaml",), "binary.yaml cannot be played: "),
        (("good.yaml", "--port", "70000"), "70000 is not a port."),
        (("good.yaml", "--port", "-1"), "-1 is not a port."),
        (("good.yaml", "--record", "no/such/folder.jsonl"), "There is no folder no/such"),
    ],
)
def test_bad_input(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    (tmp_path / "good.yaml").write_text(SCRIPT)
    (tmp_path / "bad.yaml").write_text("replies: [{frobnicate: 1}]")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    said = postil("scripted", *arguments, home=tmp_path)
    assert said.status == 2
    assert said.err.startswith(f"postil: {words}")
