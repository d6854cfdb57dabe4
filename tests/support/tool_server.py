"""A server of tools, run as a process: plain lines of JSON-RPC, and misbehaviour on demand.

`python tool_server.py '{"count": 500, ...}'`. It keeps to the protocol of 2025-06-18 and needs nothing but Python.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WHAT = (
    "Reads from the archive of number {0} what was kept there, page by page, and says how old each page is. "
    * 2
)
SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "owner": {"type": "string", "description": "Whose it is; a person or an organisation."},
        "query": {"type": "string", "description": "What to look for in the pages."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "How many pages at most."},
    },
}
SPECIAL: dict[str, dict[str, Any]] = {
    "echo": {"description": "Says what it was told. Twice.", "inputSchema": SHAPE},
    "drop": {
        "description": "Drops all tables.",
        "inputSchema": SHAPE,
        "annotations": {"destructiveHint": True},
    },
    "look": {"description": "Only looks.", "inputSchema": SHAPE, "annotations": {"readOnlyHint": True}},
    "fail": {"description": "Fails.", "inputSchema": SHAPE},
    "refuse": {"description": "Is refused.", "inputSchema": SHAPE},
    "large": {"description": "Tells a lot.", "inputSchema": SHAPE},
    "wait": {"description": "Never answers.", "inputSchema": SHAPE},
    "die": {"description": "Ends the server.", "inputSchema": SHAPE},
    "grow": {"description": "Brings another tool.", "inputSchema": SHAPE},
    "shrink": {"description": "Takes the tool look away.", "inputSchema": SHAPE},
    "environment": {"description": "Tells the variables.", "inputSchema": SHAPE},
    "a.b/c d": {"description": "Has an odd name.", "inputSchema": SHAPE},
}
CHANGING: dict[str, dict[str, Any]] = {
    "flurry": {"description": "Says often that the list has changed.", "inputSchema": SHAPE},
    "lists": {"description": "Tells how often its tools were listed.", "inputSchema": SHAPE},
}


class Server:
    def __init__(self, wanted: dict[str, Any]) -> None:
        self.wanted = wanted
        self.tools = {
            f"archive_{number:03}": {"description": WHAT.format(number), "inputSchema": SHAPE}
            for number in range(wanted.get("count", 0))
        }
        self.tools |= SPECIAL if wanted.get("special") else {}
        self.tools |= CHANGING if wanted.get("changing") else {}
        self.page = wanted.get("page", 100)
        self.lists = 0

    def run(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if "id" in message:
                self.answer(message["id"], message["method"], message.get("params") or {})

    def answer(self, number: Any, method: str, params: dict[str, Any]) -> None:
        handler = {"initialize": self.initialize, "tools/list": self.list, "tools/call": self.call}.get(
            method
        )
        if handler is None:
            self.send({"id": number, "error": {"code": -32601, "message": f"no method {method}"}})
            return
        answered = handler(params)
        if answered is not None:
            self.send({"id": number, **answered})

    def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        time.sleep(self.wanted.get("slow", 0))
        return {
            "result": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "tool_server", "version": "1"},
            }
        }

    def list(self, params: dict[str, Any]) -> dict[str, Any]:
        self.lists += 1
        start = int(params.get("cursor") or 0)
        names = sorted(self.tools)[start : start + self.page]
        result: dict[str, Any] = {"tools": [{"name": it, **self.tools[it]} for it in names]}
        if start + self.page < len(self.tools):
            result["nextCursor"] = str(start + self.page)
        return {"result": result}

    def call(self, params: dict[str, Any]) -> dict[str, Any] | None:
        name: str = params["name"]
        given: dict[str, Any] = params.get("arguments") or {}
        match name:
            case "fail":
                return words("It did not work.", error=True)
            case "refuse":
                return {"error": {"code": -32602, "message": "owner is missing"}}
            case "large":
                return words("begin " + "x" * 200_000 + " end")
            case "wait":
                if "waits" in self.wanted:
                    Path(self.wanted["waits"]).touch()
                return None
            case "die":
                sys.stderr.write("no more room\n")
                sys.stderr.flush()
                os._exit(3)
            case "environment":
                return words(json.dumps(dict(os.environ), sort_keys=True))
            case "lists":
                return words(str(self.lists))
            case _:
                self.change(name, given)
        return words(f"{name} was given {json.dumps(given, sort_keys=True)}")

    def change(self, name: str, given: dict[str, Any]) -> None:
        """Change what it lists, and say so."""
        if name == "shrink":
            self.tools.pop("look", None)
            self.send({"method": "notifications/tools/list_changed"})
        for number in range({"grow": 1, "flurry": given.get("changes", 1)}.get(name, 0)):
            told = "Came later." if name == "grow" else f"Came as number {number}."
            self.tools["grown"] = {"description": told, "inputSchema": SHAPE}
            self.send({"method": "notifications/tools/list_changed"})

    def send(self, message: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def words(text: str, *, error: bool = False) -> dict[str, Any]:
    return {"result": {"content": [{"type": "text", "text": text}], "isError": error}}


def main() -> None:
    wanted: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    if "pids" in wanted:
        child = subprocess.Popen(["sleep", "600"]) if wanted.get("child") else None
        Path(wanted["pids"]).write_text(f"{os.getpid()} {child.pid if child else os.getpid()}")
    if wanted.get("noise"):
        sys.stderr.write("starting, with the key sk-ant-REDACT-0123456789abcdefghijklmnop\n")
    if wanted.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Server(wanted).run()
    while wanted.get("stubborn"):
        time.sleep(60)


if __name__ == "__main__":
    main()
