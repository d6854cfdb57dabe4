"""The commands about what may be done: permissions and trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.cli.arguments.shared import add_actions, add_command, add_json, add_workspace

if TYPE_CHECKING:
    from postil.cli.arguments.shared import Commands


def add_permissions(commands: Commands) -> None:
    what = "the rules in force, why a command would be asked about, and the guard for tests"
    actions = add_actions(commands, "permissions", what)
    add_workspace(actions.add_parser("list", help="list lasting grants and the rules of the settings"))
    why = actions.add_parser(
        "why", help="say what would become of a command, and which check or rule says so"
    )
    why.add_argument("command_line", metavar="COMMAND", help="one command line")
    add_workspace(why)
    revoke = actions.add_parser("revoke", help="take a lasting grant back")
    revoke.add_argument("grant", metavar="GRANT", help="its id or its rule")
    add_workspace(revoke)
    check = actions.add_parser("check", help="answer questions about commands and paths")
    check.add_argument(
        "--jsonl", action="store_true", help="one JSON object a line from stdin, one answer a line"
    )
    check.add_argument(
        "--programs", action="store_true", help="print the option tables of programs that only read"
    )
    test = actions.add_parser("test", help="look for mistakes in files of settings, and try their examples")
    test.add_argument("files", metavar="FILE", nargs="*", help="files to look at (default: those in force)")
    add_workspace(test)


def add_trust(commands: Commands) -> None:
    which = "which folders are trusted: what they configure may run, and your rules hold there"
    actions = add_actions(commands, "trust", which)
    about = {
        "status": "say whether a folder is trusted, and why; 1 where it is not",
        "allow": "trust a folder",
        "deny": "keep a folder restricted, with all below it, and never be asked about it",
        "forget": "be asked about a folder again",
    }
    for name, what in about.items():
        action = add_command(actions, name, what)
        action.add_argument("path", metavar="PATH", nargs="?", help="the folder (default: this one)")
        if name == "allow":
            action.add_argument("--below", action="store_true", help="and every folder below it")
            action.add_argument(
                "--yes", action="store_true", help="also where that is your home, or holds it"
            )
    listing = actions.add_parser("list", help="list the folders that somebody has decided about")
    add_json(listing, "folder")
