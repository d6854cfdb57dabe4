"""The VS Code extension, each figure beside something bare in the same browser: `python -m tests.bench vscode`.

It needs what `make test-vscode` needs, which installs and packs it.
"""

from __future__ import annotations

import asyncio
import shutil

from tests.bench.figures import Figure


async def vscode() -> list[Figure]:
    """Measure the chat's page by itself, then the extension in a window."""
    return await asyncio.to_thread(_measure)


def _measure() -> list[Figure]:
    from playwright.sync_api import sync_playwright

    from tests.bench import chat_page, chat_window
    from tests.editors.vscode.codeserver import ENTRY
    from tests.editors.vscode.conftest import EXTENSION, FLAGS

    program = shutil.which("chromium")
    if program is None or not EXTENSION.exists() or not ENTRY.exists():
        raise SystemExit(
            "vscode: Chromium, the packed extension or code-server is not there; run: make test-vscode"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            return [*chat_page.figures_of(browser), *chat_window.figures_of(browser)]
        finally:
            browser.close()
