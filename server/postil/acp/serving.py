"""From stdin and stdout to a served client, and to the end of both."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from acp.agent.connection import AgentSideConnection

from postil.acp.agent import PostilAgent
from postil.acp.stdio import Stdio

if TYPE_CHECKING:
    from acp.interfaces import Agent

log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(overrides: Mapping[str, str | None]) -> int:
    """Serve the client that started us until it leaves; returns the exit status."""
    return asyncio.run(_serve(overrides))


async def _serve(overrides: Mapping[str, str | None]) -> int:
    agent, transport = PostilAgent(overrides), Stdio.claim()
    # `session/resume` and `session/close` are stable in the protocol, and not yet in its library.
    # Nor has it a word for an agent that does not do all that it knows.
    connection = AgentSideConnection(
        cast("Agent", cast("object", agent)), transport, listening=False, use_unstable_protocol=True
    )
    listening = asyncio.create_task(connection.listen(), name="postil-acp")
    stopped = asyncio.Event()
    for number in _SIGNALS:
        with suppress(NotImplementedError):  # Windows: the editor closes stdin
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        reason = "stopped by a signal" if stopped.is_set() else "the client left"
        await agent.close(reason)
        listening.cancel()
        await asyncio.wait({listening})
        await connection.close()
    return 0
