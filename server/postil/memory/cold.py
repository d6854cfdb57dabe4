"""A finished session as a document: one piece a turn or several, each under the prompt that the turn answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from postil.core.cutting import beginning, ending
from postil.core.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from postil.memory.document import Document

PIECE = 1_500
"""Characters of a piece, about."""
RESULT = 400
"""Characters of a call's result that are kept, half from its beginning and half from its end."""
_OF_MEMORY = frozenset({"remember", "recall"})
_PLACE = ".postil/memory"
_INPUT = 200
_ASKED = 300


def session_document(session: str, title: str, messages: Iterable[Message], mark: str = "") -> Document:
    """Return what can be searched of a session: words of both sides whole, calls with the beginnings and ends of results.

    `mark` says which state of the journal it was made from. The model's thinking is left out, and so are calls about memory:
    what was a note then is found as a note, or was forgotten.
    """
    pieces = [piece for turn in _turns(_without_memory(messages)) for piece in _pieces(turn)]
    return Document(session, tuple(pieces), title or session, mark)


def _without_memory(messages: Iterable[Message]) -> Iterator[Message]:
    """Give the messages without calls that wrote or read what is remembered, and without their results."""
    hidden: set[str] = set()
    for message in messages:
        if isinstance(message, AssistantMessage):
            hidden = {it.id for it in message.calls if _is_about_memory(it)}
            kept = tuple(it for it in message.content if not isinstance(it, ToolCall) or it.id not in hidden)
            yield AssistantMessage(content=kept) if hidden else message
        elif isinstance(message, ToolMessage) and hidden:
            results = {key: it for key, it in message.results.items() if key not in hidden}
            yield ToolMessage(call_ids=message.call_ids, results=results)
        else:
            yield message


def _is_about_memory(call: ToolCall) -> bool:
    return call.name in _OF_MEMORY or _PLACE in json.dumps(call.input).replace("\\\\", "/")


def _turns(messages: Iterable[Message]) -> Iterator[list[str]]:
    """Give the texts of each turn, the prompt first."""
    turn: list[str] = []
    for message in messages:
        if isinstance(message, UserMessage) and turn:
            yield turn
            turn = []
        turn += [it for it in _texts(message) if it.strip()]
    if turn:
        yield turn


def _texts(message: Message) -> Iterator[str]:
    match message:
        case UserMessage():
            yield message.text.strip()
        case AssistantMessage():
            yield message.text.strip()
            yield from map(_call, message.calls)
        case ToolMessage():
            yield from (_shortened(it.content) for it in message.ordered)


def _call(call: ToolCall) -> str:
    """Return a call in a line: files and commands are what it is remembered by."""
    values = [it if isinstance(it, str) else json.dumps(it, ensure_ascii=False) for it in call.input.values()]
    return " ".join([call.name, *(it[:_INPUT].replace("\n", " ") for it in values)])


def _shortened(text: str) -> str:
    if len(text) <= RESULT:
        return text
    return f"{beginning(text[: RESULT // 2])}\n{ending(text[-(RESULT // 2) :])}".strip()


def _pieces(turn: list[str]) -> Iterator[str]:
    """Give a turn's texts in pieces, each after the beginning of its prompt, which names it."""
    asked = turn[0][:_ASKED].partition("\n")[0]
    piece = ""
    for part in (part for text in turn for part in _parts(text)):
        if piece and len(piece) + len(part) > PIECE:
            yield piece
            piece = asked
        piece = f"{piece}\n{part}" if piece else part
    if piece:
        yield piece


def _parts(text: str) -> Iterator[str]:
    """Cut a text that is longer than a piece, between lines or words where there are any."""
    while len(text) > PIECE:
        part = beginning(text[:PIECE]) or text[:PIECE]
        yield part
        text = text[len(part) :]
    yield text
