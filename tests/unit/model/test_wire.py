"""The bytes of a request: what is in them, what stays the same from step to step, what is encoded once."""

from __future__ import annotations

import json
from typing import Any

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


def test_a_message_is_encoded_once_and_forgotten_with_it() -> None:
    wire = Wire()
    message = UserMessage(text="a")
    _body([message], wire=wire)
    kept = wire._messages[id(message)][1]
    _body([message, AssistantMessage(content=(Text(text="b"),)), UserMessage(text="c")], wire=wire)
    assert wire._messages[id(message)][1] is kept
    key = id(message)
    del message
    assert key not in wire._messages


def test_a_message_that_still_grows_is_not_kept() -> None:
    wire = Wire()
    message = ToolMessage(call_ids=("a", "b"), results={"a": ToolResult(call_id="a", content="1")})
    wire.encode(ModelRequest(MODEL, (), (), [message]))
    assert id(message) not in wire._messages
    message.results["b"] = ToolResult(call_id="b", content="2")
    assert b'"2"' in wire.encode(ModelRequest(MODEL, (), (), [message]))


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
