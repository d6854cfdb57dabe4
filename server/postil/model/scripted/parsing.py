"""Reads request bodies; what is the same as in an earlier request is recognised by its text, not read again."""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import Any, cast

from postil.model.scripted.history import History

_KEPT = 8
"""Conversations that are remembered."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODE = JSONDecoder().raw_decode


class NotAnObject(ValueError):
    """The body is no JSON object; the text says where it stops being one."""


class Parser:
    """Turns bodies into data and finds the conversation that they go on with."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[str, object]] = {}
        self._histories: dict[str, History] = {}

    def parse(self, data: bytes) -> tuple[dict[str, Any], History]:
        """Return the body and its conversation. Raises NotAnObject."""
        try:
            return self._body(data.decode("utf-8"))
        except IndexError as error:
            raise NotAnObject("it ends early") from error
        except (ValueError, RecursionError) as error:
            raise NotAnObject(str(error)) from error

    def _body(self, text: str) -> tuple[dict[str, Any], History]:
        body: dict[str, Any] = {}
        history = History()
        place = _expect(text, 0, "{")
        while text[place] != "}":
            name, place = _DECODE(text, place)
            if not isinstance(name, str):
                raise NotAnObject(f"{name!r} is no name")
            place = _expect(text, place, ":")
            if name == "messages" and text[place] == "[":
                history, place = self._messages(text, place)
                body[name] = list(history.messages)
            else:
                body[name], place = self._value(name, text, place)
            place = _skip(text, place)
            if text[place] == ",":
                place = _skip(text, place + 1)
            elif text[place] != "}":
                raise ValueError(f"unexpected {text[place]!r}")
        return body, history

    def _value(self, name: str, text: str, place: int) -> tuple[object, int]:
        """Read a value; tools and the system prompt are the same each time."""
        known, value = self._values.get(name, ("", None))
        end = place + len(known)
        if known and text.startswith(known, place) and text[end] in ",}":
            return value, end
        value, end = _DECODE(text, place)
        self._values[name] = (text[place:end], value)
        return value, end

    def _messages(self, text: str, place: int) -> tuple[History, int]:
        place = _expect(text, place, "[")
        if text[place] == "]":
            return History(), place + 1
        _, end = _DECODE(text, place)
        first = text[place:end]
        history = self._histories.pop(first, None) or History()
        place = _follow(history, text, place)
        while text[place] != "]":
            message, end = _DECODE(text, place)
            history.messages.append(cast("dict[str, Any]", message))
            history.pieces.append(text[place:end])
            place = _skip(text, end)
            if text[place] == ",":
                place = _skip(text, place + 1)
        self._histories[first] = history
        if len(self._histories) > _KEPT:
            del self._histories[next(iter(self._histories))]
        return history, place + 1


def _follow(history: History, text: str, place: int) -> int:
    """Go over the messages that are known, forget the others, and return where the new ones begin."""
    for number, piece in enumerate(history.pieces):
        end = place + len(piece)
        if not text.startswith(piece, place) or text[end] not in ",]":
            history.keep(number)
            return place
        place = _skip(text, end + 1) if text[end] == "," else end
    history.keep(len(history.pieces))
    return place


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found is not None else place


def _expect(text: str, place: int, mark: str) -> int:
    """Go over this mark and the space around it."""
    place = _skip(text, place)
    if text[place] != mark:
        raise ValueError(f"expected {mark!r}, found {text[place]!r}")
    return _skip(text, place + 1)
