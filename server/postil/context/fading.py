"""When old results fade, and what stands in their place: seldom and many at once, for the service reads anew all that follows.

A result may fade once it is `AGE` steps old and long, or once the same file was read again with another text. How much they
have to be depends on what it costs: nothing where the service has forgotten the conversation anyhow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from postil.context.estimate import BYTES_A_TOKEN, size_of
from postil.core.compaction import EARLIER, FadedResult, ResultsFaded
from postil.core.messages import AssistantMessage, Message, ToolCall, ToolMessage, ToolResult
from postil.core.revealing import one_line
from postil.core.state import State

AGE = 12
"""Steps for which a result stands as it was, at least."""
LONG = 800
"""Characters below which a result never fades: the reference to it would not be much shorter."""
_NAMED = 160
_MOST_PART = 0.5
"""How much of what is read anew has to be saved, while the service has it all at hand."""

Moment = Literal["kept", "forgotten", "pressed"]
"""What fading costs: the service has the conversation at hand, or has forgotten it; or there is no room left."""
LEAST: dict[Moment, int] = {"kept": 32_000, "forgotten": 4_000, "pressed": 500}
"""Tokens that have to be saved at each moment."""


def due(state: State, turn_id: str, step: int, moment: Moment) -> ResultsFaded | None:
    """Return what fades now; None where it is not worth it."""
    conversation = state.conversation
    messages = conversation.messages[conversation.start :]
    found = list(_fadable(state, messages))
    saved = sum(size for _, size in found) / BYTES_A_TOKEN
    if saved < LEAST[moment]:
        return None
    if moment == "kept" and saved < _MOST_PART * _read_anew(
        messages, found[0][0].message - conversation.start
    ):
        return None
    return ResultsFaded(turn_id=turn_id, step=step, results=tuple(it for it, _ in found), tokens=round(saved))


def largest(state: State, turn_id: str, step: int, tokens: int) -> ResultsFaded | None:
    """Return results that fade so that a request is smaller by so many tokens, the largest first, however new they are.

    For a request that the model cannot read at all; None where there is none left to fade.
    """
    found = sorted(_fading(state, old=None), key=lambda it: -it[1])
    chosen: list[FadedResult] = []
    saved = 0.0
    for it, size in found:
        if saved >= tokens:
            break
        chosen.append(it)
        saved += size / BYTES_A_TOKEN
    if not chosen:
        return None
    return ResultsFaded(turn_id=turn_id, step=step, results=tuple(chosen), tokens=round(saved))


def earlier_id(message: int, place: int) -> str:
    """Return the id of a result, by its message and its place there, both from 1."""
    return f"{EARLIER}{message + 1}.{place + 1}"


def earlier_result(messages: Sequence[Message], wanted: str) -> ToolResult | None:
    """Return the result with this id as it was; None where there is none."""
    message, _, place = wanted.removeprefix(EARLIER).partition(".")
    if not (message.isdecimal() and place.isdecimal() and 0 < int(message) <= len(messages)):
        return None
    found = messages[int(message) - 1]
    if not isinstance(found, ToolMessage) or not 0 < int(place) <= len(found.call_ids):
        return None
    return found.results.get(found.call_ids[int(place) - 1])


def _fadable(state: State, messages: Sequence[Message]) -> Iterator[tuple[FadedResult, int]]:
    """Yield what is old enough to fade, or stale."""
    return _fading(state, _before_last_steps(messages))


def _fading(state: State, old: int | None) -> Iterator[tuple[FadedResult, int]]:
    """Yield what may fade, the oldest first, with how many bytes shorter the conversation is without.

    `old` is the place of the first message of the last steps; without it whatever is long may fade, as too large.
    """
    start = state.conversation.start
    messages = state.conversation.messages[start:]
    gone = {(it.message, it.call_id) for it in state.conversation.faded}
    used, stale = _used(state)
    calls: dict[str, ToolCall] = {}
    for number, message in enumerate(messages):
        if isinstance(message, AssistantMessage):
            calls = {it.id: it for it in message.calls}
        if not isinstance(message, ToolMessage) or not message.complete:
            continue
        place = start + number
        for at, call_id in enumerate(message.call_ids):
            result, key = message.results[call_id], (place, call_id)
            aged = old is None or (number < old and used.get(key, 0) < start + old)
            # What was just read is not taken away: its reader has not spoken since.
            if (
                key in gone
                or not (aged or (key in stale and number < len(messages) - 1))
                or not _may_fade(result)
            ):
                continue
            call = calls.get(call_id)
            text = (
                _too_large(call, result)
                if old is None
                else _reference(call, result, earlier_id(place, at), stale=key in stale)
            )
            yield (
                FadedResult(message=place, call_id=call_id, text=text),
                len(result.content.encode("utf-8", "surrogatepass"))
                - len(text.encode("utf-8", "surrogatepass")),
            )


def _may_fade(result: ToolResult) -> bool:
    """What a person said stays."""
    return len(result.content) >= LONG and all(it.origin != "user" for it in result.sources)


def _before_last_steps(messages: Sequence[Message]) -> int:
    """Return the place of the first message of the last steps."""
    left = AGE
    for number in range(len(messages) - 1, -1, -1):
        left -= isinstance(messages[number], AssistantMessage)
        if not left:
            return number
    return 0


def _used(state: State) -> tuple[dict[tuple[int, str], int], set[tuple[int, str]]]:
    """Return where results with files' texts were last referred to, and those of which a later one shows another text."""
    used: dict[tuple[int, str], int] = {}
    stale: set[tuple[int, str]] = set()
    for parts in state.workflow.shown.values():
        for it in parts:
            used[it.message, it.call_id] = it.used
            if it.hash != parts[-1].hash:
                stale.add((it.message, it.call_id))
    return used, stale


def _read_anew(messages: Sequence[Message], first: int) -> float:
    """Return how many tokens the service would read again once the first of the results is another."""
    return sum(size_of(it).likely for it in messages[first:]) / BYTES_A_TOKEN


def _named(call: ToolCall | None) -> str:
    if call is None:
        return "An earlier result"
    first = next((it for it in call.input.values() if isinstance(it, str)), "")
    return one_line(f"The result of `{call.name}` {first}".rstrip(), _NAMED)


def _too_large(call: ToolCall | None, result: ToolResult) -> str:
    return (
        f"[{_named(call)}: {len(result.content):,} characters, which do not fit your window beside the rest. "
        "Ask for less at once: fewer lines, fewer files, one call at a time.]"
    )


def _reference(call: ToolCall | None, result: ToolResult, earlier: str, *, stale: bool) -> str:
    what = _named(call)
    why = ", which was read again since with another text" if stale else ""
    return (
        f"[{what}{why}: {len(result.content):,} characters, no longer shown. Call the tool again for how it is now; "
        f'`recall` with load="{earlier}" shows it as it was.]'
    )
