"""The arguments of the commands about what is in force, and about whether that is safe."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]


def add_overview(commands: Commands) -> None:
    """Add `overview`."""
    what = "what the agent can do here: tools, agent types and servers in force, with what decides about each"
    overview = commands.add_parser("overview", help=what, description=f"{what[0].upper()}{what[1:]}.")
    overview.add_argument("--workspace", metavar="DIR", help="the workspace (default: this folder)")
    overview.add_argument("--json", action="store_true", help="print one JSON object a line for each of them")


def add_guardrails(commands: Commands) -> None:
    """Add `guardrails`."""
    what = "try the safety invariants on your settings, agent types and servers; 1 where one is broken"
    guardrails = commands.add_parser("guardrails", help=what, description=f"{what[0].upper()}{what[1:]}.")
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
    guardrails.add_argument("--only", metavar="NAME", help="try this one alone, such as `types`")
    guardrails.add_argument("--prefixes", action="store_true", help=argparse.SUPPRESS)
