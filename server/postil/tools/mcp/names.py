"""What the model calls a server's tool: the same name for the same tool, whatever other tools there are."""

from __future__ import annotations

import hashlib
import re

from postil.core.found import OF_SERVERS

_LONGEST = 64
_DIGEST = 8
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


def tool_name(server: str, tool: str) -> str:
    """Return `mcp__server__tool`; where that cannot be said, a close name that ends in a digest of the real one.

    A server's name has no underscore, so no two servers' names meet; a name that was altered carries the digest, so it
    meets no other.
    """
    plain = f"{OF_SERVERS}{server}__{_OTHER.sub('_', tool)}"
    if plain == f"{OF_SERVERS}{server}__{tool}" and tool and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(f"{server}/{tool}".encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{plain[: _LONGEST - _DIGEST - 1]}_{digest}"


def server_of(name: str) -> str:
    """Return the server that a tool's name is of; empty where it is none of a server's."""
    if not name.startswith(OF_SERVERS):
        return ""
    return name.removeprefix(OF_SERVERS).partition("__")[0]


def is_name(name: str) -> bool:
    """Whether the text can be a tool's name at all."""
    return re.fullmatch(rf"[A-Za-z0-9_-]{{1,{_LONGEST}}}", name) is not None


def rule_name(tool: str) -> str:
    """Return the tool as rules name it: letters that stand for something there, or are none, are replaced."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", tool).lstrip("_.:-") or "tool"
