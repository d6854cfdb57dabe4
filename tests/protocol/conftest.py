"""What the protocol's tests share."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.lsp_world import World, new_world

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Have a test that failed tried again as often as is asked for: see decision 0043."""
    reruns = int(str(config.getoption("protocol_reruns")))
    for item in items:
        if reruns and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=reruns))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An empty project, no model yet, no editor yet."""
    async with new_world(tmp_path) as world:
        yield world
