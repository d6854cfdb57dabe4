"""Searches look into files that are too large to be read, or say that they did not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from postil.core.ports import SearchQuery
from postil.workspace.local import LocalWorkspace
from postil.workspace.search import engines, search

RG = shutil.which("rg", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
LINE = b"x" * 99 + b"\n"
FILES = {
    "large": LINE * 110_000 + b"needle\n",
    "u16": ("\ufeff" + "x\n" * 6_000_000 + "needle\n").encode("utf-16-le"),
    "binary": b"needle\n" + LINE * 110_000 + b"\0",
}


@pytest.mark.parametrize("rg", [None, *([RG] if RG else [])])
async def test_a_file_too_large_to_read_is_searched_or_named(
    tmp_path: Path, rg: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    workspace = LocalWorkspace([tmp_path], rg=rg)
    try:
        found = await workspace.grep(SearchQuery("needle", tmp_path))
        assert [(it.path.name, it.line) for it in found.matches] == [("large", 110_001), ("u16", 6_000_001)]
        assert (found.complete, found.note) == (True, "")
        for module in (engines, search):
            monkeypatch.setattr(module, "SCAN_LIMIT", 11_000_006)
        found = await workspace.grep(SearchQuery("needle", tmp_path))
    finally:
        workspace.close()
    left_out = "Not searched, because they have more than 11,000,006 bytes: binary, large, u16."
    assert found.note == (left_out if rg is None else "")
