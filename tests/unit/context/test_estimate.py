"""Estimates without a network: what is counted, that little is counted twice, and how replies correct them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.context import estimate
from postil.context.estimate import BYTES_A_TOKEN, Estimator, Size
from postil.core.messages import (
    AssistantMessage,
    Message,
    Text,
    Thinking,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from postil.core.origin import Source
from postil.core.ports import ModelRequest, ToolSchema
from postil.core.spending import Calibration
from postil.model.wire import Wire

TOOL = ToolSchema("read", "Reads." * 100, {"type": "object"})
MESSAGES: list[Message] = [
    UserMessage(text="Look." * 50),
    AssistantMessage(content=(Text(text="I look."), ToolCall(id="1", name="read", input={"path": "a" * 70}))),
    ToolMessage(call_ids=("1",), results={"1": ToolResult(call_id="1", content="x = 1\n" * 200)}),
]
REQUEST = ModelRequest("m", ("You help." * 30,), (TOOL,), MESSAGES, "now" * 20, digests={"tools": "1"})


def test_every_part_counts_and_the_text_is_never_more_than_its_bytes() -> None:
    whole = Estimator().estimate(REQUEST).tokens
    fewer = (
        replace(REQUEST, system=(), digests={}), replace(REQUEST, tools=(), digests={}),
        replace(REQUEST, messages=MESSAGES[:2]), replace(REQUEST, suffix=""),
    )  # fmt: skip
    assert all(Estimator().estimate(it).tokens < whole for it in fewer)
    assert whole * BYTES_A_TOKEN > 200 * 6 + 30 * 9 + 600 + 250


@given(st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_no_request_is_more_tokens_than_it_can_be(text: str, name: str, sources: list[str]) -> None:
    from_elsewhere = tuple(Source(origin="network", name=it) for it in sources)
    result = ToolResult(call_id="c" * 30, content=text, sources=from_elsewhere)
    messages: list[Message] = [
        UserMessage(text=text or "?"),
        AssistantMessage(
            content=(
                Thinking(text="", raw={"type": "redacted_thinking", "data": text}),
                ToolCall(id="c" * 30, name=name, input={name: [text]}),
            )
        ),
        ToolMessage(call_ids=("c" * 30,), results={"c" * 30: result}),
    ]
    request = replace(REQUEST, messages=messages, digests={}, suffix=text, late=(ToolSchema(name, text, {}),))
    assert Estimator().estimate(request).most >= sum(map(_bytes, _texts(json.loads(Wire().encode(request)))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, it in cast("dict[str, Any]", value).items():
            yield key
            yield from _texts(it)
    elif isinstance(value, list):
        for it in cast("list[Any]", value):
            yield from _texts(it)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


@given(st.lists(st.text(), max_size=12))
def test_what_is_remembered_changes_nothing(texts: list[str]) -> None:
    messages: list[Message] = []
    kept = Estimator()
    for text in texts:
        messages.append(UserMessage(text=text))
        request = replace(REQUEST, messages=tuple(messages))
        assert kept.estimate(request) == Estimator().estimate(request)


def test_a_long_conversation_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[Message] = [UserMessage(text=f"{number}") for number in range(500)]
    kept = Estimator()
    kept.estimate(replace(REQUEST, messages=messages))
    counted: list[Message] = []
    real = estimate.size_of

    def counting(message: Message) -> Size:
        counted.append(message)
        return real(message)

    monkeypatch.setattr(estimate, "size_of", counting)
    kept.estimate(replace(REQUEST, messages=[*messages, UserMessage(text="more")]))
    assert len(counted) <= 6


def test_replies_correct_the_estimates_of_their_model() -> None:
    known = Calibration()
    assert known.margin == 0.5
    for number in range(20):
        estimated = 1_000 + 50 * number
        known = known.after(estimated, round(estimated * 1.3))
    assert abs(known.ratio - 1.3) < 0.01
    assert known.error < 0.01
    assert known.margin == 0.1 or known.margin < 0.12
    assert known.after(0, 5) == known


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_a_calibration_always_has_a_sense(pairs: list[tuple[int, int]]) -> None:
    known = Calibration()
    for estimated, counted in pairs:
        known = known.after(estimated, counted)
    assert known.ratio > 0
    assert known.margin >= 0.1
    assert known.worst >= known.error >= 0
