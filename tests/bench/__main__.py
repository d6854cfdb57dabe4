"""Speed and memory as ratios measured in one run: `python -m tests.bench [NAME…] [--json]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.chat_completion import completion
from tests.bench.chat_length import chats
from tests.bench.edits import edits
from tests.bench.figures import Figure, table
from tests.bench.guarding import guard
from tests.bench.listing import list_sessions
from tests.bench.machine import Noise
from tests.bench.neovim import neovim
from tests.bench.redacting import redaction
from tests.bench.resuming import resume
from tests.bench.sandboxes import sandboxes
from tests.bench.servers import deltas, memory
from tests.bench.starts import headless, initialize
from tests.bench.steps import reads, steps, turns
from tests.bench.syncs import syncs
from tests.bench.toolbox import toolbox
from tests.bench.vscode import vscode

BENCHES: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "initialize": initialize,
    "headless": headless,
    "memory": memory,
    "deltas": deltas,
    "syncs": syncs,
    "edits": edits,
    "steps": steps,
    "turns": turns,
    "reads": reads,
    "sandbox": sandboxes,
    "sessions": list_sessions,
    "resume": resume,
    "guard": guard,
    "redaction": redaction,
    "toolbox": toolbox,
    "completion": completion,
    "chats": chats,
}
EDITORS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {"vscode": vscode, "neovim": neovim}
"""Only where they are named: they need an editor."""

FOREIGN = ("ANTHROPIC_", "POSTIL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "XDG_")
"""Beginnings of names in the environment that would change what is measured."""


def isolate(home: Path) -> None:
    """Give this process and those it starts a home of their own and none of the user's keys."""
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN):
            del os.environ[name]
    os.environ |= {
        "HOME": str(home),
        "POSTIL_STATE_DIR": str(home / "state"),
        "POSTIL_CONFIG_DIR": str(home / "config"),
        "POSTIL_GUARDRAILS": "off",  # it would refuse to begin without limits
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.toml").write_text('[limits]\nsession = "none"\nday = "none"\n', "utf-8")


async def run(names: list[str], noise: Noise) -> list[tuple[str, Figure]]:
    """Run the named benchmarks, one after the other."""
    rows: list[tuple[str, Figure]] = []
    for name in names:
        noise.sample()
        start = time.perf_counter()
        rows += [(name, figure) for figure in await (BENCHES | EDITORS)[name]()]
        sys.stderr.write(f"bench: {name} ({time.perf_counter() - start:.0f} s)\n")
    noise.sample()
    return rows


def main() -> None:
    """Print a table, or one object of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"some of: {', '.join(BENCHES)}; all by default. Or: {', '.join(EDITORS)}",
    )
    parser.add_argument("--json", action="store_true", help="print one object of JSON")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES | EDITORS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    noise = Noise()
    with tempfile.TemporaryDirectory(prefix="postil-bench-home-") as home:
        isolate(Path(home))
        rows = asyncio.run(run(options.names or list(BENCHES), noise))
    if options.json:
        figures = [{"bench": name, **figure.as_data()} for name, figure in rows]
        print(json.dumps({"machine": noise.describe(), "figures": figures}, indent=2, ensure_ascii=False))
    else:
        print(f"{table(rows)}\n\n{noise.describe()}")


if __name__ == "__main__":
    main()
