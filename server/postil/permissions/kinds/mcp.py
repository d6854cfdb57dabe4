"""`Mcp(server/tool)`: one tool of a plugin, `Mcp(server/*)` or `Mcp(server)` all of one server's."""

from __future__ import annotations

from postil.permissions.kinds import starred


def fault(pattern: str, *, allowing: bool) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and how to mend it."""
    server, slash, tool = pattern.partition("/")
    if not starred.is_name(server) or (slash and not starred.is_name(tool)):
        return "it names no tool of a server", "Write Mcp(server/tool), or Mcp(server/*) for all that it has."
    if allowing and "*" in server:
        return "it allows any server", "Name the server, as in Mcp(server/*)."
    return None


def matches(pattern: str | None, name: str, *, allowing: bool) -> bool:
    """Whether a rule means the tool `name`, which is `server/tool`."""
    if pattern is None:
        return True
    server, _, tool = pattern.strip().partition("/")
    return starred.matches(f"{server}/{tool or '*'}", name, allowing=allowing)


def names(pattern: str | None, name: str) -> bool:
    """Whether a rule means this very tool and no other."""
    return pattern is not None and pattern.strip() == name and "*" not in name


def examples(pattern: str | None) -> tuple[str, ...]:
    """Return tools that stand for all that a pattern means."""
    server, _, tool = (pattern or "*").strip().partition("/")
    return (f"{server}/{tool or '*'}".replace("*", starred.STRANGE),)
