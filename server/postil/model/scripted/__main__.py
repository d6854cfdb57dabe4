"""Serve a script: `python -m postil.model.scripted SCRIPT [--port N] [--record FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import sys
from pathlib import Path

from postil.model.scripted.script import ScriptError
from postil.model.scripted.server import serve


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="postil.model.scripted", description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--record", type=Path, help="append each request to this file, a line of JSON each")
    options = parser.parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(options.script, port=options.port, record=options.record))
    except (ScriptError, OSError) as error:
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 (a person's mistake needs no traceback)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
