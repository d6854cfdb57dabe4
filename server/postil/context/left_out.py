"""A compaction as a document: what the model is shown in place of the beginning, and a list of all that it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postil.context.fading import earlier_id
from postil.core.compaction import Compaction
from postil.core.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from postil.core.meter import short
from postil.core.revealing import one_line
from postil.core.state import State

_TITLE = 120


def page(state: State) -> str | None:
    """Return the document of the compaction in force, in Markdown; None where there is none. Reads all of the conversation."""
    compactions = state.conversation.compactions
    if not compactions:
        return None
    it = compactions[-1]
    parts = [
        f"# Compacted: {short(it.before)} to {short(it.after)} tokens",
        _opening(it, len(compactions)),
        "\n".join(f"#{line}" if line.startswith("#") else line for line in it.text.split("\n")),
        "## Left out, piece by piece",
        "\n".join(_rows(state.conversation.messages[: it.upto])),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(it: Compaction, count: int) -> str:
    times = "" if count == 1 else f" It is the {count}th time; each summary is made from the one before."
    return (
        f"The agent is shown what follows in the place of the first {it.upto:,} messages of this session.{times} "
        "The messages themselves are on record, and shown with `postil sessions show`."
    )


def _rows(messages: Sequence[Message]) -> Iterator[str]:
    calls: dict[str, ToolCall] = {}
    for number, message in enumerate(messages):
        match message:
            case UserMessage():
                yield f"- {'note' if message.note else 'prompt'}: {one_line(message.text, _TITLE)}"
            case AssistantMessage():
                calls = {it.id: it for it in message.calls}
                if message.text.strip():
                    yield f"- reply, {len(message.text):,} characters: {one_line(message.text, _TITLE)}"
            case ToolMessage():
                for place, call_id in enumerate(message.call_ids):
                    yield _result(message, calls.get(call_id), call_id, earlier_id(number, place))


def _result(message: ToolMessage, call: ToolCall | None, call_id: str, earlier: str) -> str:
    first = next((it for it in call.input.values() if isinstance(it, str)), "") if call is not None else ""
    what = one_line(f"{call.name if call is not None else 'call'} {first}".rstrip(), _TITLE)
    found = message.results.get(call_id)
    size = f", {len(found.content):,} characters" if found is not None else ""
    return f"- {what}{size} (`{earlier}`)"
