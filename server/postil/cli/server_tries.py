"""`postil mcp try`: starts one server as a session would, says what it has or why it is not there, and ends it."""

from __future__ import annotations

import time
from pathlib import Path

from postil.config.server_options import WrittenServer
from postil.core.revealing import one_line, revealed
from postil.permissions.servers import Approvals
from postil.tools.mcp.servers import Servers
from postil.tools.output import counted


async def tried(written: WrittenServer, root: Path, approvals: Approvals) -> int:
    """Print how it went, and return 0 where the server is there; what may not be started is not."""
    servers = Servers([written], root, approvals)
    began = time.monotonic()
    try:
        standing = await servers.restart(written.name)
        took = f"{time.monotonic() - began:.1f} s"
        tools = servers.tools()
    finally:
        await servers.close()
    state = standing.state if standing is not None else "off"
    why = standing.why if standing is not None else "there is no such server"
    if state != "ready":
        what = "may not be started" if state == "off" else f"failed after {took}"
        print(revealed(f"{written.name} {what}: {why}."))
        return 1
    print(revealed(f"{written.name} was there after {took}, with {counted(len(tools), 'tool')}:"))
    for it in tools:
        print(f"    {one_line(it.spec.name)}: {one_line(it.description, 100)}")
    print("It was ended again.")
    return 0
