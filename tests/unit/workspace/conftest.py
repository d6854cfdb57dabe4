"""A workspace in a folder of its own, and an editor beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers


@pytest.fixture
def editor() -> Buffers:
    """An editor with nothing open."""
    return Buffers()


@pytest.fixture
async def workspace(tmp_path: Path, editor: Buffers) -> AsyncIterator[LocalWorkspace]:
    """A workspace of one root."""
    workspace = LocalWorkspace([tmp_path], editor)
    yield workspace
    workspace.close()
