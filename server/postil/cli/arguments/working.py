"""The commands that run Postil, and what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postil.cli.arguments.shared import add_run_options

if TYPE_CHECKING:
    from postil.cli.arguments.shared import Commands


def add_serve(commands: Commands) -> None:
    commands.add_parser("serve", help="run the language server on stdin and stdout; editors start this")


def add_acp(commands: Commands) -> None:
    acp = commands.add_parser(
        "acp",
        help="speak the Agent Client Protocol on stdin and stdout; Zed, JetBrains and others start this",
    )
    acp.add_argument("--mode", help="permission mode of new sessions")
    acp.add_argument("--agent", metavar="NAME", help="agent type of new sessions; `postil agents` lists them")
    acp.add_argument("--model", help="the model to ask")


def add_ask(commands: Commands) -> None:
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
    add_run_options(ask)


def add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="watch the main job on a small real project; no key needed")
    demo.add_argument("--live", action="store_true", help="use the real model service; needs a key")
    demo.add_argument("--keep", action="store_true", help="leave the project's copy where it is")


def add_doctor(commands: Commands) -> None:
    doctor = commands.add_parser("doctor", help="say what works here and what does not")
    doctor.add_argument("--json", action="store_true", help="print the same as JSON")


def add_key(commands: Commands) -> None:
    key = commands.add_parser("key", help="keep or forget the API key")
    key.add_argument(
        "action", choices=["set", "clear"], help="set reads the key from the terminal or from stdin"
    )


def add_scripted(commands: Commands) -> None:
    scripted = commands.add_parser("scripted", help="serve a scripted model on loopback, for tests and tools")
    scripted.add_argument("script", help="a YAML script")
    scripted.add_argument("--port", type=int, default=0, help="a fixed port (default: a free one)")
    scripted.add_argument(
        "--record", metavar="FILE", help="write the requests to FILE, one JSON object a line"
    )
