"""A server of tools over HTTP on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postil.core.errors import ToolError
from tests.support.served import names, place, written

SCRIPT = Path(__file__).parents[3] / "support" / "http_tool_server.py"


@pytest.fixture
def url() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-P", str(SCRIPT)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/mcp"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def test_it_is_used_and_its_changes_are_followed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", "open")
    options = {"command": (), "url": url, "headers": {"X-Key": "${THE_KEY}"}}
    async with place(tmp_path, written("far", options=options)) as here:
        assert (await here.call("mcp__far__add", a=2, b=3)).content == "5"
        failed = await here.call("mcp__far__add", a="x")
        assert failed.is_error
        assert (await here.call("mcp__far__grow")).content == "grown"
        await here.until(lambda: "mcp__far__later" in names(here.servers.tools()))
        assert (await here.call("mcp__far__later")).content == "later"


async def test_one_that_lets_nobody_in_is_told(url: str, tmp_path: Path) -> None:
    missing = written(
        "missing", options={"command": (), "url": url, "headers": {"X-Key": "${NOBODY_SET_THIS}"}}
    )
    refused = written("refused", options={"command": (), "url": url})
    nowhere = written("nowhere", options={"command": (), "url": "http://127.0.0.1:1/mcp"})
    async with place(tmp_path, missing, refused, nowhere) as here:
        here.servers.wake()
        for name in ("missing", "refused", "nowhere"):
            await here.in_state(name, "failed")
        why = {it.name: it.why for it in here.servers.standings()}
        assert why["missing"] == "the variable NOBODY_SET_THIS is not set"
        assert why["refused"]
        assert why["nowhere"]
        with pytest.raises(ToolError, match="the server nowhere failed"):
            await here.call("mcp__nowhere__any")
