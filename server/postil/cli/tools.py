"""`postil tools`: what the agent can use here and in which state it is, from metadata alone: no tool is imported or started."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from postil.agent.contributions.effects import effect_words
from postil.agent.contributions.opening import STATES
from postil.cli.finding import plainly, workspace
from postil.cli.servers import print_server, server_rows
from postil.config.load import load
from postil.core.revealing import revealed
from postil.model.catalog import traits
from postil.tools.registry import Registry
from postil.tools.tiers import Effects


def tools(options: argparse.Namespace) -> int:
    """Print every tool with its tier, effects, source and state."""
    with plainly():
        root = workspace(options.workspace)
    model = load((root,)).options.model
    rows = [_row(it, model) for it in Registry.collect().listing()]
    servers = server_rows(root)
    if options.json:
        for row in (*rows, *servers):
            print(json.dumps(row, ensure_ascii=False))
        return 0
    print(_table(rows))
    for row in servers:
        print()
        print_server(row)
    print(f"\n{STATES}.")
    return 0


def _row(tool: dict[str, Any], model: str) -> dict[str, Any]:
    state, why = _state(tool["deferral"], model)
    wanted = ("name", "title", "icon", "kind", "tier", "source", "effects", "limits", "description")
    return {"type": "tool", **{key: tool[key] for key in wanted}, "state": state, "why": why}


def _state(deferral: str, model: str) -> tuple[str, str]:
    """Return in which state a tool of Postil's is, and why where that needs saying."""
    if deferral != "unreferenced":
        return ("loaded" if deferral == "always" else deferral), ""
    if traits(model).references:
        return "off", f"{model} takes references to tools, so it needs no other way to them"
    return "loaded", f"{model} takes no references to tools"


def _table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as columns for people."""
    head = ("TOOL", "TIER", "SOURCE", "EFFECTS", "STATE")
    lines = [head, *(_columns(it) for it in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(part.ljust(width) for part, width in zip(line, widths, strict=False)), line[-1]])
        for line in lines
    )


def _columns(row: dict[str, Any]) -> tuple[str, ...]:
    state = f"off: {row['why']}" if row["state"] == "off" else row["state"]
    effects = effect_words(Effects.model_validate(row["effects"]))
    return tuple(revealed(it) for it in (row["name"], row["tier"], row["source"], effects, state))
