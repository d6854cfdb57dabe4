"""A part of a conversation as one text to be summarised, as long as there is room for: results give way first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from postil.core.cutting import beginning, ending
from postil.core.messages import AssistantMessage, Message, Text, ToolCall, ToolMessage, UserMessage
from postil.core.origin import material, remarked

_FITS = ((6_000, 3_000, 12_000), (2_000, 1_500, 8_000), (800, 600, 3_000), (300, 300, 1_200), (100, 120, 500))
"""Characters of a result, of a call's input and of what the agent said, from the first that fits on."""
_PROMPT = 8_000


def transcript(before: str, messages: Sequence[Message], room: int) -> str:
    """Return the text, of at most about `room` bytes; `before` stands in it whole, and where all else fails the oldest is left out."""
    text = ""
    for result, given, words in _FITS:
        text = "\n\n".join(_parts(messages, result, given, words))
        if len(text.encode("utf-8", "surrogatepass")) + len(before) <= room:
            break
    else:
        left = max(0, room - len(before)) // 2
        text = f"{beginning(text[:left])}\n\n[… the middle is left out …]\n\n{ending(text[-left:] if left else '')}"
    return "\n\n".join(it for it in ("<conversation>", before, text, "</conversation>") if it)


def _parts(messages: Sequence[Message], result: int, given: int, words: int) -> Iterator[str]:
    for message in messages:
        match message:
            case UserMessage():
                yield f"# {'Postil' if message.note else 'User'}\n\n{_ends(message.text, _PROMPT)}"
            case AssistantMessage():
                yield from _reply(message, given, words)
            case ToolMessage():
                for it in message.ordered:
                    failed = "failed: " if it.is_error else ""
                    text = material(_ends(it.content, result), it.sources, it.call_id)
                    yield f"Result: {failed}{remarked(text, it.remarks, it.call_id)}"


def _reply(message: AssistantMessage, given: int, most: int) -> Iterator[str]:
    words = "\n\n".join(it.text for it in message.content if isinstance(it, Text) and it.text.strip())
    yield f"# Agent\n\n{_ends(words, most)}".strip()
    for call in message.calls:
        yield f"Call: {_call(call, given)}"


def _call(call: ToolCall, given: int) -> str:
    return _ends(f"{call.name} {json.dumps(call.input, ensure_ascii=False)}", given)


def _ends(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} [… {len(text) - 2 * half:,} characters …] {text[-half:]}"
