"""The commands about what is kept: sessions, their audit, data and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.cli.arguments.shared import (
    add_actions,
    add_command,
    add_json,
    add_run_options,
    add_session,
    add_workspace,
)

if TYPE_CHECKING:
    from postil.cli.arguments.shared import Commands


def add_data(commands: Commands) -> None:
    data = commands.add_parser("data", help="where Postil keeps sessions, how much, and how to delete them")
    data.add_argument("action", choices=["path", "size", "delete"])
    data.add_argument("--workspace", metavar="DIR", help="only the data of this workspace")
    data.add_argument("--yes", action="store_true", help="delete without asking")


def add_sessions(commands: Commands) -> None:
    what = "list sessions, show one, go on with it, take it back, rename, delete or salvage it, or write it into a file"
    actions = add_actions(commands, "sessions", what)
    listing = actions.add_parser("list", help="list the sessions of a workspace, the last used first")
    listing.add_argument("--all", action="store_true", help="of all workspaces")
    listing.add_argument("--sub-agents", action="store_true", help="with those of sub-agents")
    add_workspace(listing)
    add_json(listing, "session")
    show = add_session(actions, "show", "print what was said and done")
    add_json(show, "event")
    resume = add_session(actions, "resume", "say what was left open, and go on as `ask --resume` does")
    add_run_options(resume)
    add_session(actions, "compact", "make its conversation shorter, keeping what matters word for word")
    add_session(actions, "kept", "print what a compaction kept, and list what it left out")
    rewind = add_session(
        actions, "rewind", "take back what a turn did to files, and the conversation with it"
    )
    rewind.add_argument(
        "--turn", metavar="N", type=int, help="to before this turn, from 1 (default: the last)"
    )
    rewind.add_argument("--files", action="store_true", help="only the files")
    rewind.add_argument("--conversation", action="store_true", help="only the conversation")
    rewind.add_argument("--undo", action="store_true", help="take back the last rewind of files instead")
    rewind.add_argument("--yes", action="store_true", help="do it without asking")
    rename = add_session(actions, "rename", "call it otherwise than by its first prompt")
    rename.add_argument("title", metavar="TITLE", help="what it is called from now on")
    delete = add_session(actions, "delete", "delete it with all it kept; files that it changed stay")
    delete.add_argument("--yes", action="store_true", help="delete without asking")
    add_session(
        actions, "salvage", "make a new session of what can be read of a damaged one, which stays as it is"
    )
    export = add_session(actions, "export", "write its journal and its long texts as JSON lines")
    export.add_argument("--to", metavar="FILE", help="a new file (default: stdout)")


def add_audit(commands: Commands) -> None:
    what = "what each call did and on whose word, and whether the record holds"
    actions = add_actions(commands, "audit", what)
    show = add_session(actions, "show", "print what became of each call, from the journal alone")
    add_json(show, "call")
    verify = add_session(actions, "verify", "check sums, numbers, long texts and order; 1 where one is bad")
    verify.add_argument("--all", action="store_true", help="every session, or every one of the --workspace")
    verify.add_argument("--file", help="a file that `postil sessions export` wrote")
    verify.add_argument(
        "--kept", metavar="SUM", default="", help="a head that was kept: find its event again"
    )
    add_json(verify, "session")


def add_memory(commands: Commands) -> None:
    what = "what is remembered of a workspace; and searching documents of your own as the agent does"
    actions = add_actions(commands, "memory", what)
    listing = actions.add_parser("list", help="list notes and sessions that are remembered")
    add_workspace(listing)
    add_json(listing, "note and session")
    _add_memory_search(actions)
    about = {
        "show": "print a note, or what is kept of a session",
        "forget": "delete a note, or take a session out of memory; the session itself stays",
    }
    for name, what in about.items():
        action = add_command(actions, name, what)
        action.add_argument("id", metavar="ID", help="as `list` and `search` print it")
        add_workspace(action)
    add_workspace(actions.add_parser("reindex", help="make the index again from notes and sessions"))
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
    add_workspace(search)
    add_json(search, "result")
