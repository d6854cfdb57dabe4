"""The command line: one table of commands, each loaded only when it is used."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from postil import __version__
from postil.cli.harness_arguments import add_guardrails, add_overview
from postil.cli.streams import Unwritten
from postil.core.errors import PostilError, UsageError
from postil.core.loading import loading

EXIT_FAILED = 1
EXIT_USAGE = 2


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 usage; `ask` has more."""
    logging.basicConfig(level=os.environ.get("POSTIL_LOG", "WARNING").upper(), format="postil: %(message)s")
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as ended:  # Help was asked for, or is needed.
        return _flushed(ended.code if isinstance(ended.code, int) else 0)
    if options.command is None:
        parser.print_help(sys.stderr)
        return EXIT_USAGE
    module, function = _handlers[options.command]
    try:
        with loading():
            command = getattr(import_module(f"postil.cli.{module}"), function)
        return _flushed(command(options))
    except UsageError as error:
        _tell(error)
        return EXIT_USAGE
    except PostilError as error:
        _tell(error)
        return EXIT_FAILED
    except (BrokenPipeError, Unwritten) as error:
        _drop_output()
        return _unread(error)
    except KeyboardInterrupt:
        return 130


def _flushed(status: int) -> int:
    """Write what is still to be printed, and return the exit status."""
    try:
        sys.stdout.flush()
    except OSError as error:
        failed = _unread(error) if status == 0 else status
        _drop_output()
        return failed
    return status


def _unread(error: OSError) -> int:
    from postil.cli.stopping import unread  # noqa: PLC0415 - nearly always there is a reader

    return unread(error)


def _drop_output() -> None:
    """Let Python not fail once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: PostilError) -> None:
    from postil.core.revealing import revealed  # noqa: PLC0415 - needed only where something failed

    sys.stderr.write(f"postil: {revealed(str(error))}\n")


_handlers = {
    "serve": ("serve", "serve"),
    "ask": ("ask", "ask"),
    "demo": ("demo", "demo"),
    "doctor": ("doctor", "doctor"),
    "key": ("key", "key"),
    "data": ("data", "data"),
    "sessions": ("sessions", "sessions"),
    "audit": ("audit", "audit"),
    "permissions": ("permissions", "permissions"),
    "trust": ("trust", "trust"),
    "memory": ("memory", "memory"),
    "tools": ("tools", "tools"),
    "mcp": ("servers", "mcp"),
    "agents": ("agents", "agents"),
    "skills": ("skills", "skills"),
    "commands": ("skills", "commands"),
    "evidence": ("evidence", "evidence"),
    "overview": ("overview", "overview"),
    "guardrails": ("guardrails", "guardrails"),
    "scripted": ("scripted", "scripted"),
}
"""A command's module in this folder and its function, which takes the parsed arguments and returns a status."""


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # pyright: ignore[reportPrivateUsage]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="postil", description="A coding agent that lives in a language server.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"postil {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_serve(commands)
    _add_ask(commands)
    _add_demo(commands)
    _add_doctor(commands)
    _add_key(commands)
    _add_data(commands)
    _add_sessions(commands)
    _add_audit(commands)
    _add_permissions(commands)
    _add_trust(commands)
    _add_memory(commands)
    _add_tools(commands)
    _add_mcp(commands)
    _add_agents(commands)
    _add_skills(commands)
    _add_evidence(commands)
    add_overview(commands)
    add_guardrails(commands)
    _add_scripted(commands)
    return parser


def _add_serve(commands: Commands) -> None:
    commands.add_parser("serve", help="run the language server on stdin and stdout; editors start this")


def _add_ask(commands: Commands) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask the agent from the terminal",
        description="Ask the agent. A question with nobody to answer it is a denial; --allow gives rules beforehand.",
        epilog="Exit status: 0 done, 1 failed, 2 usage, 3 something was denied, 4 a limit was reached, 5 not verified, 130 stopped by Ctrl+C, 141 nobody read on.",
    )
    ask.add_argument(
        "prompt",
        nargs="?",
        default="",
        help="what to do, with files as @path or @path:10-40, names as @name, and @diff or @session; read from stdin where it is -",
    )
    ask.add_argument(
        "--workspace", metavar="DIR", default=".", help="the folder to work in (default: this one)"
    )
    ask.add_argument("--resume", metavar="ID", help="go on with a session, or with the `latest`")
    ask.add_argument(
        "--agent", metavar="NAME", help="the agent type of a new session; `postil agents` lists them"
    )
    _add_run_options(ask)


def _add_run_options(parser: argparse.ArgumentParser) -> None:
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


def _add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="watch the main job on a small real project; no key needed")
    demo.add_argument("--live", action="store_true", help="use the real model service; needs a key")
    demo.add_argument("--keep", action="store_true", help="leave the project's copy where it is")


def _add_doctor(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="say what works here and what does not")
    doctor.add_argument("--json", action="store_true", help="print the same as JSON")


def _add_key(commands: Commands) -> None:
    key = commands.add_parser("key", help="keep or forget the API key")
    key.add_argument(
        "action", choices=["set", "clear"], help="set reads the key from the terminal or from stdin"
    )


def _add_data(commands: Commands) -> None:
    data = commands.add_parser("data", help="where Postil keeps sessions, how much, and how to delete them")
    data.add_argument("action", choices=["path", "size", "delete"])
    data.add_argument("--workspace", metavar="DIR", help="only the data of this workspace")
    data.add_argument("--yes", action="store_true", help="delete without asking")


def _add_sessions(commands: Commands) -> None:
    what = (
        "list sessions, show one, go on with it, take it back, delete or salvage it, or write it into a file"
    )
    actions = _add_actions(commands, "sessions", what)
    listing = actions.add_parser("list", help="list the sessions of a workspace, the last used first")
    listing.add_argument("--all", action="store_true", help="of all workspaces")
    listing.add_argument("--sub-agents", action="store_true", help="with those of sub-agents")
    _add_workspace(listing)
    _add_json(listing, "session")
    show = _add_session(actions, "show", "print what was said and done")
    _add_json(show, "event")
    resume = _add_session(actions, "resume", "say what was left open, and go on as `ask --resume` does")
    _add_run_options(resume)
    _add_session(actions, "compact", "make its conversation shorter, keeping what matters word for word")
    _add_session(actions, "kept", "print what a compaction kept, and list what it left out")
    rewind = _add_session(
        actions, "rewind", "take back what a turn did to files, and the conversation with it"
    )
    rewind.add_argument(
        "--turn", metavar="N", type=int, help="to before this turn, from 1 (default: the last)"
    )
    rewind.add_argument("--files", action="store_true", help="only the files")
    rewind.add_argument("--conversation", action="store_true", help="only the conversation")
    rewind.add_argument("--undo", action="store_true", help="take back the last rewind of files instead")
    rewind.add_argument("--yes", action="store_true", help="do it without asking")
    delete = _add_session(actions, "delete", "delete it with all it kept; files that it changed stay")
    delete.add_argument("--yes", action="store_true", help="delete without asking")
    _add_session(
        actions, "salvage", "make a new session of what can be read of a damaged one, which stays as it is"
    )
    export = _add_session(actions, "export", "write its journal and its long texts as JSON lines")
    export.add_argument("--to", metavar="FILE", help="a new file (default: stdout)")


def _add_audit(commands: Commands) -> None:
    what = "what each call did and on whose word, and whether the record holds"
    actions = _add_actions(commands, "audit", what)
    show = _add_session(actions, "show", "print what became of each call, from the journal alone")
    _add_json(show, "call")
    verify = _add_session(actions, "verify", "check sums, numbers, long texts and order; 1 where one is bad")
    verify.add_argument("--all", action="store_true", help="every session, or every one of the --workspace")
    verify.add_argument("--file", help="a file that `postil sessions export` wrote")
    verify.add_argument(
        "--kept", metavar="SUM", default="", help="a head that was kept: find its event again"
    )
    _add_json(verify, "session")


def _add_permissions(commands: Commands) -> None:
    what = "the rules in force, why a command would be asked about, and the guard for tests"
    actions = _add_actions(commands, "permissions", what)
    _add_workspace(actions.add_parser("list", help="list lasting grants and the rules of the settings"))
    why = actions.add_parser(
        "why", help="say what would become of a command, and which check or rule says so"
    )
    why.add_argument("command_line", metavar="COMMAND", help="one command line")
    _add_workspace(why)
    revoke = actions.add_parser("revoke", help="take a lasting grant back")
    revoke.add_argument("grant", metavar="GRANT", help="its id or its rule")
    _add_workspace(revoke)
    check = actions.add_parser("check", help="answer questions about commands and paths")
    check.add_argument(
        "--jsonl", action="store_true", help="one JSON object a line from stdin, one answer a line"
    )
    check.add_argument(
        "--programs", action="store_true", help="print the option tables of programs that only read"
    )
    test = actions.add_parser("test", help="look for mistakes in files of settings, and try their examples")
    test.add_argument("files", metavar="FILE", nargs="*", help="files to look at (default: those in force)")
    _add_workspace(test)


def _add_trust(commands: Commands) -> None:
    which = "which folders are trusted: what they configure may run, and your rules hold there"
    actions = _add_actions(commands, "trust", which)
    about = {
        "status": "say whether a folder is trusted, and why; 1 where it is not",
        "allow": "trust a folder",
        "deny": "keep a folder restricted, with all below it, and never be asked about it",
        "forget": "be asked about a folder again",
    }
    for name, what in about.items():
        action = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        action.add_argument("path", metavar="PATH", nargs="?", help="the folder (default: this one)")
        if name == "allow":
            action.add_argument("--below", action="store_true", help="and every folder below it")
            action.add_argument(
                "--yes", action="store_true", help="also where that is your home, or holds it"
            )
    listing = actions.add_parser("list", help="list the folders that somebody has decided about")
    _add_json(listing, "folder")


def _add_tools(commands: Commands) -> None:
    what = "what the agent can use here: every tool with its tier, effects, source and state"
    tools = commands.add_parser("tools", help=what, description=f"{what[0].upper()}{what[1:]}.")
    _add_workspace(tools)
    _add_json(tools, "tool")


def _add_evidence(commands: Commands) -> None:
    what = "what can be seen of an agent's architecture in its source, which does not run for it"
    evidence = commands.add_parser("evidence", help=what, description=f"{what[0].upper()}{what[1:]}.")
    evidence.add_argument(
        "path", nargs="?", metavar="PATH", default=".", help="a folder or file (default: .)"
    )
    evidence.add_argument("--principle", metavar="NAME", help="only what is about one, such as `loop`")
    _add_json(evidence, "row")


def _add_mcp(commands: Commands) -> None:
    actions = _add_actions(commands, "mcp", "servers of tools (MCP) that settings name")
    about = {"allow": "have one started that the workspace names", "deny": "leave one off that it names"}
    _add_workspace(actions.add_parser("list", help="list them, and how each stands"))
    for name, what in about.items():
        action = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        action.add_argument("name", metavar="NAME", help="the server's name")
        _add_workspace(action)


def _add_memory(commands: Commands) -> None:
    what = "what is remembered of a workspace; and searching documents of your own as the agent does"
    actions = _add_actions(commands, "memory", what)
    listing = actions.add_parser("list", help="list notes and sessions that are remembered")
    _add_workspace(listing)
    _add_json(listing, "note and session")
    _add_memory_search(actions)
    about = {
        "show": "print a note, or what is kept of a session",
        "forget": "delete a note, or take a session out of memory; the session itself stays",
    }
    for name, what in about.items():
        action = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        action.add_argument("id", metavar="ID", help="as `list` and `search` print it")
        _add_workspace(action)
    _add_workspace(actions.add_parser("reindex", help="make the index again from notes and sessions"))
    index = actions.add_parser(
        "index", help="put documents of your own into an index; those with the same id are replaced"
    )
    index.add_argument(
        "--corpus",
        metavar="FILE",
        required=True,
        help='lines of JSON, {"id", "text"}; one id may have several',
    )
    index.add_argument("--db", metavar="FILE", required=True, help="the index")


def _add_agents(commands: Commands) -> None:
    agents = commands.add_parser(
        "agents", help="list the agent types, with their tools, modes and limits; 1 where a file is wrong"
    )
    _add_workspace(agents)
    agents.add_argument("--json", action="store_true", help="print one JSON object")


def _add_skills(commands: Commands) -> None:
    skills = commands.add_parser(
        "skills", help="list the skills, whether each counts and why not; 1 where a file is wrong"
    )
    slash = commands.add_parser(
        "commands", help="list the slash commands: prompt files and skills; 1 where a file is wrong"
    )
    for it in (skills, slash):
        _add_workspace(it)
        it.add_argument("--json", action="store_true", help="print one JSON object")


def _add_memory_search(actions: Commands) -> None:
    search = actions.add_parser(
        "search", help="search what is remembered; or answer queries from stdin about an index of your own"
    )
    search.add_argument("query", metavar="QUERY", nargs="*", help="one to four wordings of one question")
    search.add_argument("-k", type=int, default=8, metavar="N", help="how many results (default: 8)")
    search.add_argument("--db", metavar="FILE", help="an index that `postil memory index` made")
    search.add_argument(
        "--jsonl",
        action="store_true",
        help='with --db: lines {"query", "k"} or {"queries", "k"}; answers {"ids"}',
    )
    _add_workspace(search)
    _add_json(search, "result")


def _add_actions(commands: Commands, name: str, what: str) -> Commands:
    """Add a command that is several, one of which has to be named."""
    return commands.add_parser(name, help=what).add_subparsers(dest="action", metavar="ACTION", required=True)


def _add_session(actions: Commands, name: str, what: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    optional = "?" if name == "verify" else None
    parser.add_argument("id", metavar="ID", nargs=optional, help="a session's id, or `latest`")
    _add_workspace(parser)
    return parser


def _add_workspace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: this folder)")


def _add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print one JSON object a line for each {what}")


def _add_scripted(commands: Commands) -> None:
    scripted = commands.add_parser("scripted", help="serve a scripted model on loopback, for tests and tools")
    scripted.add_argument("script", help="a YAML script")
    scripted.add_argument("--port", type=int, default=0, help="a fixed port (default: a free one)")
    scripted.add_argument(
        "--record", metavar="FILE", help="write the requests to FILE, one JSON object a line"
    )
