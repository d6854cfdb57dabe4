"""Refuses what the real service refuses, where agents get it wrong."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, cast

from postil.model.catalog import traits
from postil.model.scripted.choice import blocks_of
from postil.model.scripted.history import History
from postil.model.scripted.referring import check_deferred, check_references, note_references
from postil.model.scripted.refusal import Refusal, bad
from postil.model.scripted.script import Script

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_BREAKPOINTS = 4
_SIGNED = "c2lnbmVk"
"""How our signatures begin; one that a script gives is not checked."""
_GONE = ("temperature", "top_p", "top_k")


def sign(text: str) -> str:
    """Return the signature of a thinking text: it shows, also to a server started later, whether it was changed."""
    return _SIGNED + sha256(f"scripted thinking {text}".encode()).hexdigest()


def seal(text: str) -> str:
    """Return the data of a redacted thinking block."""
    return f"{text}.{sign(text)}"


def check_credentials(headers: dict[str, str], script: Script) -> None:
    """Refuse a request without a key, or with another key than the script's."""
    key = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")
    if not key or (script.key is not None and key != script.key):
        raise Refusal(401, "authentication_error", "invalid x-api-key")
    if "anthropic-version" not in headers:
        raise bad("anthropic-version: header is required")


def check(body: dict[str, Any], script: Script, history: History | None = None) -> None:
    """Raise Refusal where the real service would. What the history says was checked is not checked again."""
    _check_top(body)
    _check_model(body, script)
    _check_tools(body)
    history = history or History(messages=list(body["messages"]))
    for number in range(history.checked, len(history.messages)):
        try:
            _check_message(number, history)
        except Refusal:
            history.keep(number)
            raise
        history.checked = number + 1
    check_references(body, history)
    if history.messages[-1]["role"] == "assistant":
        raise bad(
            "This model does not support assistant message prefill: the last message must be the user's."
        )


def _check_message(number: int, history: History) -> None:
    message = history.messages[number]
    _check_shape(f"messages.{number}", message)
    _check_content(f"messages.{number}", message)
    _check_role(number, history.messages)
    if message["role"] == "assistant":
        _check_calls(number, history)
    elif message["role"] == "user":
        _check_results(number, history.messages)
        note_references(number, history)


def _check_top(body: dict[str, Any]) -> None:
    for name in ("model", "messages", "max_tokens"):
        if name not in body:
            raise bad(f"{name}: Field required")
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1:
        raise bad("max_tokens: Input should be greater than or equal to 1")
    for name in _GONE:
        if name in body:
            raise bad(f"{name}: Extra inputs are not permitted")
    if not isinstance(body["messages"], list) or not body["messages"]:
        raise bad("messages: at least one message is required")


def _check_model(body: dict[str, Any], script: Script) -> None:
    known = {entry.id: entry for entry in script.models}
    entry = known.get(body["model"])
    if known and entry is None:
        raise Refusal(404, "not_found_error", f"model: {body['model']}")
    if entry is not None and body["max_tokens"] > entry.output:
        limit = f"{entry.output}, which is the maximum allowed number of output tokens for {entry.id}"
        raise bad(f"max_tokens: {body['max_tokens']} > {limit}")
    if not traits(body["model"]).adaptive_only:
        return
    thinking = cast("dict[str, Any]", body.get("thinking") or {"type": "adaptive"})
    if thinking.get("type") != "adaptive":
        raise bad(f"thinking.type: '{thinking.get('type')}' is not supported for this model")
    if cast("dict[str, Any]", body.get("tool_choice") or {}).get("type") in {"any", "tool"}:
        raise bad("tool_choice: forced tool use is not supported for this model")


def _check_tools(body: dict[str, Any]) -> None:
    names: set[str] = set()
    for number, tool in enumerate(cast("list[dict[str, Any]]", body.get("tools") or [])):
        name = str(tool.get("name", ""))
        if not _NAME.fullmatch(name):
            raise bad(f"tools.{number}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if name in names:
            raise bad("tools: Tool names must be unique.")
        names.add(name)
        if (
            "type" not in tool
            and cast("dict[str, Any]", tool.get("input_schema") or {}).get("type") != "object"
        ):
            raise bad(f"tools.{number}.input_schema.type: Input should be 'object'")
    check_deferred(body)


def check_breakpoints(history: History) -> None:
    """Refuse too many cache breakpoints, once they are counted."""
    if len(history.marks) > _BREAKPOINTS:
        raise bad(
            f"A maximum of {_BREAKPOINTS} blocks with cache_control may be provided. Found {len(history.marks)}."
        )


def _check_role(number: int, messages: list[dict[str, Any]]) -> None:
    role = messages[number].get("role")
    if role == "system":
        return
    if role not in {"user", "assistant"}:
        raise bad(f"messages.{number}.role: Input should be 'user', 'assistant' or 'system'")
    earlier = (
        message["role"]
        for message in reversed(messages[max(0, number - 9) : number])
        if message["role"] != "system"
    )
    before = next(earlier, "assistant")
    if role == before:
        first = (
            "first message must use the user role" if number == 0 else f"found two '{role}' messages in a row"
        )
        raise bad(f"messages.{number}: roles must alternate between 'user' and 'assistant', but {first}")


def _check_shape(place: str, message: object) -> None:
    content = cast("dict[str, Any]", message).get("content") if isinstance(message, dict) else None
    if not content:
        raise bad(f"{place}: all messages must have non-empty content")
    blocks = cast("list[object]", content) if isinstance(content, list) else []
    if not isinstance(content, str) and not (blocks and all(isinstance(block, dict) for block in blocks)):
        raise bad(f"{place}.content: Input should be a string or a list of content blocks")


def _check_content(place: str, message: dict[str, Any]) -> None:
    for number, block in enumerate(blocks_of(message)):
        here = f"{place}.content.{number}"
        kind = block.get("type")
        if "cache_control" in block and kind in {"thinking", "redacted_thinking"}:
            raise bad(f"{here}.cache_control: Extra inputs are not permitted")
        if kind == "text" and not str(block.get("text", "")).strip():
            raise bad(f"{here}: text content blocks must contain non-whitespace text")
        if kind == "thinking":
            _check_thinking(here, block)
        if kind == "redacted_thinking":
            text, _, signature = str(block.get("data", "")).rpartition(".")
            if set(block) != {"type", "data"} or signature != sign(text):
                raise bad(f"{here}: `redacted_thinking` blocks cannot be modified; return them as they were")


def _check_thinking(here: str, block: dict[str, Any]) -> None:
    if "signature" not in block:
        raise bad(f"{here}.thinking.signature: Field required")
    signature = str(block["signature"])
    known = signature.startswith(_SIGNED)
    if set(block) != {"type", "thinking", "signature"} or (
        known and signature != sign(str(block["thinking"]))
    ):
        raise bad(f"{here}: Invalid `signature` in `thinking` block: `thinking` blocks cannot be modified")


def _check_calls(number: int, history: History) -> None:
    messages = history.messages
    calls: list[str] = []
    for place, block in enumerate(blocks_of(messages[number])):
        if block.get("type") != "tool_use":
            continue
        here, call_id = f"messages.{number}.content.{place}.tool_use", str(block.get("id", ""))
        if not _NAME.fullmatch(call_id) or not isinstance(block.get("input"), dict):
            raise bad(f"{here}: `id` must be letters, digits, _ and -; `input` must be an object")
        if call_id in history.calls:
            raise bad(f"{here}.id: `tool_use` ids must be unique")
        history.calls[call_id] = number
        calls.append(call_id)
    following = blocks_of(messages[number + 1]) if number + 1 < len(messages) else []
    answered = {block.get("tool_use_id") for block in following if block.get("type") == "tool_result"}
    missing = [call_id for call_id in calls if call_id not in answered]
    if missing:
        raise bad(
            f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block "
            "in the next message."
        )


def _check_results(number: int, messages: list[dict[str, Any]]) -> None:
    before = blocks_of(messages[number - 1]) if number else []
    calls = {block.get("id") for block in before if block.get("type") == "tool_use"}
    others = False
    for place, block in enumerate(blocks_of(messages[number])):
        here = f"messages.{number}.content.{place}"
        if block.get("type") != "tool_result":
            others = True
            continue
        if others:
            raise bad(f"{here}: `tool_result` blocks must come before all other content of the message")
        call_id = block.get("tool_use_id")
        if call_id not in calls:
            raise bad(
                f"{here}: unexpected `tool_use_id` found in `tool_result` blocks: {call_id}. Each `tool_result` "
                "block must answer one `tool_use` block of the previous message, once."
            )
        calls.discard(call_id)
