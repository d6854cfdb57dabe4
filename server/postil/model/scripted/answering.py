"""Decides what one request gets: a refusal, the script's error, or a reply made ready for it."""

from __future__ import annotations

from typing import Any, cast

from postil.model.scripted.checks import check, check_breakpoints
from postil.model.scripted.choice import Choice, Heard, blocks_of, hear
from postil.model.scripted.frames import Speaker, Spoken, stop_of, usage_of
from postil.model.scripted.history import History
from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Fault, Reply, Script
from postil.model.scripted.tokens import Cache, measure


class Exhausted(Refusal):
    """No reply of the script fits, or all that do are used up."""

    def __init__(self, heard: Heard) -> None:
        last = (
            f"result {heard.result[:200]!r}" if heard.result is not None else f"prompt {heard.user[:200]!r}"
        )
        super().__init__(500, "api_error", f"script exhausted: no reply is left for the last {last}")


class Answering:
    """The memory of a scripted model: used replies, the prompt cache, the blocks it gave out."""

    def __init__(self, script: Script) -> None:
        self.choice = Choice(script)
        self._script = script
        self._cache = Cache()
        self._issued: dict[str, list[dict[str, Any]]] = {}

    def answer(self, body: dict[str, Any], history: History, number: int) -> tuple[int, Spoken | Fault]:
        """Return the reply's place in the script and what to send; raises Refusal."""
        check(body, self._script, history)
        self._check_thinking(body)
        self._check_window(body, measure(body, history))
        check_breakpoints(history)
        heard = hear(body, number)
        taken = self.choice.take(heard)
        if taken is None:
            raise Exhausted(heard)
        place, reply = taken
        return place, reply.error or self._speak(body, history, reply, heard)

    def _speak(self, body: dict[str, Any], history: History, reply: Reply, heard: Heard) -> Spoken:
        parts = Speaker(reply, body, heard.values, history.calls).parts()
        usage = usage_of(reply, parts, self._cache.read(history))
        number = heard.values["n"]
        spoken = Spoken(f"msg_{number:0>6}", reply.model or heard.model, parts, usage, stop_of(reply), reply)
        self._remember(spoken)
        return spoken

    def _remember(self, spoken: Spoken) -> None:
        """Keep the reasoning that led to a call: it has to come back with the call's result."""
        thinking = [block for block in spoken.blocks if "thinking" in str(block.get("type"))]
        for block in spoken.blocks if thinking else ():
            if block.get("type") == "tool_use":
                self._issued[block["id"]] = thinking

    def _check_thinking(self, body: dict[str, Any]) -> None:
        """Refuse a call that comes back without the reasoning that led to it."""
        messages = cast("list[dict[str, Any]]", body["messages"])
        for number in range(len(messages) - 1, 0, -1):
            message = messages[number]
            if message["role"] == "user" and not _only_answers(message):
                return
            if message["role"] != "assistant":
                continue
            blocks = blocks_of(message)
            calls = [block.get("id") for block in blocks if block.get("type") == "tool_use"]
            for block in self._issued.get(str(calls[0]), []) if calls else []:
                if block not in blocks:
                    raise Refusal(
                        400,
                        "invalid_request_error",
                        f"messages.{number}.content: Expected `{block['type']}`, but it is missing or changed. The "
                        "`thinking` blocks of an assistant message with `tool_use` must be returned as they were.",
                    )

    def _check_window(self, body: dict[str, Any], tokens: int) -> None:
        entry = next((entry for entry in self._script.models if entry.id == body["model"]), None)
        if entry is None:
            return
        if tokens > entry.context:
            message = f"prompt is too long: {tokens} tokens > {entry.context} maximum"
            raise Refusal(400, "invalid_request_error", message)


def _only_answers(message: dict[str, Any]) -> bool:
    return any(block.get("type") == "tool_result" for block in blocks_of(message))
