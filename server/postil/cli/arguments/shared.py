"""What several commands take."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]


def add_run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print every event as one JSON object a line")
    parser.add_argument("--mode", help="permission mode: default, accept-edits, no-edits, plan, deny-all")
    parser.add_argument(
        "--allow", metavar="RULE", action="append", default=[], help="such as 'Bash(pytest:*)' or Edit"
    )
    parser.add_argument(
        "--trust", action="store_true", help="trust the folder for this run: git and your rules work unasked"
    )
    parser.add_argument("--model", help="the model to ask")
    parser.add_argument(
        "--raise", dest="raise_limit", action="store_true",
        help="with a session that halted at a limit: raise the limit as its question says, and continue",
    )  # fmt: skip


def add_actions(commands: Commands, name: str, what: str) -> Commands:
    """Add a command that is several, one of which has to be named."""
    return commands.add_parser(name, help=what).add_subparsers(dest="action", metavar="ACTION", required=True)


def add_command(commands: Commands, name: str, what: str) -> argparse.ArgumentParser:
    """Add a command; what it does is said in the list of commands, and by itself."""
    return commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")


def add_session(actions: Commands, name: str, what: str) -> argparse.ArgumentParser:
    parser = add_command(actions, name, what)
    optional = "?" if name == "verify" else None
    parser.add_argument("id", metavar="ID", nargs=optional, help="a session's id, or `latest`")
    add_workspace(parser)
    return parser


def add_workspace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: this folder)")


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print one JSON object a line for each {what}")
