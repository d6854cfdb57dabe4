"""The scripted model itself: what it refuses, which reply it takes, what it reports. Spoken to by plain HTTP."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from postil.model.scripted import ScriptedModel, ScriptError, serve
from postil.model.scripted.__main__ import main
from postil.model.scripted.answering import Answering
from postil.model.scripted.checks import seal, sign
from postil.model.scripted.history import History
from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Script

GOOD: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 10,
    "tools": [{"name": "read", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": "Hello"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": sign("Hm.")},
                {"type": "redacted_thinking", "data": seal("x")},
                {"type": "tool_use", "id": "a", "name": "read", "input": {}},
                {"type": "tool_use", "id": "b", "name": "read", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "b", "content": "1"},
                {"type": "tool_result", "tool_use_id": "a"},
                {"type": "text", "text": "Go on."},
            ],
        },
    ],
}


def _refuse(body: dict[str, Any]) -> None:
    Answering(Script.parse(["Hi."])).answer(body, History(messages=list(body["messages"])), 1)


def test_a_good_request_is_good() -> None:
    _refuse(copy.deepcopy(GOOD))


def _calls(body: dict[str, Any]) -> list[dict[str, Any]]:
    return body["messages"][1]["content"]


def _results(body: dict[str, Any]) -> list[dict[str, Any]]:
    return body["messages"][2]["content"]


_BAD: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda body: body.pop("max_tokens"), "max_tokens: Field required"),
    (lambda body: body.update(max_tokens=0), "max_tokens"),
    (lambda body: body.update(temperature=1), "temperature"),
    (lambda body: body.update(messages=[]), "at least one message"),
    (lambda body: body.update(thinking={"type": "disabled"}), "not supported for this model"),
    (lambda body: body.update(tool_choice={"type": "any"}), "forced tool use"),
    (lambda body: body["tools"].append(body["tools"][0]), "unique"),
    (lambda body: body["tools"][0].update(name="a b"), "pattern"),
    (lambda body: body["tools"][0].pop("input_schema"), "input_schema"),
    (
        lambda body: [block.update(cache_control={}) for block in _results(body) + _calls(body)[2:]],
        "maximum of 4",
    ),
    (lambda body: _calls(body)[0].update(cache_control={}), "cache_control"),
    (lambda body: body["messages"].pop(0), "first message"),
    (lambda body: body["messages"].insert(1, {"role": "user", "content": "x"}), "two 'user' messages"),
    (lambda body: body["messages"].append({"role": "assistant", "content": "x"}), "prefill"),
    (lambda body: body["messages"][0].update(role="tool"), "role"),
    (lambda body: body["messages"][0].update(content=""), "non-empty"),
    (lambda body: body["messages"][0].update(content=" "), "non-whitespace"),
    (lambda body: body["messages"][0].update(content=["x"]), "list of content blocks"),
    (lambda body: body["messages"].append("x"), "non-empty content"),
    (lambda body: _results(body)[2].update(text="\n"), "non-whitespace"),
    (lambda body: _calls(body)[3].update(id="a"), "unique"),
    (lambda body: _calls(body)[3].update(id="a b"), "letters"),
    (lambda body: _calls(body)[3].update(input="{}"), "object"),
    (lambda body: _results(body).pop(0), "without `tool_result` blocks immediately after: b"),
    (lambda body: _results(body).insert(0, _results(body)[1]), "answer one `tool_use`"),
    (lambda body: _results(body)[0].update(tool_use_id="z"), "`tool_use` ids were found|unexpected"),
    (lambda body: _results(body).insert(0, _results(body).pop()), "before all other content"),
    (lambda body: _calls(body)[0].update(thinking="Hm!"), "cannot be modified"),
    (lambda body: _calls(body)[0].pop("signature"), "signature: Field required"),
    (lambda body: _calls(body)[0].update(extra=1), "cannot be modified"),
    (lambda body: _calls(body)[1].update(data="y"), "cannot be modified"),
]


@pytest.mark.parametrize(("spoil", "words"), _BAD)
def test_what_the_service_refuses(spoil: Callable[[dict[str, Any]], object], words: str) -> None:
    body = copy.deepcopy(GOOD)
    spoil(body)
    with pytest.raises(Refusal, match=words) as caught:
        _refuse(body)
    assert (caught.value.status, caught.value.kind) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("replies:\n  - {txt: Hi.}\n", "script: replies.0.txt: Extra inputs"),
        ("replies:\n  - blocks: [{tol: read}]\n", "replies.0.blocks.0: a block is one of: text"),
        ("replies:\n  - {when: {usr: x}}\n", "replies.0.when.usr"),
        ("replies: [\n", "script: while parsing"),
    ],
)
def test_a_bad_script_says_where(source: str, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.parse(source)
    assert words in str(caught.value)


async def _ask(server: ScriptedModel, path: str = "/v1/messages", body: Any = None, **headers: str) -> Any:
    """Ask without any client library, and return (status, body)."""
    data = json.dumps(body).encode() if body is not None else None
    given = {"authorization": "Bearer k", "anthropic-version": "1", **headers}
    request = urllib.request.Request(server.url + path, data, given)

    def answer() -> Any:
        try:
            with urllib.request.urlopen(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return await asyncio.to_thread(answer)


def _body(*messages: Any, **more: Any) -> dict[str, Any]:
    turns = [
        {"role": "user" if place % 2 == 0 else "assistant", "content": one}
        for place, one in enumerate(messages)
    ]
    return {"model": "m", "max_tokens": 10, "messages": turns, **more}


def _result(content: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "tool_result", "tool_use_id": "a", "content": content, **more}]


_CALL: list[dict[str, Any]] = [{"type": "tool_use", "id": "a", "name": "read", "input": {}}]


async def test_the_first_reply_that_fits_and_is_not_used_up() -> None:
    script = r"""
replies:
  - {when: {result: 'error: (?P<what>\w+)', failed: true}, text: "failed with {{match.what}} in {{last_tool}}"}
  - {when: {tool: read, result: x}, text: "{{match.0}} of {{last_result}}"}
  - {when: {user: 'fix (\S+)', after: prompt}, times: any, tool: edit, input: {path: ["{{match.1}}", 1, "{{no}}"]}}
  - {when: {model: big}, text: "{{model}} {{n}}"}
  - In order.
"""

    async with ScriptedModel.load(script) as server:

        async def said(*messages: Any, **more: Any) -> Any:
            status, answer = await _ask(server, body=_body(*messages, **more))
            assert status == 200, answer
            return answer["content"][0]

        for _ in range(2):
            assert (await said("please fix a.py now"))["input"] == {"path": ["a.py", 1, "{{no}}"]}
        assert (await said("fix it", _CALL, _result("error: disk", is_error=True)))[
            "text"
        ] == "failed with disk in read"
        assert (await said("fix it", _CALL, _result("axa")))["text"] == "x of axa"
        assert (await said("Hi", model="big"))["text"] == "big 5"
        assert server.unused == [4]
        assert (await said("Hi"))["text"] == "In order."
        status, answer = await _ask(server, body=_body("And now?"))
        assert (status, answer["error"]["type"]) == (500, "api_error")
        assert (
            answer["error"]["message"] == "script exhausted: no reply is left for the last prompt 'And now?'"
        )
        assert [request.reply for request in server.requests] == [2, 2, 0, 1, 3, 4, None]
        assert server.requests[-1].outcome == "exhausted"


async def test_words_beside_results_are_the_persons() -> None:
    said = [*_result("x"), {"type": "text", "text": "No, stop."}]
    async with ScriptedModel.load([{"when": {"user": "fix.*\n.*stop"}, "text": "Yes."}]) as server:
        assert (await _ask(server, body=_body("fix it", _CALL, said)))[0] == 200


async def test_the_other_endpoints_and_what_is_not_there() -> None:
    models = [{"id": "m", "context": 40, "output": 20, "name": "Em"}]
    async with ScriptedModel.load({"models": models, "replies": ["Hi."], "key": "k"}) as server:
        status, answer = await _ask(server, "/v1/models")
        assert (status, [model["id"] for model in answer["data"]]) == (200, ["m"])
        status, answer = await _ask(server, "/v1/models/m")
        assert (answer["max_input_tokens"], answer["max_tokens"], answer["display_name"]) == (40, 20, "Em")
        assert (await _ask(server, "/v1/messages/count_tokens", _body("x" * 35)))[1] == {"input_tokens": 10}
        assert (await _ask(server, "/v1/models/other"))[0] == 404
        assert (await _ask(server, "/v1/nothing"))[0] == 404
        assert (await _ask(server, body=_body("a", model="other")))[0] == 404
        assert (await _ask(server, body=[1]))[0] == 400
        assert (await _ask(server, body=_body("a"), authorization="Bearer wrong"))[0] == 401
        assert "21 > 20" in (await _ask(server, body=_body("a", max_tokens=21)))[1]["error"]["message"]
        status, answer = await _ask(server, body=_body("x" * 350))
        assert (status, answer["error"]["message"]) == (400, "prompt is too long: 100 tokens > 40 maximum")


async def test_the_cache_that_usage_shows() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    system = [{"type": "text", "text": "s" * 700, **mark}]
    async with ScriptedModel.load([{"text": "Hi.", "times": "any"}]) as server:

        async def usage(*messages: Any) -> tuple[int, int, int]:
            used = (await _ask(server, body=_body(*messages, system=system)))[1]["usage"]
            return used["input_tokens"], used["cache_read_input_tokens"], used["cache_creation_input_tokens"]

        first = [{"type": "text", "text": "a" * 350, **mark}]
        assert await usage(first) == (1, 0, 300)
        assert await usage(first) == (1, 300, 0)
        assert await usage("b" * 350) == (100, 200, 0)
        assert await usage(first, "ok", [{"type": "text", "text": "c" * 350, **mark}]) == (1, 300, 101)


async def test_requests_are_recorded_without_keys(tmp_path: Path) -> None:
    record = tmp_path / "requests.jsonl"
    async with ScriptedModel.load(["Hi.", "Ho."], record=record, keep=1) as server:
        for text in ("a", "b"):
            await _ask(server, body=_body(text), authorization="Bearer very secret")
        assert (len(server.requests), server.received) == (1, 2)
    lines = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    assert [(line["number"], line["reply"], line["outcome"]) for line in lines] == [
        (1, 0, "sent"),
        (2, 1, "sent"),
    ]
    assert "very secret" not in record.read_text("utf-8")


async def test_call_ids_do_not_meet_those_of_an_earlier_server() -> None:
    """A session goes on with a server that was started anew."""
    reply = [{"tool": "read", "times": "any"}]
    async with ScriptedModel.load(reply) as server:
        (first,) = (await _ask(server, body=_body("a")))[1]["content"]
    async with ScriptedModel.load(reply) as server:
        result = [{"type": "tool_result", "tool_use_id": first["id"], "content": "x"}]
        (second,) = (await _ask(server, body=_body("a", [first], result)))[1]["content"]
    assert first["id"] != second["id"]


async def test_serving_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    script = tmp_path / "script.yaml"
    script.write_text("replies: [Hi.]\n")
    task = asyncio.create_task(serve(script))
    while "ANTHROPIC_BASE_URL=http://127.0.0.1:" not in caplog.text:
        assert not task.done()
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_command_reports_a_bad_script(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("replies: 7\n")
    assert main([str(script)]) == 2
    assert "script.yaml: replies" in caplog.text
    assert main([str(tmp_path / "none.yaml")]) == 2
