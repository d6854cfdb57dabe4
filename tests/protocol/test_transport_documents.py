"""Document sync with a real process: all three encodings, odd lines, and clients that open twice or change unopened files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.stdio_client import Message, StdioClient, echo_client

URI = "file:///a%20b.py"
CLIENTS = sorted((Path(__file__).parents[1] / "support" / "clients").glob("*.json"))


@pytest.fixture
def client() -> Iterator[StdioClient]:
    with echo_client() as client:
        yield client


def did_open(client: StdioClient, text: str, version: int = 1) -> None:
    document = {"uri": URI, "languageId": "python", "version": version, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})


def did_change(client: StdioClient, version: int, *changes: Message) -> None:
    params = {"textDocument": {"uri": URI, "version": version}, "contentChanges": changes}
    client.notify("textDocument/didChange", params)


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> Message:
    places = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": places[0], "end": places[1]}, "text": text}


def document(client: StdioClient) -> Any:
    return client.request("document/get", {"uri": URI})["result"]


@pytest.mark.parametrize(
    ("offered", "encoding", "after_clef"),
    [
        (None, "utf-16", 3),
        (["utf-16"], "utf-16", 3),
        (["utf-16", "utf-8"], "utf-8", 5),
        (["utf-32", "utf-16"], "utf-32", 2),
    ],
)
def test_edits_count_in_the_chosen_encoding(offered: Any, encoding: str, after_clef: int) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    with StdioClient() as client:
        result = client.initialize(capabilities=general)
        assert result["capabilities"]["positionEncoding"] == encoding
        did_open(client, "a𝄞bc\n")
        did_change(client, 2, edit((0, after_clef), (0, after_clef + 1), "X"))
        assert document(client) == {"text": "a𝄞Xc\n", "version": 2, "lines": 2}


def test_lines_end_where_lsp_says(client: StdioClient) -> None:
    did_open(client, "a\fb\u2028c\x85d\ve\nline 1\rline 2\r\nline 3")
    did_change(
        client, 2, edit((1, 5), (1, 6), "one"), edit((2, 5), (2, 6), "two"), edit((3, 99), (9, 0), "!")
    )
    assert document(client)["text"] == "a\fb\u2028c\x85d\ve\nline one\rline two\r\nline 3!"


def test_a_request_sees_every_change_that_was_sent_before_it(client: StdioClient) -> None:
    did_open(client, "")
    for version in range(2, 300):
        did_change(client, version, edit((0, 0), (0, 0), "x"))
        if version % 100 == 0:
            assert document(client)["text"] == "x" * (version - 1)
    assert document(client)["version"] == 299


def test_clients_that_keep_no_order(client: StdioClient) -> None:
    did_change(client, 1, edit((0, 0), (0, 0), "never opened"))
    assert document(client) is None
    did_open(client, "one")
    did_open(client, "two", version=5)  # eglot opens twice
    assert document(client) == {"text": "two", "version": 5, "lines": 1}
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert document(client) is None
    assert len(client.until_answered()) == 1, "none of it is an error"
    did_open(client, "again")
    assert document(client)["text"] == "again"


def test_an_escaped_uri_is_the_same_document(client: StdioClient) -> None:
    did_open(client, "x")
    assert client.request("document/get", {"uri": "file:///a b.py"})["result"]["text"] == "x"


def test_a_change_of_the_whole_text(client: StdioClient) -> None:
    did_open(client, "old")
    did_change(client, 2, {"text": "new\n"}, edit((1, 0), (1, 0), "er"))
    assert document(client) == {"text": "new\ner", "version": 2, "lines": 2}


@pytest.mark.parametrize("recorded", CLIENTS, ids=lambda path: path.stem)
def test_each_recorded_editor_can_start_and_ask(recorded: Path, tmp_path: Path) -> None:
    params = json.loads(recorded.read_text().replace("${WORKSPACE}", tmp_path.as_posix()))
    with StdioClient() as client:
        result = client.initialize(**params)
        assert result["capabilities"]["textDocumentSync"]["change"] == 2
        assert result["capabilities"]["textDocumentSync"]["openClose"] is True
        did_open(client, "some words\n")
        position = {"line": 0, "character": 7}
        answer = client.request("textDocument/hover", {"textDocument": {"uri": URI}, "position": position})
        assert answer["result"] == {"contents": "words"}
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_exit() == 0
