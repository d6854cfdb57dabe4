"""What the adapter makes of everything that goes wrong: which error, which words, tried how often."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core.ports import Begun, ModelPiece, Reply, Retrying
from tests.unit.model.talk import shown, talking


def _retries(pieces: list[ModelPiece]) -> list[Retrying]:
    return [piece for piece in pieces if isinstance(piece, Retrying)]


async def test_overloaded_once() -> None:
    script = [{"error": {"status": 529, "type": "overloaded_error"}}, "Here I am."]
    async with talking(script) as talk:
        pieces = await talk.pieces()
    assert _retries(pieces) == [Retrying(1, 6, 0.5, "The service is overloaded (529).", kind="overloaded")]
    reply = pieces[-1]
    assert isinstance(reply, Reply)
    assert (reply.message.text, reply.attempts) == ("Here I am.", 2)


async def test_a_try_that_began_is_said_to_have() -> None:
    script = [
        {"error": {"status": 529, "type": "overloaded_error"}},
        {"text": "Hello there.", "drop": 1},
        "Hi.",
    ]
    async with talking(script) as talk:
        assert [it.begun for it in _retries(await talk.pieces())] == [False, True]


async def test_a_try_of_which_nothing_was_seen_may_have_to_be_paid() -> None:
    script = [{"text": "Hello.", "delay": {"first": 3600}}, "Hi."]
    async with talking(script, idle=0.2) as talk:
        assert [it.begun for it in _retries(await talk.pieces())] == [True]


async def test_what_the_service_has_read_is_known_before_its_first_word() -> None:
    async with talking(["Hi."]) as talk:
        first, *_, reply = await talk.pieces()
    assert isinstance(first, Begun)
    assert isinstance(reply, Reply)
    assert first.usage.total_input == reply.usage.total_input > 0


async def test_overloaded_for_ever() -> None:
    async with talking([{"error": {"status": 529, "type": "overloaded_error"}, "times": "any"}]) as talk:
        error = await talk.fails()
        assert (error.kind, error.attempts, error.retryable) == ("overloaded", 6, False)
        assert error.message == "The service is overloaded (529). It was tried 6 times."
        assert error.mend == "Try again later."
        assert talk.slept == [0.5, 1, 2, 4, 8]
        assert talk.server.received == 6


async def test_the_wait_that_the_service_asks_for() -> None:
    script = [{"error": {"status": 429, "type": "rate_limit_error", "retry_after": 7}}, "Hi."]
    async with talking(script) as talk:
        (retry,) = _retries(await talk.pieces())
    assert (retry.seconds, talk.slept) == (7.0, [7.0])


async def test_a_wait_that_is_too_long() -> None:
    limited = {"status": 429, "type": "rate_limit_error", "message": "Daily limit.", "retry_after": 3600}
    async with talking([{"error": limited}]) as talk:
        error = await talk.fails()
        assert talk.slept == []
    assert (error.kind, error.retry_after, error.attempts) == ("rate_limit", 3600, 1)
    assert error.message == (
        "The service limits how much you may send (429): Daily limit. It asks to wait 60 minutes."
    )


_STATUSES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"status": 400, "type": "invalid_request_error", "message": "tools.0: bad"},
        "invalid_request",
        "tools.0: bad",
    ),
    ({"status": 401, "type": "authentication_error"}, "authentication", "The key was not accepted (401)."),
    ({"status": 402, "type": "billing_error"}, "billing", "cannot be charged"),
    ({"status": 403, "type": "permission_error"}, "permission", "may not do this"),
    ({"status": 404, "type": "not_found_error", "message": "model: x"}, "not_found", "model: x"),
    ({"status": 413, "type": "request_too_large"}, "context_overflow", "longer than the model can read"),
    (
        {
            "status": 400,
            "type": "invalid_request_error",
            "message": "prompt is too long: 9 tokens > 8 maximum",
        },
        "context_overflow",
        "9 tokens > 8 maximum",
    ),
    (
        {
            "status": 400,
            "body": {
                "error": {
                    "code": 400,
                    "type": "exceed_context_size_error",
                    "message": "request (40020 tokens) exceeds the available context size (16384 tokens)",
                }
            },
        },
        "context_overflow",
        "40020 tokens",
    ),
    ({"status": 422, "body": "plain words"}, "invalid_request", "plain words"),
    ({"status": 418, "type": "odd_error", "message": "teapot"}, "invalid_request", "teapot"),
    ({"status": 500, "headers": {"x-should-retry": "false"}}, "server", "had an error (500)"),
]


@pytest.mark.parametrize(("error", "kind", "words"), _STATUSES)
async def test_what_is_not_tried_again(error: dict[str, Any], kind: str, words: str) -> None:
    async with talking([{"error": error}, "Never."]) as talk:
        caught = await talk.fails()
        assert talk.server.received == 1
    assert (caught.kind, caught.attempts) == (kind, 1)
    assert words in caught.message


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"error": {"status": 408, "type": "timeout_error"}}, "timeout"),
        ({"error": {"status": 409, "type": "conflict_error"}}, "server"),
        ({"error": {"status": 500}}, "server"),
        ({"error": {"status": 502, "body": "<html>Bad Gateway</html>"}}, "server"),
        ({"error": {"status": 503, "body": {"error": {"message": "Loading model"}}}}, "server"),
        ({"error": {"status": 504}}, "timeout"),
        ({"text": "x", "drop": "connect"}, "connection"),
        ({"text": "abcdef", "chunk": 1, "drop": 0}, "connection"),
        ({"text": "abcdef", "chunk": 1, "drop": 3}, "connection"),
        ({"text": "abcdef", "chunk": 1, "truncate": 0}, "truncated"),
        ({"text": "abcdef", "chunk": 1, "truncate": 3}, "truncated"),
        ({"text": "abcdef", "truncate": True}, "truncated"),
        ({"blocks": [{"tool": "read", "input": {"path": "a"}}], "truncate": True}, "truncated"),
        ({"text": "abcdef", "chunk": 1, "malformed": "frame"}, "malformed"),
        ({"text": "abcdef", "chunk": 1, "error_event": {"after": 3}}, "overloaded"),
        ({"text": "abcdef", "error_event": {"after": 0, "type": "api_error", "message": "Oops"}}, "server"),
        ({"text": "abcdef", "error_event": {"after": 9, "type": "strange_error"}}, "server"),
    ],
)
async def test_what_is_tried_again(reply: dict[str, Any], kind: str) -> None:
    async with talking([reply, "In the end."]) as talk:
        pieces = await talk.pieces()
        last = pieces[-1]
        assert isinstance(last, Reply)
        assert (shown(pieces), last.message.text, last.attempts) == ("In the end.", "In the end.", 2)
    async with talking([{**reply, "times": "any"}]) as talk:
        error = await talk.fails()
        assert (error.kind, error.attempts, talk.server.received) == (kind, 6, 6)
        assert error.message.endswith("It was tried 6 times.")
        assert "\n" not in str(error)


async def test_a_context_overflow_in_the_middle_of_a_stream() -> None:
    event = {"after": 0, "type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}
    async with talking([{"text": "abc", "error_event": event}]) as talk:
        assert (await talk.fails()).kind == "context_overflow"


async def test_silence_ends_a_stream() -> None:
    async with talking([{"text": "abcdef", "chunk": 1, "stall": 2}, "Hi."], idle=0.2) as talk:
        pieces = await talk.pieces()
        (retry,) = _retries(pieces)
        assert retry.message == "The service sent nothing for 0.2 s."
        await talk.server.until(lambda server: server.requests[0].outcome == "left")


async def test_pings_are_not_silence() -> None:
    reply = {"text": "Hi.", "delay": {"first": 1.2}, "pings": 0.05}
    async with talking([reply], idle=0.6) as talk:
        assert _retries(await talk.pieces()) == []


async def test_nobody_listens() -> None:
    async with talking([], base_url="http://127.0.0.1:9") as talk:
        error = await talk.fails()
    assert (error.kind, error.attempts) == ("connection", 6)
    assert error.message.startswith("The service cannot be reached: ")


async def test_something_else_listens() -> None:
    async with talking([{"error": {"status": 200, "body": {"hello": "world"}}}]) as talk:
        error = await talk.fails()
    assert error.kind == "malformed"
    assert error.mend == "Check the address (base_url)."


async def test_errors_never_show_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-ant-api03-verysecretverysecret"
    echo = {"status": 400, "type": "invalid_request_error", "message": f"bad header: Bearer {key}"}
    async with talking([{"error": echo}], api_key=key) as talk:
        assert "verysecret" not in str(await talk.fails())


async def test_an_exhausted_script_is_said_once() -> None:
    async with talking([]) as talk:
        error = await talk.fails()
        assert talk.server.received == 1
    assert "script exhausted" in error.message
