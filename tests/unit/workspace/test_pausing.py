"""A pause in the typing: waited for in the document that is meant, and not for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from postil.workspace.buffers import pausing
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers

NEVER = 1_000_000.0


async def turns() -> None:
    """Let everything else go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_key_begins_the_pause_anew(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "LONGEST_SECONDS", NEVER)
    path = tmp_path / "f"
    editor.texts[path] = ""
    waits = asyncio.ensure_future(workspace.pause([path]))
    await editor.is_waited_for()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while (now := loop.time()) < begun + 2 * pausing.PAUSE_SECONDS:
        editor.show(path, f"{now}")
        await turns()
    assert not waits.done()
    await waits
    assert loop.time() >= now + pausing.PAUSE_SECONDS


async def test_typing_elsewhere_does_not_count(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "LONGEST_SECONDS", NEVER)
    path, other = tmp_path / "f", tmp_path / "other"
    editor.texts[path] = ""
    waits = asyncio.ensure_future(workspace.pause([path]))
    await editor.is_waited_for()
    keys = 0
    while not waits.done():
        editor.show(other, f"{keys}")
        keys += 1
        await asyncio.sleep(0)
    await waits


async def test_typing_without_end_is_not_waited_out(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "LONGEST_SECONDS", 0.05)
    monkeypatch.setattr(pausing, "PAUSE_SECONDS", NEVER)
    path = tmp_path / "f"
    waits = asyncio.ensure_future(workspace.pause([path]))
    keys = 0
    while not waits.done():
        editor.show(path, f"{keys}")
        keys += 1
        await asyncio.sleep(0)
    await waits
