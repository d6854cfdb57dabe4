"""Secrets that are known by their own shape, as `kinds.toml` lists them."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from importlib import resources

from pydantic import BaseModel, ConfigDict

_TEMPLATE = re.compile(
    r"pass(?:wo?r?d|phrase)?|secret|pwd|token|user(?:name)?|guest|admin|root|example|changeme|hunter2|x+|\*+|\.+|test\w*|"
    r"my\w*|your\w*|some\w*|\w*password\w*",
    re.IGNORECASE,
)
"""What manuals write for a password in an address."""


class Kind(BaseModel):
    """A secret that is known by its own shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    hints: tuple[str, ...]
    """Words of which a text has to hold one."""
    pattern: str
    examples: tuple[str, ...]
    spared: tuple[str, ...]

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, made when it is needed first."""
        return re.compile(self.pattern)

    def without(self, text: str, mark: str) -> tuple[str, int]:
        """Return the text with the mark in the place of each secret of this kind, and how many there were."""
        if not any(hint in text for hint in self.hints):
            return text, 0
        pieces: list[str] = []
        last = 0
        for found in self.compiled.finditer(text):
            group = found.lastindex or 0
            if group and _TEMPLATE.fullmatch(found[group].strip("\"'{}[]()")):
                continue
            pieces += [text[last : found.start(group)], mark]
            last = found.end(group)
        return ("".join([*pieces, text[last:]]), len(pieces) // 2) if pieces else (text, 0)


def _load() -> tuple[Kind, ...]:
    text = resources.files("postil.core.redaction").joinpath("kinds.toml").read_text("utf-8")
    return tuple(Kind.model_validate(row) for row in tomllib.loads(text)["kind"])


KINDS = _load()
"""The kinds of secrets that have a shape of their own, read with this module: the loop's thread reads no files."""
