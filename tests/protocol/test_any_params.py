"""Whatever the params are: one answer to each request, a right error or a result, and the next one is served."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postil.lsp.methods import METHODS, Row
from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_world import SERVE
from tests.support.stdio_client import Message, StdioClient

EXPECTED = {-32602, -32803}
"""What is wrong with the params, and what cannot be done. Anything else would be our fault."""

TEXTS = st.text() | st.sampled_from(
    ["", "\ud800", "..", "file:///a.py", "untitled:a", "plan", "s0", "x" * 2_000]
)
NUMBERS = (
    st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**31, -1, 10**40])
)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
NAMES = st.sampled_from(
    [
        "sessionId", "session_id", "text", "after", "context", "anchor", "uri", "range", "start", "end", "line",
        "character", "mode", "questionId", "optionId", "diagnostic", "kind", "path", "jsonrpc", "id", "method",
    ]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)


@st.composite
def close_to_right(draw: st.DrawFn, row: Row) -> dict[str, Any]:
    """Params with the method's own fields, some of them of the right type."""
    point = {"line": draw(st.integers(0, 3)), "character": draw(st.integers(0, 2**33))}
    right: dict[str, Any] = {
        "sessionId": draw(TEXTS),
        "text": draw(TEXTS),
        "uri": draw(TEXTS),
        "range": {"start": point, "end": point},
        "questionId": draw(TEXTS),
        "mode": draw(TEXTS),
        "anchor": {"uri": draw(TEXTS), "line": draw(st.integers()), "character": draw(st.integers())},
        "context": [{"kind": "file", "path": draw(TEXTS), "text": draw(TEXTS)}],
    }
    params: dict[str, Any] = {}
    for name, field in row.params.model_fields.items():
        alias = field.alias or name
        if field.is_required() or draw(st.booleans()):
            params[alias] = right.get(alias) if draw(st.booleans()) else draw(VALUES)
    return params


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Any]:
    """A method and its params, as a request or as a command."""
    row = draw(st.sampled_from(METHODS))
    params = draw(close_to_right(row) | VALUES)
    if row.request and draw(st.booleans()):
        return row.method, params
    return "workspace/executeCommand", {"command": row.command, "arguments": draw(st.just([params]) | VALUES)}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StdioClient]:
    """A server without a key: a prompt that is right begins a turn, and ends it with a sentence."""
    folder = tmp_path_factory.mktemp("any")
    root = folder / "project"
    root.mkdir()
    with StdioClient(SERVE, {"POSTIL_STATE_DIR": str(folder / "state")}) as client:
        client.initialize(rootUri=path_to_uri(root))
        client.request("postil/session/list", {})
        yield client


@given(call=calls())
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_params_get_one_answer(client: StdioClient, call: tuple[str, Any]) -> None:
    method, params = call
    message_id = client.start_request(method, params)
    messages = client.until_answered("postil/session/list", {})
    answers = [it for it in messages if it.get("id") == message_id and "method" not in it]
    if not answers:  # work takes its time and holds nobody up
        answers = [client.answer(message_id)]
        messages = client.until_answered("postil/session/list", {})
    check(answers)
    assert "result" in messages[-1]
    assert not any(it.get("method") == "window/logMessage" for it in messages)


def check(answers: list[Message]) -> None:
    """One answer, which is no fault of ours and tells nothing of our insides."""
    (answer,) = answers
    if "error" in answer:
        assert answer["error"]["code"] in EXPECTED, answer
        assert "Traceback" not in answer["error"]["message"]
        assert "data" not in answer["error"]


def test_nothing_failed_inside(client: StdioClient) -> None:
    """Runs last, on the same server."""
    assert "Traceback" not in client.stderr
