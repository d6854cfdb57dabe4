"""The commands about what the agent has here: tools, servers, agent types, skills, and whether it is safe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from postil.cli.arguments.shared import add_actions, add_command, add_json, add_workspace

if TYPE_CHECKING:
    from postil.cli.arguments.shared import Commands


def add_tools(commands: Commands) -> None:
    what = "what the agent can use here: every tool with its tier, effects, source and state"
    tools = add_command(commands, "tools", what)
    add_workspace(tools)
    add_json(tools, "tool")


def add_mcp(commands: Commands) -> None:
    actions = add_actions(commands, "mcp", "servers of tools (MCP) that settings name")
    about = {
        "allow": "have one started that the workspace names",
        "deny": "leave one off that it names",
        "try": "start one now, list its tools or say why it is not there, and end it; 1 where it is not",
    }
    listing = actions.add_parser(
        "list", help="list them, and how each stands; 1 where something in the settings is wrong"
    )
    add_workspace(listing)
    add_json(listing, "server")
    for name, what in about.items():
        action = add_command(actions, name, what)
        action.add_argument("name", metavar="NAME", help="the server's name")
        add_workspace(action)


def add_agents(commands: Commands) -> None:
    what = "list the agent types, with their tools, modes and limits; 1 where a file is wrong"
    agents = add_command(commands, "agents", what)
    add_workspace(agents)
    add_json(agents, "agent type")


def add_skills(commands: Commands) -> None:
    about = {
        "skills": ("skill", "list the skills, whether each counts and why not; 1 where a file is wrong"),
        "commands": (
            "slash command",
            "list the slash commands: prompt files and skills; 1 where a file is wrong",
        ),
    }
    for name, (one, what) in about.items():
        listing = add_command(commands, name, what)
        add_workspace(listing)
        add_json(listing, one)


def add_evidence(commands: Commands) -> None:
    what = "what can be seen of an agent's architecture in its source, which does not run for it"
    evidence = add_command(commands, "evidence", what)
    evidence.add_argument(
        "path", nargs="?", metavar="PATH", default=".", help="a folder or file (default: .)"
    )
    evidence.add_argument("--principle", metavar="NAME", help="only what is about one, such as `loop`")
    add_json(evidence, "row")


def add_overview(commands: Commands) -> None:
    """Add `overview`."""
    what = "what the agent can do here: tools, agent types, skills, slash commands, hooks and servers, with where each comes from, what decides about it and how it stands"
    overview = add_command(commands, "overview", what)
    overview.add_argument("--workspace", metavar="DIR", help="the workspace (default: this folder)")
    overview.add_argument("--json", action="store_true", help="print one JSON object a line for each of them")


def add_guardrails(commands: Commands) -> None:
    """Add `guardrails`."""
    what = "try the safety invariants on your configuration: settings, agent types, skills, hooks, servers; 1 where one is broken"
    guardrails = add_command(commands, "guardrails", what)
    guardrails.add_argument(
        "--workspace", metavar="DIR", action="append", help="the workspace (default: this folder)"
    )
    guardrails.add_argument("--json", action="store_true", help="print one JSON object")
    guardrails.add_argument(
        "--accept",
        action="store_true",
        help="go on with this configuration at your own risk, until it changes",
    )
    guardrails.add_argument(
        "--trust",
        choices=["yes", "no"],
        help="whether what the workspace brings along counts (default: as you decided)",
    )
    guardrails.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        default=[],
        help="try this one alone, such as `types`; may be given again",
    )
    guardrails.add_argument("--prefixes", action="store_true", help=argparse.SUPPRESS)
