"""Whether a text is arithmetic that every shell reads alike; it is recognised, never worked out."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\s*(?:(?P<operand>[A-Za-z0-9_$]+(?:#[A-Za-z0-9]+)?)|"
    r"(?P<operator>\*\*|\+\+|--|<<=|>>=|[-+*/%&|^]=|<<|>>|&&|\|\||[<>=!]=|[-+*/%<>&|^!~=?:,()]))"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PREFIXES = frozenset("+-!~")
_SETTING = re.compile(r"[-+*/%&|^]=|<<=|>>=|=")


def is_sum(text: str) -> bool:
    """Whether it is one expression; what is substituted in it stands as a dollar sign there, so it is no name to set."""
    reader = _Reader()
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            return False
        at = found.end()
        taken = (
            reader.operand(found["operand"]) if found["operand"] else reader.operator(found["operator"] or "")
        )
        if not taken:
            return False
    return reader.complete


class _Reader:
    """Takes one token after the other, and says whether each may stand where it does."""

    def __init__(self) -> None:
        self._open: list[str] = []
        """Brackets and question marks that wait for their other half."""
        self._last = ""
        """The operand or closing mark before; empty where an operand is due."""
        self._prefixed = False
        self._settable = True
        """Whether an operand here begins an expression, so that it may be set: `a + b = 1` is none."""

    @property
    def complete(self) -> bool:
        return self._last != "" and not self._open

    def operand(self, text: str) -> bool:
        if self._last:
            return False
        self._last, self._prefixed = text, False
        return True

    def operator(self, mark: str) -> bool:
        if not self._last:
            return self._before(mark)
        if mark == ")":
            return self._closes("(", ")")
        if mark in ("++", "--"):
            return self._changes(")")
        sets = _SETTING.fullmatch(mark) is not None
        if mark in ("(", "!", "~") or (sets and not (self._settable and self._changes(""))):
            return False
        self._settable = sets or mark == ","
        if mark == ":":
            return self._closes("?", "")
        if mark == "?":
            self._open.append(mark)
        self._last = ""
        return True

    def _before(self, mark: str) -> bool:
        """Take a mark where an operand is due: a bracket, or one sign."""
        if mark == "(":
            self._open.append(mark)
            self._prefixed, self._settable = False, True
            return True
        if mark not in _PREFIXES or self._prefixed:
            return False
        self._prefixed, self._settable = True, False
        return True

    def _closes(self, opening: str, after: str) -> bool:
        if not self._open or self._open.pop() != opening:
            return False
        self._last = after
        return True

    def _changes(self, after: str) -> bool:
        """Take a mark that changes what stands before it, which has to be a variable."""
        if _NAME.fullmatch(self._last) is None:
            return False
        self._last = after
        return True
