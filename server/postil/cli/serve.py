"""`postil serve`: the language server on stdin and stdout."""

from __future__ import annotations

import argparse

from postil.core.loading import loading
from postil.lsp.transport import Channel


def serve(_: argparse.Namespace) -> int:
    """Serve the editor that started us until it leaves. Reading begins before the rest is loaded."""
    channel = Channel.claim_stdio()
    with loading():
        from postil.lsp.serving import run  # noqa: PLC0415 - heavy, and the reader is at work meanwhile

    return run(channel)
