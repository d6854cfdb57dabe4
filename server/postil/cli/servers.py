"""`postil mcp`: the servers of tools that settings name, and saying yes or no to those that a workspace names."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from postil.agent.contributions.faulty import Faulty, faulty
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
from postil.tools.mcp.programs import no_program

FACE = "cli"


def mcp(options: argparse.Namespace) -> int:
    """List the servers, or decide about one."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "allow": _allow,
        "deny": _deny,
        "try": _try,
    }
    with plainly():
        return actions[options.action](options)


def server_rows(root: Path) -> Sequence[dict[str, Any]]:
    """Return every server that settings name, and how it stands as far as that is known without starting it."""
    written = load((root,)).servers
    approvals = _approvals(root, written)
    approvals.look_now()
    return [_row(it, approvals, root) for it in written]


def _row(written: WrittenServer, approvals: Approvals, root: Path) -> dict[str, Any]:
    why = "the settings have it off" if written.options.off else approvals.refusal(written)
    why = why or no_program(written, root)
    until = (
        "whether it answers is known once it is tried" if written.options.url else "its tools are known then"
    )
    return {
        "type": "server",
        "name": written.name,
        "layer": written.layer,
        "source": written.file,
        "way": written.way,
        "state": "off" if why else "deferred",
        "why": why or f"it is started when a request needs it; {until}",
        "undecided": not written.options.off and approvals.asks(written),
    }


def _list(options: argparse.Namespace) -> int:
    root = workspace(options.workspace)
    rows, wrong = server_rows(root), faulty(load((root,)).problems)
    for row in rows:
        if options.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            print_server(row)
    if not rows and not options.json:
        what = "that can be used" if any(it.option == "mcp" for it in wrong) else "of tools"
        print(f"No settings name a server {what}.")
    for it in wrong:
        _print_fault(it, as_json=options.json)
    return int(bool(wrong))


def _print_fault(it: Faulty, *, as_json: bool) -> None:
    """Print what is wrong in a file of settings: it may be why a server is not there."""
    if as_json:
        print(json.dumps({"type": "problem", **asdict(it)}, ensure_ascii=False))
        return
    what = f"{it.option}: " if it.option else ""
    print(revealed(f"{it.place}: {what}{it.why}"))
    print(f"    mend it: until then {'no session begins' if it.blocks else 'it is not used'}")


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


def _try(options: argparse.Namespace) -> int:
    """Start a server now, as a request would, and print what it has or why it is not there."""
    from postil.cli.server_tries import tried  # noqa: PLC0415 - nothing else here starts one

    root = workspace(options.workspace)
    servers = load((root,)).servers
    written = next((it for it in servers if it.name == options.name), None)
    if written is None:
        named = ", ".join(it.name for it in servers) or "none"
        raise UsageError(
            f"No settings name a server {options.name!r} that can be used.",
            f"They name {named}; `postil mcp list` says what is wrong in them.",
        )
    return asyncio.run(tried(written, root, _approvals(root, servers)))


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
