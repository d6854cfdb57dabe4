"""`postil mcp`: the servers of tools that settings name, and saying yes or no to those that a workspace names."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from postil.cli.finding import layout, plainly, workspace
from postil.cli.whose import WHOSE
from postil.config.load import load
from postil.config.server_options import WrittenServer
from postil.core.errors import UsageError
from postil.core.revealing import revealed
from postil.journal.layout import state_directory
from postil.permissions.agreed_files import AgreedFiles
from postil.permissions.servers import Approvals, ApprovalStore
from postil.permissions.trust import TrustStore
from postil.tools.mcp.approving import asked

FACE = "cli"


def mcp(options: argparse.Namespace) -> int:
    """List the servers, or decide about one."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {"list": _list, "allow": _allow, "deny": _deny}
    with plainly():
        return actions[options.action](options)


def server_rows(root: Path) -> Sequence[dict[str, Any]]:
    """Return every server that settings name, and how it stands as far as that is known without starting it."""
    written = load((root,)).servers
    approvals = _approvals(root, written)
    approvals.look_now()
    return [_row(it, approvals) for it in written]


def _row(written: WrittenServer, approvals: Approvals) -> dict[str, Any]:
    why = "the settings have it off" if written.options.off else approvals.refusal(written)
    return {
        "type": "server",
        "name": written.name,
        "layer": written.layer,
        "source": written.file,
        "way": written.way,
        "state": "off" if why else "deferred",
        "why": why or "it is started when a request needs it; its tools are known then",
        "undecided": not written.options.off and approvals.asks(written),
    }


def _list(options: argparse.Namespace) -> int:
    rows = server_rows(workspace(options.workspace))
    for row in rows:
        if options.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            print_server(row)
    if not rows and not options.json:
        print("No settings name a server of tools.")
    return 0


def print_server(row: dict[str, Any]) -> None:
    """Print how a server stands, and what to do where a person has to say something of it."""
    print(revealed(f"{row['name']} (server, {WHOSE[row['layer']]}, {row['state']}: {row['why']})"))
    print(revealed(f"    starts {row['way']}"))
    print(revealed(f"    file   {row['source']}"))
    if row["undecided"]:
        print(revealed(f"    allow it: postil mcp allow {row['name']}"))


def _allow(options: argparse.Namespace) -> int:
    return _decide(options, start=True)


def _deny(options: argparse.Namespace) -> int:
    return _decide(options, start=False)


def _decide(options: argparse.Namespace, *, start: bool) -> int:
    """Keep a person's word on the definition as it is now, and print that in full."""
    root = workspace(options.workspace)
    servers = load((root,)).servers
    approvals = _approvals(root, servers)
    found = {it.name: it for it in servers if it.layer == "workspace" or approvals.files(it)}
    written = found.get(options.name)
    if written is None:
        named = ", ".join(sorted(found)) or "none"
        raise UsageError(
            f"This workspace names no server {options.name!r}.",
            f"It names {named}; one of your own needs no word unless its command names a file of the workspace.",
        )
    layout().make_workspace(root)
    approvals = _approvals(root, servers)
    asyncio.run(approvals.decide(written, FACE, start=start))
    said = asked(written, approvals.fingerprint(written), approvals.files(written))
    print(f"{'Allowed' if start else 'Left off'}: {said.subject}")
    for fact in said.facts:
        print(f"  {fact.name}: {fact.text}")
    if start and not TrustStore(state_directory()).standing(root).trusted:
        print("It is started once you trust the workspace: postil trust allow.")
    return 0


def _approvals(root: Path, servers: Sequence[WrittenServer]) -> Approvals:
    """Return what was said of the workspace's servers; where Postil has never worked there, nothing was."""
    folder = layout().workspace(root) or state_directory() / "workspaces" / "none"
    trust = TrustStore(state_directory())
    store = ApprovalStore(folder / "servers.json")
    agreed = AgreedFiles(folder / "agreed_files.json", lambda: trust.word(root), keeps=False)
    return Approvals(store, lambda: trust.standing(root).trusted, time.time, servers, (root,), agreed)
