"""`postil agents`: the agent types that sessions of a workspace can have, and what is wrong with files that are none."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from postil.agent.types.agent_type import AgentType, TypeFault
from postil.agent.types.beginning import capabilities, pool
from postil.agent.types.collection import AgentTypes
from postil.cli.finding import plainly, workspace
from postil.config.load import load, user_config_dir
from postil.core.agent_types import EVERY_TOOL, TypeLimits
from postil.core.revealing import one_line
from postil.journal.layout import state_directory
from postil.model.catalog import traits
from postil.permissions.trust import TrustStore
from postil.tools.registry import Registry

_WHOSE = {"built_in": "built in", "user": "yours", "workspace": "of the workspace"}


def agents(options: argparse.Namespace) -> int:
    """Print the types; return 1 where a file is wrong, or the settings name a type that cannot be used."""
    with plainly():
        root = workspace(options.workspace)
        trusted = TrustStore(state_directory()).standing(root).trusted
        settings = load((root,)).options
    default = settings.agent
    registry = Registry.collect()
    collected = types_of(root, registry, trusted=trusted).collect()
    needs = capabilities(person=True, trusted=trusted, sub_agents=settings.sub_agents > 0)
    pools = (
        pool(it.spec.tools, registry.specs(), needs, references=traits(settings.model).references)
        for it in collected.types
    )
    rows = [_row(it, its, default) for it, its in zip(collected.types, pools, strict=True)]
    missing = default not in {it.name for it in collected.types}
    if options.json:
        faults = [asdict(it) for it in collected.faults]
        print(json.dumps({"default": default, "trusted": trusted, "types": rows, "faults": faults}, indent=2))
    else:
        _print(rows, collected.faults, registry.names)
        if missing:
            print(f"The settings name the agent type {one_line(default)}, which cannot be used.")
        if not trusted and (root / ".postil" / "agents").is_dir():
            print("The types of this workspace count once it is trusted: postil trust allow")
    return 1 if collected.faults or missing else 0


def types_of(root: Path, registry: Registry, *, trusted: bool) -> AgentTypes:
    """Return the types of a workspace, as a session there finds them."""
    return AgentTypes(user_config_dir(), [root], registry.names, lambda: trusted)


def _row(it: AgentType, tools: Sequence[str], default: str) -> dict[str, Any]:
    return {
        "name": it.name,
        "title": it.spec.title,
        "when": it.spec.when,
        "source": it.source,
        "file": it.file,
        "default": it.name == default,
        "mode": it.spec.mode,
        "tools": it.spec.tools,
        "pool": tools,
        "limits": it.spec.limits.model_dump(exclude_none=True),
        "prompt": it.prompt,
    }


def _print(rows: Sequence[Mapping[str, Any]], faults: Sequence[TypeFault], every: Sequence[str]) -> None:
    for row in rows:
        whose = _WHOSE[row["source"]] + (", the default" if row["default"] else "")
        print(f"{row['name']}: {one_line(row['title'])} ({whose})")
        print(f"    {one_line(row['when'], 400)}")
        without = [it for it in every if it not in row["pool"]]
        tools = ", ".join(row["pool"]) or "none"
        if EVERY_TOOL in row["tools"]:
            tools = f"all but {', '.join(without)}" if without else "all"
        print(f"    tools  {tools}")
        print(f"    mode   {'the one you choose' if row['mode'] == 'as-chosen' else row['mode']}")
        if limits := _limits(TypeLimits.model_validate(row["limits"])):
            print(f"    limits {limits}")
        if row["file"]:
            print(f"    file   {one_line(row['file'], 400)}")
    for it in faults:
        print(f"not used: {one_line(f'{it.file}:{it.line}: {it.message}', 800)}")


def _limits(limits: TypeLimits) -> str:
    words = {
        "steps": "{} steps in a turn", "seconds": "{:g} seconds in a turn", "turn": "${:.2f} in a turn",
        "session": "${:.2f} in a session", "turn_tokens": "{:,} tokens in a turn", "session_tokens": "{:,} tokens in a session",
    }  # fmt: skip
    return ", ".join(words[name].format(it) for name, it in limits.model_dump(exclude_none=True).items())
