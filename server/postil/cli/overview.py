"""`postil overview`: what the agent can do here, everything in force of every kind; no tool is imported and nothing is started."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from postil.agent.configuring import configured
from postil.agent.contributions.collecting import as_data, overview_of
from postil.agent.contributions.contribution import Contribution, Here, ServerHere
from postil.agent.contributions.faulty import faulty
from postil.agent.contributions.telling import told
from postil.agent.hooking.inventory import inventory, unread
from postil.agent.types.beginning import capabilities, pool
from postil.cli.agents import types_of
from postil.cli.finding import plainly, workspace
from postil.cli.policies import policy_here
from postil.cli.servers import server_rows
from postil.cli.skills import there_at
from postil.config.load import load
from postil.core.revealing import one_line
from postil.journal.layout import state_directory
from postil.model.catalog import traits
from postil.permissions.modes import both
from postil.permissions.trust import TrustStore
from postil.permissions.trusting import WorkspaceTrust
from postil.tools.registry import Registry

_LONGEST = 600


def overview(options: argparse.Namespace) -> int:
    """Print everything that is in force, by kind; return 1 where something in the settings is wrong."""
    with plainly():
        here = here_at(workspace(options.workspace))
    found = overview_of(here)
    if options.json:
        for it in (it for _, each in found.kinds for it in each):
            print(json.dumps(as_data(it), ensure_ascii=False))
        return int(bool(here.faults))
    print("\n".join(f"{_line(it)}." for it in found.opening))
    for title, each in found.kinds:
        print(f"\n{title}\n" + ("\n".join(_told(each)) or "  none"))
    return int(bool(here.faults))


def here_at(root: Path) -> Here:
    """Return the workspace as a new session there would find it. Raises ConfigurationError."""
    loaded = load((root,))  # also with what keeps sessions from beginning: here one looks for it
    trust = WorkspaceTrust(TrustStore(state_directory()), [root], time.time).now
    trusted, there = trust.trusted, there_at(root)
    registry, options = Registry.collect(), loaded.options
    collected = types_of(root, registry, trusted=trusted).collect()
    default = next((it for it in collected.types if it.name == options.agent), None)
    needs = capabilities(person=True, trusted=trusted, sub_agents=options.sub_agents > 0)
    in_mode = both(options.mode, default.held if default is not None else "")
    policy, references = policy_here(root, loaded), traits(options.model).references
    named = default.spec.tools if default is not None else ()
    rules = (*in_mode.rules, *(it for it in policy.rules if it.source != "mode"))
    return Here(
        root=root,
        registry=registry,
        references=references,
        collected=collected,
        default=options.agent,
        pool=pool(named, registry.specs(), needs, references=references),
        servers=[
            ServerHere(it["name"], it["way"], it["layer"], it["source"], it["state"], it["why"])
            for it in server_rows(root)
        ],
        policy=replace(
            policy, rules=rules, deny_questions=in_mode.deny_questions, only_reads=in_mode.only_reads
        ),
        trusted=trusted,
        mode=options.mode,
        limits=configured(options, (), loaded.fixed_limits).limits,
        trust="" if trusted else trust.why,
        skills=there.skills,
        prompts=there.prompts,
        hooks=inventory(loaded.hooks, trust),
        unread_hooks=unread(trust),
        faults=faulty(loaded.problems),
    )


def _told(found: Sequence[Contribution]) -> Iterator[str]:
    for it in found:
        title = f": {_line(it.title)}" if it.title else ""
        yield f"  {one_line(it.name)}{title}"
        yield from (f"      {line}" for line in told(it, _line, _line))


def _line(text: str) -> str:
    return one_line(text, _LONGEST)
