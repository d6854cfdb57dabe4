"""What a command prints, made fit for reading: escapes stripped, and of too much only the head and the tail kept."""

from __future__ import annotations

import codecs
import re
from collections import deque

from postil.core.cutting import beginning, ending

HEAD = 10_000
TAIL = 20_000
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    "|\x1b[ -/]*[0-Z\\\\^-~]"  # the rest
)
_UNFINISHED = re.compile(
    "(?:(?:\x1b\\[|\x9b)[0-?]*[ -/]*|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*\x1b?|\x1b[ -/]*|\r)\\Z"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONGEST_ESCAPE = 4096


class Cleaner:
    """Turns bytes into plain text, piece by piece; an escape that a piece cuts in two waits for the next."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting = ""

    def feed(self, data: bytes, *, last: bool = False) -> str:
        r"""Return the text so far unheard. `\r` alone begins a new line, as a progress bar means it."""
        text = self._waiting + self._decoder.decode(data, last)
        self._waiting = ""
        if not _CONTROL.search(text):
            return text
        if not last and (cut := _UNFINISHED.search(text)) and len(text) - cut.start() <= _LONGEST_ESCAPE:
            text, self._waiting = text[: cut.start()], text[cut.start() :]
        text = _ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        return _CONTROL.sub("", text)


class HeadAndTail:
    """The head and the tail of a text of any length."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._head_room = head
        self._tail_room = tail
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._in_tail = 0
        self._gone = 0

    def add(self, text: str) -> None:
        """Take the next piece."""
        if self._head_room:
            self._head.append(text[: self._head_room])
            text = text[self._head_room :]
            self._head_room -= len(self._head[-1])
        if text:
            self._tail.append(text)
            self._in_tail += len(text)
        while self._in_tail > self._tail_room:
            excess = self._in_tail - self._tail_room
            first = self._tail.popleft()
            if len(first) > excess:
                self._tail.appendleft(first[excess:])
            gone = min(len(first), excess)
            self._in_tail -= gone
            self._gone += gone

    def kept(self) -> tuple[str, int]:
        """Return what was kept, with a notice where something is missing, and how many characters that are."""
        head, tail = "".join(self._head), "".join(self._tail)
        if not self._gone:
            return head + tail, 0
        first, last = beginning(head), ending(tail)
        left_out = self._gone + len(head) - len(first) + len(tail) - len(last)
        return f"{first}\n\n[{left_out:,} characters left out here]\n\n{last}", left_out
