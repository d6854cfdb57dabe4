"""`postil evidence`: what can be seen of an agent's architecture in its source, as rows with file and line."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from postil.cli.finding import plainly
from postil.core.errors import UsageError
from postil.tools.evidence.gathering import gather
from postil.tools.evidence.pages import chosen, page, summary
from postil.tools.evidence.row import PRINCIPLES, Evidence, json_lines
from postil.workspace.local import LocalWorkspace


def evidence(options: argparse.Namespace) -> int:
    """Print the rows of a folder or a file."""
    path = Path(options.path).resolve()
    if not path.exists():
        raise UsageError(f"{options.path} does not exist.")
    principle = options.principle
    if principle is not None and principle not in PRINCIPLES:
        raise UsageError(
            f"There is no principle {principle!r}.", f"The principles are {', '.join(PRINCIPLES)}."
        )
    with plainly():
        found = asyncio.run(_gathered(path, path if path.is_dir() else path.parent))
    if options.json:
        print("\n".join(json_lines(found, principle)))
        return 0
    rows = chosen(found, principle)
    print("\n".join([*summary(found), *page(rows, found, 1, None).lines]))
    return 0


async def _gathered(path: Path, root: Path) -> Evidence:
    """Read through a workspace of its own, as the agent would: what .gitignore and .postilignore name is left out."""
    workspace = LocalWorkspace([root], rg=None)
    try:
        return await gather(path, workspace)
    finally:
        workspace.close()
