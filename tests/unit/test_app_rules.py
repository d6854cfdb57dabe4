"""The rules that are in force reach the workspace's searches."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.app import Setting, build
from postil.config.load import Loaded, WrittenRule
from postil.config.options import Options
from postil.core.ports import SearchQuery
from postil.workspace.buffers.overlay import NoEditor


async def test_read_rules_reach_searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTIL_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "root"
    for name in ("open", "denied", "asked"):
        (root / name).mkdir(parents=True)
        (root / name / "f").write_text("needle\n")
    rules = (
        WrittenRule("deny", "Read(denied/**)", "user", ""),
        WrittenRule("ask", "Read(asked/f)", "workspace", ""),
    )
    loaded = Loaded(Options(), rules)
    app = build(loaded, Setting((root,), NoEditor(), interactive=False))
    try:
        found = await app.workspace.grep(SearchQuery("needle", root))
        assert [it.path for it in found.matches] == [root / "open" / "f"]
        assert found.note == "Left out: 2 files that rules keep back."
    finally:
        await app.close("the test ended")
        app.workspace.close()
