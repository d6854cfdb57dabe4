"""The scripted model's reading of bodies: what it remembers never changes what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.model.scripted.answering import Answering
from postil.model.scripted.history import History
from postil.model.scripted.parsing import NotAnObject, Parser
from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Script

SCRIPT = Script.parse([{"text": "ok", "times": "any"}])
Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "x", ""]), Json), st.sampled_from([None, 1]))
def test_any_object_is_read_as_json_reads_it(value: dict[str, Any], indent: int | None) -> None:
    parser = Parser()
    for _ in range(2):
        assert parser.parse(json.dumps(value, indent=indent).encode())[0] == value


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"a"}', b'{"a":1', b'{"a":1 2}', b'{"messages":[1', b"\xff", b"{1:2}"]
)
def test_what_is_no_object(data: bytes) -> None:
    with pytest.raises(NotAnObject):
        Parser().parse(data)


def _message(number: int, kind: str) -> dict[str, Any]:
    mark = {"cache_control": {"type": "ephemeral"}} if kind == "marked" else {}
    text = {"type": "text", "text": f"{kind} {number}", **mark}
    call: dict[str, Any] = {"type": "tool_use", "id": f"c{number % 3}", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": f"c{(number - 1) % 3}", "content": "x"}
    contents: dict[str, Any] = {"call": [call], "result": [result], "string": f"words {number}"}
    return {"role": "user" if number % 2 == 0 else "assistant", "content": contents.get(kind, [text])}


Kinds = st.lists(st.sampled_from(["text", "marked", "call", "result", "string"]), min_size=1, max_size=7)


def _outcome(answering: Answering, body: dict[str, Any], history: History) -> object:
    try:
        place, spoken = answering.answer(body, history, 1)
    except Refusal as refusal:
        return refusal.message
    return place, spoken


@given(st.lists(st.tuples(Kinds, st.sampled_from(["s", "t"])), max_size=6))
def test_what_is_remembered_changes_no_answer(requests: list[tuple[list[str], str]]) -> None:
    parser, answering, plain = Parser(), Answering(SCRIPT), Answering(SCRIPT)
    for kinds, system in requests:
        messages = [_message(number, kind) for number, kind in enumerate(kinds)]
        body = {"model": "m", "max_tokens": 9, "system": system, "messages": messages}
        data = json.dumps(body).encode()
        assert _outcome(answering, *parser.parse(data)) == _outcome(plain, *Parser().parse(data))


def test_what_was_said_before_is_the_same_object() -> None:
    parser = Parser()
    messages = [_message(number, "text") for number in range(5)]
    first, history = parser.parse(json.dumps({"messages": messages[:3]}).encode())
    second, again = parser.parse(json.dumps({"messages": messages}).encode())
    assert again is history
    assert all(old is new for old, new in zip(first["messages"], second["messages"], strict=False))
    assert len(first["messages"]) == 3
