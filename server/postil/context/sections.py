"""The sections of a request, in the one order in which they stand, and which of them never change within a session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from postil.core.ports import ToolSchema

StableName = Literal["model", "tools", "identity", "agent", "workspace", "memory", "skills"]
"""What stands before the boundary, in the order of the service's cache: tools, then system. A model has a cache of its own."""

ChangingName = Literal["date", "mode", "trust", "tools", "jobs", "open files", "problems", "news", "plan"]
"""What stands after the conversation, behind the last cache breakpoint."""

STABLE: tuple[StableName, ...] = get_args(StableName)
CHANGING: tuple[ChangingName, ...] = get_args(ChangingName)
_Name = TypeVar("_Name", StableName, ChangingName)
_DIGEST = 16
_TOOL_DIGEST = 8


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a request; an empty text is left out of it."""

    name: StableName | ChangingName
    text: str

    @property
    def stable(self) -> bool:
        """Whether it stands before the boundary."""
        return self.name in STABLE


def in_order(texts: Mapping[_Name, str]) -> tuple[Section, ...]:
    """Return the sections with a text, each in its place; what a caller's mapping puts first stands where it belongs."""
    place: dict[StableName | ChangingName, int] = {name: at for at, name in enumerate((*STABLE, *CHANGING))}
    kept = (Section(name, text) for name, text in texts.items() if text.strip())
    return tuple(sorted(kept, key=lambda it: place[it.name]))


def digest(text: str, length: int = _DIGEST) -> str:
    """Return the beginning of the text's SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def tool_digests(tools: tuple[ToolSchema, ...]) -> dict[str, str]:
    """Return a digest of each tool, in the order in which they are sent."""
    return {it.name: digest(_sent(it), _TOOL_DIGEST) for it in tools}


def tools_text(tools: tuple[ToolSchema, ...]) -> str:
    """Return the tools as one text, in which every byte that is sent of them counts."""
    return "\n".join(map(_sent, tools))


def _sent(tool: ToolSchema) -> str:
    return json.dumps([tool.name, tool.description, tool.input_schema], ensure_ascii=False)
