"""`postil scripted`: serves a scripted model on loopback until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from postil.core.errors import PostilError, UsageError
from postil.model.scripted import Script, ScriptedModel, ScriptError

HIGHEST_PORT = 65_535


def scripted(options: argparse.Namespace) -> int:
    """Say where the model is and how to use it; return when a signal ends it."""
    source = Path(options.script)
    if not source.is_file():
        raise UsageError(f"There is no script {options.script}.", "Name a YAML file.")
    if not 0 <= options.port <= HIGHEST_PORT:
        raise UsageError(f"{options.port} is not a port.", f"Choose one from 1 to {HIGHEST_PORT:,}.")
    record = Path(options.record) if options.record else None
    if record is not None and not record.parent.is_dir():
        raise UsageError(f"There is no folder {record.parent} to write the requests to.")
    try:
        script = Script.parse(source)
    except (ScriptError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{options.script} cannot be played: {error}") from error
    model = ScriptedModel(script, port=options.port, record=record, keep=1)
    try:
        asyncio.run(_serve(model))
    except OSError as error:
        raise PostilError(
            f"Port {options.port} cannot be used: {error.strerror}.", "Choose another."
        ) from error
    return 0


async def _serve(model: ScriptedModel) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl+C ends the process
            loop.add_signal_handler(number, stopped.set)
    async with model:
        print(f"ANTHROPIC_BASE_URL={model.url}")
        print("Set this for `postil ask` or `postil serve`; no key is needed. Ctrl+C ends it.", flush=True)
        await stopped.wait()
    unused = len(model.unused)
    if unused:
        sys.stderr.write(f"{unused} of the script's replies were never asked for.\n")
