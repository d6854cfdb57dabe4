"""Postil as it is put together confines what runs unasked, and hides its own folders from it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from postil.app import Setting, build
from postil.config.load import Loaded, user_config_dir
from postil.config.options import Options
from postil.core.effects import Command
from postil.workspace.buffers.overlay import NoEditor


@pytest.mark.parametrize(("only_reads", "outside"), [(True, ""), (False, ""), (False, "it has to")])
async def test_each_command_gets_what_it_was_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, only_reads: bool, outside: str
) -> None:
    monkeypatch.setenv("POSTIL_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    user_config_dir().mkdir()
    (user_config_dir() / "settings.toml").write_text("")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_text("seen\n")
    app = build(Loaded(Options()), Setting((root,), NoEditor(), interactive=False))

    async def spawned(pid: int, started: float) -> None:
        await asyncio.sleep(0)

    folders = f"{tmp_path / 'state/workspaces'} {user_config_dir() / 'settings.toml'}"
    line = f"cat a; echo x > new; ls -d {folders}; echo y > $TMPDIR/mine && echo temporary"
    command = Command(line, root, 20.0, only_reads=only_reads, outside=outside)
    try:
        ended = await app.shell.run(command, lambda _: None, spawned)
    finally:
        await app.close("the test ended")
        app.workspace.close()
    assert ended.output.startswith("seen\n"), ended.output
    assert (root / "new").exists() is not only_reads
    assert ("cannot access" in ended.output) is not bool(outside)
    assert (tmp_path / "state/run/tmp/mine").exists() is only_reads
    assert (tmp_path / "mine").exists() is bool(outside)
    own = list((tmp_path / "state/workspaces").glob("*/run/tmp/mine"))
    assert bool(own) is not (only_reads or bool(outside))
