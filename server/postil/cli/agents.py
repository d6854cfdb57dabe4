"""`postil agents`: the agent types that sessions of a workspace can have, and what is wrong with files that are none."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from postil.agent.configuring import configured
from postil.agent.types.agent_type import AgentType, TypeFault
from postil.agent.types.beginning import capabilities, pool
from postil.agent.types.collection import AgentTypes
from postil.agent.types.limits_told import in_force, limit_words
from postil.cli.finding import plainly, workspace
from postil.cli.whose import WHOSE
from postil.config.load import load, user_config_dir
from postil.core.agent_types import EVERY_TOOL, TypeSource
from postil.core.events import Limits
from postil.core.revealing import one_line
from postil.journal.layout import state_directory
from postil.model.catalog import traits
from postil.permissions.trust import TrustStore
from postil.tools.registry import Registry


def agents(options: argparse.Namespace) -> int:
    """Print the types; return 1 where a file is wrong, or the settings name a type that cannot be used."""
    with plainly():
        root = workspace(options.workspace)
        trusted = TrustStore(state_directory()).standing(root).trusted
        loaded = load((root,))
        settings = loaded.options
        given = configured(settings, (), loaded.fixed_limits).limits
    default = settings.agent
    registry = Registry.collect()
    collected = types_of(root, registry, trusted=trusted).collect()
    needs = capabilities(person=True, trusted=trusted, sub_agents=settings.sub_agents > 0)
    known = traits(settings.model).references
    pools = (pool(it.spec.tools, registry.specs(), needs, references=known) for it in collected.types)
    rows = [_row(it, its, default, given) for it, its in zip(collected.types, pools, strict=True)]
    off = [*map(_faulty, collected.faults), *map(_restricted, collected.restricted)]
    missing = default not in {it.name for it in collected.types}
    if options.json:
        for row in (*rows, *off):
            print(json.dumps(row, ensure_ascii=False))
    else:
        _print(rows, off, registry.names)
        if missing:
            print(f"The settings name the agent type {one_line(default)}, which cannot be used.")
        if collected.restricted:
            print("The types of this workspace count once it is trusted: postil trust allow")
    return 1 if collected.faults or missing else 0


def types_of(root: Path, registry: Registry, *, trusted: bool) -> AgentTypes:
    """Return the types of a workspace, as a session there finds them."""
    return AgentTypes(user_config_dir(), [root], registry.names, lambda: trusted)


def _row(it: AgentType, tools: Sequence[str], default: str, given: Limits) -> dict[str, Any]:
    return {
        "type": "agent type",
        "name": it.name,
        "title": it.spec.title,
        "when": it.spec.when,
        "source": it.source,
        "file": it.file,
        "state": "loaded" if it.name == default else "deferred",
        "why": "",
        "mode": it.spec.mode,
        "tools": it.spec.tools,
        "pool": tools,
        "limits": in_force(it.spec.limits, given),
        "prompt": it.prompt,
    }


def _faulty(it: TypeFault) -> dict[str, Any]:
    return _off(it.name, it.source, it.file, it.message) | {"line": it.line}


def _restricted(path: Path) -> dict[str, Any]:
    return _off(path.stem, "workspace", str(path), "the workspace is not trusted")


def _off(name: str, source: TypeSource, file: str, why: str) -> dict[str, Any]:
    """Return a file that is no type, or is none here."""
    return {"type": "agent type", "name": name, "source": source, "file": file, "state": "off", "why": why}


def _print(rows: Sequence[Mapping[str, Any]], off: Sequence[Mapping[str, Any]], every: Sequence[str]) -> None:
    for row in rows:
        whose = WHOSE[row["source"]] + (", the default" if row["state"] == "loaded" else "")
        print(f"{row['name']}: {one_line(row['title'])} ({whose})")
        print(f"    {one_line(row['when'], 400)}")
        without = [it for it in every if it not in row["pool"]]
        tools = ", ".join(row["pool"]) or "none"
        if EVERY_TOOL in row["tools"]:
            tools = f"all but {', '.join(without)}" if without else "all"
        print(f"    tools  {tools}")
        print(f"    mode   {'the one you choose' if row['mode'] == 'as-chosen' else row['mode']}")
        if limits := limit_words(row["limits"]):
            print(f"    limits {limits}")
        if row["file"]:
            print(f"    file   {one_line(row['file'], 400)}")
    for row in off:
        print(f"{one_line(row['name'])} ({WHOSE[row['source']]}, off: {one_line(row['why'], 400)})")
        line = f":{row['line']}" if "line" in row else ""
        print(f"    file   {one_line(row['file'] + line, 400)}")
