"""The bytes of a request: what is in them, what stays the same from step to step, what is encoded once."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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
from postil.core.ports import ModelRequest
from postil.model.scripted.checks import check
from postil.model.scripted.script import Script
from postil.model.wire import Wire
from tests.unit.model.talk import MODEL, TOOLS, answered, talking

CALL = ToolCall(id="toolu_1", name="read", input={"path": "ä"})
ASSISTANT = AssistantMessage(
    content=(Thinking(raw={"type": "thinking", "thinking": "", "signature": "s"}), CALL)
)


def _body(
    messages: list[Message], suffix: str = "", model: str = MODEL, wire: Wire | None = None
) -> dict[str, Any]:
    request = ModelRequest(model, ("One.", "Two."), TOOLS, messages, suffix, 5_000)
    body: dict[str, Any] = json.loads((wire or Wire()).encode(request))
    check(body, Script())
    return body


def _marks(value: Any) -> int:
    return json.dumps(value).count("cache_control")


def test_a_whole_request() -> None:
    body = _body([UserMessage(text="Hi."), ASSISTANT, answered(ASSISTANT, "text")], "now")
    mark = {"type": "ephemeral"}
    assert body["max_tokens"] == 5_000
    assert body["stream"] is True
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["system"] == [
        {"type": "text", "text": "One."},
        {"type": "text", "text": "Two.", "cache_control": mark},
    ]
    assert [tool["name"] for tool in body["tools"]] == ["read", "edit"]
    assert _marks(body["tools"][-1]) == _marks(body["tools"]) == 1
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi.", "cache_control": mark}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "", "signature": "s"},
                {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "ä"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": "text", "cache_control": mark},
                {"type": "text", "text": "now"},
            ],
        },
    ]


def test_never_more_than_four_breakpoints() -> None:
    messages: list[Message] = []
    for number in range(10):
        messages += [UserMessage(text=f"{number}"), AssistantMessage(content=(Text(text="ok"),))]
    assert _marks(_body([*messages, UserMessage(text="end")])) == 4


def test_messages_of_one_role_are_one_on_the_wire() -> None:
    messages = [
        UserMessage(text="a"),
        AssistantMessage(content=()),
        UserMessage(text="b"),
        ASSISTANT,
        answered(ASSISTANT, ""),
        UserMessage(text="c"),
    ]
    body = _body(list(messages))
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    result, text = body["messages"][2]["content"]
    assert (result["type"], "content" in result, text["text"]) == ("tool_result", False, "c")


def test_failed_results_and_malformed_calls() -> None:
    message = AssistantMessage(content=(ToolCall(id="c", name="read", input={}, malformed="{"),))
    failed = ToolMessage(
        call_ids=("c",), results={"c": ToolResult(call_id="c", content="No.", is_error=True)}
    )
    body = _body([UserMessage(text="a"), message, failed])
    assert body["messages"][1]["content"][0]["input"] == {}
    assert body["messages"][2]["content"][0]["is_error"] is True


def test_what_each_model_wants() -> None:
    hello: list[Message] = [UserMessage(text="a")]
    for model in ("claude-opus-5-5", "claude-fable-5-1", "claude-opus-4-8"):
        body = _body(hello, model=model)
        assert body["thinking"]["display"] == "summarized"
        assert not body.keys() & {"temperature", "tool_choice", "top_p"}
    for model in ("claude-haiku-4-5-20251001", "qwen3:8b"):
        assert "thinking" not in _body(hello, model=model)


def test_the_prefix_stays_the_same_byte_for_byte() -> None:
    wire = Wire()
    messages: list[Message] = [UserMessage(text="Hi."), ASSISTANT, answered(ASSISTANT, "text")]
    request = ModelRequest(MODEL, ("One.",), TOOLS, messages, "now 1")
    first = wire.encode(request)
    messages += [AssistantMessage(content=(Text(text="Well."),)), UserMessage(text="More.")]
    second = wire.encode(ModelRequest(MODEL, ("One.",), TOOLS, messages, "now 2"))
    plain = [data.replace(b',"cache_control":{"type":"ephemeral"}', b"") for data in (first, second)]
    assert plain[1].startswith(plain[0][: plain[0].index(b',{"type":"text","text":"now 1"}')])


def _long(turns: int) -> list[Message]:
    messages: list[Message] = []
    for number in range(turns):
        call = ToolCall(id=f"toolu_{number}", name="read", input={})
        reply = AssistantMessage(content=(call,))
        messages += [
            UserMessage(text=f"{number}"),
            reply,
            answered(reply, "text"),
            AssistantMessage(content=(Text(text="."),)),
        ]
    return messages


def test_what_lies_behind_is_not_encoded_again() -> None:
    wire = Wire()
    messages = _long(20)
    _body([*messages, UserMessage(text="a")], wire=wire)
    (head,) = wire._heads.values()
    assert head.messages == messages[:-2]
    before = list(head.runs)
    messages += [UserMessage(text="a"), AssistantMessage(content=(Text(text="b"),)), UserMessage(text="c")]
    assert _body(messages, wire=wire) == _body(messages)
    assert head.runs[: len(before)] == before
    assert len(head.messages) == len(messages) - 3


def test_a_conversation_that_was_rewound_or_changed_begins_anew() -> None:
    wire = Wire()
    messages = _long(5)
    _body([*messages, UserMessage(text="a")], wire=wire)
    for other in (
        messages[:-8],
        [*messages[:3], AssistantMessage(content=(Text(text="changed"),)), *messages[4:]],
    ):
        assert _body([*other, UserMessage(text="b")], wire=wire) == _body([*other, UserMessage(text="b")])


def test_only_a_few_conversations_are_kept() -> None:
    wire = Wire()
    for _ in range(50):
        _body([*_long(3), UserMessage(text="a")], wire=wire)
    assert len(wire._heads) <= 8


@given(st.lists(st.sampled_from(["prompt", "reply", "calls", "blank"]), max_size=12), st.text(max_size=3))
def test_growing_a_conversation_gives_what_encoding_it_at_once_gives(kinds: list[str], suffix: str) -> None:
    grown = Wire()
    messages: list[Message] = [UserMessage(text="first")]
    for number, kind in enumerate(kinds):
        reply = AssistantMessage(content=(ToolCall(id=f"c{number}", name="read", input={}),))
        messages += {
            "prompt": [UserMessage(text=f"{number}")],
            "reply": [AssistantMessage(content=(Text(text="ok"),)), UserMessage(text="more")],
            "calls": [reply, answered(reply, "text")],
            "blank": [AssistantMessage(content=(Text(text=" "),))],
        }[kind]
        request = ModelRequest(MODEL, ("One.",), TOOLS, messages, suffix)
        assert grown.encode(request) == Wire().encode(request)
        check(json.loads(grown.encode(request)), Script())


def test_text_that_is_no_unicode_is_sent_all_the_same() -> None:
    assert _body([UserMessage(text="a\ud800b")])["messages"][0]["content"][0]["text"] == "a?b"


async def test_each_step_reads_the_cache_of_the_step_before_it() -> None:
    """Also where one step is longer than the twenty blocks that the service looks back."""
    many = [{"tool": "read", "input": {"path": f"{number}"}} for number in range(30)]
    async with talking([{"blocks": many}, {"blocks": many}, "Done."]) as talk:
        messages: list[Message] = [UserMessage(text="Read them all, please, one by one.")]
        written = 0
        for _ in range(2):
            reply = await talk.reply(messages, suffix="changes")
            assert reply.usage.cache_read >= written * 0.9
            written = reply.usage.cache_read + reply.usage.cache_write
            messages += [reply.message, answered(reply.message, *(["some text"] * 30))]
        last = await talk.reply(messages, suffix="changed")
    assert last.usage.cache_read >= written * 0.9
    assert last.usage.input < 20
