"""What the protocol's tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.lsp_world import World, new_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An empty project, no model yet, no editor yet."""
    async with new_world(tmp_path) as world:
        yield world
