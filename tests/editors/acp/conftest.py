"""What the tests of the Agent Client Protocol share."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.editors.acp.acpx import NODE, PROGRAM
from tests.editors.acp.desk import AcpDesk, new_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[AcpDesk]:
    """A project with one file; no model yet, no agent yet."""
    async with new_desk(tmp_path) as desk:
        desk.world.file("app.py", "def add(a, b):\n    return a - b\n")
        yield desk


@pytest.fixture
def client() -> None:
    """acpx is there: without it a test is a skip that names it, and a failure where everything has to be there."""
    if PROGRAM.exists() and NODE.exists():
        return
    reason = "acpx is not installed; run: make test-acp"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
