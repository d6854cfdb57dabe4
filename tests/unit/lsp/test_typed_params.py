"""Typed params: what does not fit is named in the client's spelling, and an odd capability keeps nobody out."""

import json
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from postil.lsp.typed_params import InvalidParamsError, is_request, make_converter, structure_params

CONVERTER = make_converter()
CLIENTS = sorted((Path(__file__).parents[2] / "support" / "clients").glob("*.json"))
DOCUMENT = {"uri": "file:///a"}
HOVER = "textDocument/hover"


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        (HOVER, {}, "required field missing at params.textDocument"),
        (HOVER, [], "expected an object at params"),
        (HOVER, None, "expected an object at params"),
        (
            HOVER,
            {"textDocument": {"uri": 5}, "position": {"line": 0, "character": 0}},
            "params.textDocument.uri",
        ),
        (
            HOVER,
            {"textDocument": DOCUMENT, "position": {"line": "0", "character": 0}},
            "params.position.line",
        ),
        (HOVER, {"textDocument": DOCUMENT, "position": {"line": -1, "character": 0}}, "params.position"),
        (
            "textDocument/didChange",
            {
                "textDocument": {**DOCUMENT, "version": 1},
                "contentChanges": [{"text": ""}, {"range": 3, "text": ""}],
            },
            "params.contentChanges.[1].range",
        ),
        ("initialize", {"processId": None}, "required field missing at params.capabilities"),
        ("initialize", {"processId": "x", "capabilities": {}}, "params.processId"),
    ],
)
def test_the_first_wrong_field_is_named(method: str, params: Any, said: str) -> None:
    with pytest.raises(InvalidParamsError, match=method) as caught:
        structure_params(CONVERTER, method, params)
    assert said in str(caught.value)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda path: path.stem)
def test_real_editors_are_understood(client: Path) -> None:
    params = structure_params(CONVERTER, types.INITIALIZE, json.loads(client.read_text()))
    assert isinstance(params.capabilities, types.ClientCapabilities)


def test_capabilities_that_cannot_be_read_are_left_out() -> None:
    raw: dict[str, Any] = {
        "processId": None,
        "capabilities": {
            "experimental": {"postil": {"save": True}},
            "workspace": {"applyEdit": True, "symbol": {"symbolKind": {"valueSet": [1, 999]}}},
            "textDocument": 5,
            "general": {"positionEncodings": ["utf-8", "utf-7"]},
        },
    }
    before = json.dumps(raw)
    params = structure_params(CONVERTER, types.INITIALIZE, raw)
    assert params.capabilities.workspace.apply_edit is True
    assert params.capabilities.workspace.symbol.symbol_kind.value_set is None
    assert params.capabilities.text_document is None
    assert params.capabilities.experimental == {"postil": {"save": True}}
    assert list(params.capabilities.general.position_encodings) == ["utf-8", "utf-7"]
    assert json.dumps(raw) == before


def test_free_values_stay_as_they_are() -> None:
    argument = {"jsonrpc": "2.0", "not-a-name": [{"type_name": 1}], "class": None}
    params = structure_params(
        CONVERTER, "workspace/executeCommand", {"command": "c", "arguments": [argument, 1.5]}
    )
    assert list(params.arguments) == [argument, 1.5]
    assert structure_params(CONVERTER, "own/method", argument) is argument


def test_whole_floats_are_integers_for_clients_that_have_no_others() -> None:
    raw = {"textDocument": DOCUMENT, "position": {"line": 1.0, "character": 0}}
    assert structure_params(CONVERTER, HOVER, raw).position.line == 1


def test_enumerations_stay_enumerations() -> None:
    params = structure_params(CONVERTER, "$/setTrace", {"value": "off"})
    assert params.value is types.TraceValue.Off


def test_requests_and_notifications_are_told_apart() -> None:
    assert is_request(HOVER)
    assert is_request("exit") is False
    assert is_request("own/method") is None
