"""Refuses what the real service refuses of tools that are loaded late, and of references to them."""

from __future__ import annotations

from typing import Any, cast

from postil.model.catalog import traits
from postil.model.scripted.choice import blocks_of
from postil.model.scripted.history import History
from postil.model.scripted.refusal import bad
from postil.model.scripted.tokens import references


def check_deferred(body: dict[str, Any]) -> None:
    """Refuse a list of tools in which all are deferred, or a deferred one that is to be cached."""
    tools = cast("list[dict[str, Any]]", body.get("tools") or [])
    deferred = [it for it in tools if it.get("defer_loading")]
    if deferred and len(deferred) == len(tools):
        raise bad("tools: At least one tool must have defer_loading=false.")
    for it in deferred:
        if "cache_control" in it:
            raise bad(f"tools: {it.get('name')} cannot have both defer_loading=true and cache_control.")
    if deferred and not traits(str(body.get("model"))).references:
        raise bad("tools: defer_loading is not supported for this model")


def check_references(body: dict[str, Any], history: History) -> None:
    """Refuse a reference to a tool that the request does not have."""
    names = {it.get("name") for it in cast("list[dict[str, Any]]", body.get("tools") or [])}
    for name, number in history.referred.items():
        if name not in names:
            raise bad(f"messages.{number}: Tool reference '{name}' not found in available tools")


def note_references(number: int, history: History) -> None:
    """Keep what a message refers to; refuse a result that has references beside other content."""
    for place, block in enumerate(blocks_of(history.messages[number])):
        names = references(block)
        if not names:
            continue
        if len(names) < len(block["content"]):
            here = f"messages.{number}.content.{place}.tool_result.content"
            raise bad(f"{here}: tool_reference blocks cannot be combined with other content")
        for name in names:
            history.referred.setdefault(name, number)
