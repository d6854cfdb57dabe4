"""`postil doctor`: what works here and what does not, each with how to mend it."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from postil import __version__
from postil.cli.checks import home, programs, service
from postil.cli.checks.row import Row
from postil.config.load import Loaded, load

_STYLES = {"ok": "green", "missing": "yellow", "problem": "red"}


def doctor(options: argparse.Namespace) -> int:
    """Return 0 where Postil can work here, 1 where something that it needs is missing."""
    loaded = load((Path.cwd().resolve(),))
    rows = asyncio.run(_rows(loaded))
    if options.json:
        _print_json(rows)
    else:
        _print(rows)
    return 1 if any(row.stops for row in rows) else 0


async def _rows(loaded: Loaded) -> list[Row]:
    own, others, model = await asyncio.gather(
        asyncio.to_thread(lambda: list(home.rows(loaded))),
        programs.rows(),
        service.rows(loaded.options.base_url),
    )
    return [*own, *model, *others]


def _print_json(rows: Sequence[Row]) -> None:
    works = not any(row.stops for row in rows)
    checks = [asdict(row) for row in rows]
    print(json.dumps({"postil": __version__, "works": works, "checks": checks}, indent=2))


def _print(rows: Sequence[Row]) -> None:
    from rich.text import Text  # noqa: PLC0415 - JSON needs no terminal library

    from postil.cli.terminal import Terminal  # noqa: PLC0415

    console = Terminal(highlight=False)
    width = max(len(row.name) for row in rows)
    for row in rows:
        line = Text(f"{row.state:<8}", _STYLES[row.state])
        line.append(f"{row.name:<{width}}  {row.found}", "")
        console.print(line, soft_wrap=True)
        if row.mend:
            console.print(Text(f"{'':<{width + 10}}{row.mend}", "dim"), soft_wrap=True)
    stopping = ", ".join(dict.fromkeys(row.name for row in rows if row.stops))
    console.print(f"\nPostil cannot work here yet: {stopping}." if stopping else "\nPostil can work here.")
