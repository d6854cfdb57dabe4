"""`postil acp`: the Agent Client Protocol on stdin and stdout."""

from __future__ import annotations

import argparse

from postil.core.loading import loading


def acp(options: argparse.Namespace) -> int:
    """Serve the client that started us until it leaves."""
    with loading():
        from postil.acp.serving import run  # noqa: PLC0415 - the protocol's library is for this command alone

    return run({"mode": options.mode, "model": options.model, "agent": options.agent})
