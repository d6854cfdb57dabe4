"""What the adapter makes of replies that go well, over a real socket."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from pydantic import JsonValue

from postil.context.estimate import Estimator
from postil.core.messages import AssistantMessage, Message, Text, Thinking, ToolCall, Usage, UserMessage
from postil.core.ports import ModelLimits, Reply, TextPiece
from tests.unit.model.talk import answered, shown, talking, thought


async def test_words_arrive_in_pieces_and_whole() -> None:
    async with talking(["Good day to you, and welcome."]) as talk:
        pieces = await talk.pieces()
    reply = pieces[-1]
    assert isinstance(reply, Reply)
    assert shown(pieces) == reply.message.text == "Good day to you, and welcome."
    assert (reply.stop_reason, reply.attempts, reply.request_id) == ("end_turn", 1, "req_000001")


async def test_a_rush_of_deltas_becomes_few_pieces() -> None:
    words = "word " * 1_000
    async with talking([{"text": words, "chunk": 5}]) as talk:
        pieces = await talk.pieces()
    assert shown(pieces) == words
    assert len(pieces) < 100


async def test_slow_deltas_are_shown_as_they_come() -> None:
    async with talking([{"text": "abcd", "chunk": 1, "delay": {"each": 0.02}}]) as talk:
        pieces = await talk.pieces()
    assert [piece.text for piece in pieces if isinstance(piece, TextPiece)] == ["a", "b", "c", "d"]


async def test_usage_and_cost() -> None:
    usage = {"input": 1_000, "cache_read": 10_000, "cache_write": 2_000, "output": 100}
    async with talking([{"text": "Hi.", "usage": usage}]) as talk:
        reply = await talk.reply()
    assert reply.usage == Usage(input=1_000, cache_read=10_000, cache_write=2_000, output=100)
    assert reply.cost == pytest.approx(0.002 + 0.002 + 0.005 + 0.001)


async def test_an_unknown_model_costs_nothing_known() -> None:
    async with talking([{"text": "Hi.", "model": "somebody/else-7b"}]) as talk:
        reply = await talk.reply()
    assert (reply.model, reply.cost) == ("somebody/else-7b", None)


async def test_two_tools_in_one_reply() -> None:
    blocks = [
        "I read both.",
        {"tool": "read", "input": {"path": "a.py"}},
        {"tool": "read", "input": {"path": "ä.py", "deep": {"x": [1, None, True]}}},
    ]
    async with talking([{"blocks": blocks, "chunk": 3}]) as talk:
        reply = await talk.reply()
    assert reply.stop_reason == "tool_use"
    assert [(call.name, call.input) for call in reply.message.calls] == [
        ("read", {"path": "a.py"}),
        ("read", {"path": "ä.py", "deep": {"x": [1, None, True]}}),
    ]
    assert len({call.id for call in reply.message.calls}) == 2


async def test_a_call_without_arguments() -> None:
    async with talking([{"blocks": [{"tool": "read", "malformed": ""}]}]) as talk:
        (call,) = (await talk.reply()).message.calls
    assert (call.input, call.malformed) == ({}, None)


@pytest.mark.parametrize(
    "sent",
    ['{"path": ', '["a"]', '{"path": NaN}', '"a"', "{'path': 'a'}", '{"path": "\\ud83d"}', "[" * 9_999],
)
async def test_a_malformed_input_is_told_and_not_guessed(sent: str) -> None:
    async with talking([{"blocks": [{"tool": "read", "malformed": sent}]}]) as talk:
        (call,) = (await talk.reply()).message.calls
    assert call.input == {}
    assert call.malformed == sent[:500]


async def test_reasoning_goes_back_as_it_came_also_from_a_journal() -> None:
    script = [
        {
            "blocks": [
                {"thinking": "Schön: \u2028 first “a”."},
                {"redacted": "secret"},
                {"tool": "read", "input": {"path": "a"}},
            ]
        },
        "Done.",
    ]
    async with talking(script) as talk:
        pieces = await talk.pieces()
        first = pieces[-1]
        assert isinstance(first, Reply)
        assert thought(pieces) == "Schön: \u2028 first “a”."
        stored = AssistantMessage.model_validate_json(first.message.model_dump_json())
        messages: list[Message] = [UserMessage(text="Hello"), stored, answered(stored, "text")]
        # The server refuses reasoning that was changed or left out.
        assert (await talk.reply(messages)).message.text == "Done."


async def test_reasoning_that_is_not_returned_is_refused_by_the_server() -> None:
    script = [{"blocks": [{"thinking": "Hm."}, {"tool": "read", "input": {"path": "a"}}]}, "Done."]
    async with talking(script) as talk:
        first = await talk.reply()
        bare = AssistantMessage(content=first.message.calls)
        error = await talk.fails([UserMessage(text="Hello"), bare, answered(bare, "text")])
    assert error.kind == "invalid_request"
    assert "must be returned as they were" in error.message


async def test_unknown_events_and_blocks_are_tolerated_and_kept() -> None:
    future: dict[str, JsonValue] = {"type": "future_block", "payload": {"a": [1, 2]}, "note": "ü"}
    script = {
        "replies": [
            {
                "events": [{"type": "future_event", "x": 1}, {"type": "content_block_stop", "index": 77}],
                "blocks": [
                    {"block": future},
                    {"block": {"type": "odd_block"}, "deltas": [{"type": "odd_delta", "x": 1}]},
                    {"tool": "read", "input": {"path": "a"}},
                ],
            },
            "Done.",
        ]
    }
    async with talking(script) as talk:
        first = (await talk.reply()).message
        # The odd block cannot be returned as it was, so it is left out.
        assert first.content[0] == Thinking(raw=future)
        assert isinstance(first.content[1], ToolCall)
        await talk.reply([UserMessage(text="Hello"), first, answered(first, "text")])
        assert talk.server.requests[1].body["messages"][1]["content"][0] == future


async def test_blocks_that_end_together_as_from_local_servers() -> None:
    blocks = ["Both.", {"tool": "read", "input": {"path": "a"}}, {"tool": "edit", "input": {"path": "b"}}]
    async with talking([{"blocks": blocks, "interleave": True}]) as talk:
        message = (await talk.reply()).message
    assert message.text == "Both."
    assert [call.name for call in message.calls] == ["read", "edit"]


async def test_an_empty_reply_is_a_reply_and_is_not_sent_back() -> None:
    async with talking([{"blocks": []}, {"blocks": ["  "]}, "Yes."]) as talk:
        first = await talk.reply()
        assert (first.message.content, first.stop_reason) == ((), "end_turn")
        messages: list[Message] = [UserMessage(text="Hello"), first.message, UserMessage(text="Well?")]
        second = await talk.reply(messages)
        messages += [second.message, UserMessage(text="Please!")]
        assert (await talk.reply(messages)).message.text == "Yes."
        (sent,) = talk.server.requests[2].body["messages"]
        assert [block["text"] for block in sent["content"]] == ["Hello", "Well?", "Please!"]


async def test_half_a_call_is_not_a_call() -> None:
    blocks = [
        {"thinking": "I edit."},
        "I edit it.",
        {"tool": "read", "input": {"path": "whole"}},
        {"tool": "edit", "malformed": '{"path": "a', "unfinished": True},
    ]
    async with talking([{"blocks": blocks, "stop_reason": "max_tokens"}]) as talk:
        reply = await talk.reply()
    assert reply.stop_reason == "max_tokens"
    assert reply.message.calls == ()
    assert reply.message.text == "I edit it."


async def test_a_refusal() -> None:
    details = {"type": "refusal", "category": "cyber"}
    async with talking([{"blocks": [], "stop_reason": "refusal", "stop_details": details}]) as talk:
        assert (await talk.reply()).stop_reason == "refusal"


@pytest.mark.parametrize(
    ("sent", "told"),
    [("pause_turn", "pause_turn"), ("stop_sequence", "stop_sequence"), ("new_reason", "other")],
)
async def test_stop_reasons(sent: str, told: str) -> None:
    async with talking([{"text": "Hi.", "stop_reason": sent}]) as talk:
        assert (await talk.reply()).stop_reason == told


async def test_halves_of_a_character_are_joined() -> None:
    delta = [{"type": "text_delta", "text": half} for half in ("\ud83d", "\ude00 and \ud83d")]
    async with talking([{"blocks": [{"block": {"type": "text", "text": ""}, "deltas": delta}]}]) as talk:
        (block,) = (await talk.reply()).message.content
    assert block == Text(text="😀 and \ufffd")


async def test_words_in_the_start_of_a_block_count() -> None:
    async with talking([{"blocks": [{"block": {"type": "text", "text": "Whole."}}]}]) as talk:
        pieces = await talk.pieces()
    assert shown(pieces) == "Whole."


async def test_limits_come_from_the_service_or_from_the_table() -> None:
    known = {"id": "claude-sonnet-5-5", "context": 12_345, "output": 678}
    async with talking({"models": [known]}) as talk:
        assert await talk.model.limits("claude-sonnet-5-5") == ModelLimits(12_345, 678)
        assert await talk.model.limits("claude-haiku-4-5") == ModelLimits(200_000, 64_000)
        assert (await talk.model.limits("who knows")).context_window > 0
    async with talking([], base_url="http://127.0.0.1:9") as talk:
        assert await talk.model.limits("claude-opus-5-5") == ModelLimits(1_000_000, 128_000)


async def test_no_more_is_asked_for_than_a_model_may_write() -> None:
    async with talking([{"text": "Hi.", "times": "any"}]) as talk:
        for model, configured, sent in (
            ("claude-haiku-4-5", 100_000, 64_000),
            ("claude-haiku-4-5", 16_000, 16_000),
            ("who/knows", 100_000, 100_000),
        ):
            request = replace(talk.request("Hello", model=model), max_tokens=configured)
            assert [piece async for piece in talk.model.stream(request)]
            assert talk.server.requests[-1].body["max_tokens"] == sent


async def test_the_limit_of_a_model_outside_the_table_is_asked_for_after_its_first_reply() -> None:
    script = {"models": [{"id": "own-7b", "context": 9_000, "output": 2_000}], "replies": ["Hi.", "Hi."]}
    async with talking(script) as talk:
        request = replace(talk.request("Hello", model="own-7b"), max_tokens=1_500)
        assert [piece async for piece in talk.model.stream(request)]
        await asyncio.gather(*talk.model._asking.values())
        assert [piece async for piece in talk.model.stream(replace(request, max_tokens=4_000))]
        assert [it.body["max_tokens"] for it in talk.server.requests] == [1_500, 2_000]


async def test_many_talks_share_one_adapter() -> None:
    replies = [{"when": {"user": f"talk {number}$"}, "text": f"reply {number}"} for number in range(20)]
    async with talking(replies) as talk:
        texts = await asyncio.gather(*(talk.reply(f"talk {number}") for number in range(20)))
    assert [reply.message.text for reply in texts] == [f"reply {number}" for number in range(20)]


async def test_connections_are_used_again() -> None:
    async with talking([{"text": "Hi.", "times": "any"}]) as talk:
        for _ in range(5):
            await talk.reply()
        # One for the replies, and one for the question beside them what the model can take.
        assert talk.server.connections <= 2


async def test_the_service_counts_a_request_where_it_is_asked() -> None:
    async with talking([{"text": "Hi.", "times": "any"}]) as talk:
        counted = await talk.model.count(talk.request("Hello " * 100))
        reply = await talk.reply("Hello " * 100)
        assert counted is not None
        assert abs(counted - reply.usage.total_input) <= 2
        estimated = Estimator().estimate(talk.request("Hello " * 100)).tokens
        assert abs(estimated - reply.usage.total_input) < 0.3 * estimated
        await talk.server.stop()
        assert await talk.model.count(talk.request("Hello")) is None, "the estimate has to do"


async def test_limits_and_prices_are_known_without_asking() -> None:
    async with talking(["Hi."]) as talk:
        assert talk.model.known_limits("claude-haiku-4-5") == ModelLimits(200_000, 64_000)
        price = talk.model.price("claude-sonnet-5-5")
        assert price is not None
        assert (price.input, price.output) == (2, 10)
        assert talk.model.price("who knows") is None
        assert talk.server.connections == 0
