"""The collector on this repository and on a public framework: every line that it quotes is the file's."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.tools.evidence.collect import Bounds
from postil.tools.evidence.gathering import gather
from postil.tools.evidence.row import PRINCIPLES, Evidence, json_lines
from postil.workspace.local import LocalWorkspace

ROOT = Path(__file__).parents[4]
FRAMEWORK = ROOT / ".cache" / "subjects" / "smolagents"
"""Unpacked by `make setup`, and never imported."""


async def seen(root: Path, bounds: Bounds | None = None) -> Evidence:
    workspace = LocalWorkspace([root], rg=None)
    try:
        return await gather(root, workspace, bounds)
    finally:
        workspace.close()


def check(evidence: Evidence, root: Path) -> None:
    """Hold every row against the file that it names."""
    texts = {it.file: (root / it.file).read_text("utf-8").split("\n") for it in evidence.rows}
    false = [it for it in evidence.rows if texts[it.file][it.line - 1].removesuffix("\r") != it.quote]
    assert not false
    assert all(it.note and it.principle in PRINCIPLES for it in evidence.rows)


async def test_every_quoted_line_of_this_repository_is_the_files_line() -> None:
    evidence = await seen(ROOT)
    check(evidence, ROOT)
    present = {it.principle for it in evidence.rows if it.kind == "present"}
    assert present == set(PRINCIPLES) - {"over-engineering"}
    assert [it.file for it in evidence.rows if it.rule == "loop/around-model"] == [
        "server/postil/agent/turn.py"
    ]
    assert not [it.rule for it in evidence.rows if it.kind == "missing"]


async def test_every_quoted_line_of_a_public_framework_is_the_files_line() -> None:
    assert FRAMEWORK.is_dir(), "make setup unpacks it"
    evidence = await seen(FRAMEWORK)
    check(evidence, FRAMEWORK)
    assert len(evidence.rows) > 50
    assert list(json_lines(await seen(FRAMEWORK))) == list(json_lines(evidence))
    met = {it.rule: it.file for it in reversed(evidence.rows)}
    assert met["loop/around-model"] == "agents.py"
    assert met["tool-metadata/parallel-undeclared"] == "agents.py"
    assert met["permission-tiers/evaluates"] in {"remote_executors.py", "serialization.py", "tools.py"}
    assert "durability/no-record" in met
    assert "tool-metadata/no-effects" in met


async def test_a_false_line_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(text)\n")
    evidence = await seen(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\neval(text)\n")
    with pytest.raises(AssertionError):
        check(evidence, tmp_path)
