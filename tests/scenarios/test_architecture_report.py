"""A report on Postil's own architecture: a scripted model asks for the rows and writes it, and every line in it is true.

`UPDATE_GOLDEN=1 .venv/bin/pytest -n 0 tests/scenarios/test_architecture_report.py` writes it into docs/reports.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import CallFinished
from postil.tools.builtin.architecture_evidence import CHARACTERS
from postil.tools.evidence.gathering import gather
from postil.tools.evidence.pages import chosen, page, summary
from postil.tools.evidence.row import Evidence
from postil.workspace.local import LocalWorkspace
from tests.support.architecture_report import shape, written
from tests.support.asking import desk

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "reports" / "agent-architecture-postil.md"
LABEL = "Written by a scripted model from the collector's rows"
UPDATE = "UPDATE_GOLDEN=1 .venv/bin/pytest -n 0 tests/scenarios/test_architecture_report.py"
CITED = re.compile(r"`([\w./-]+):(\d+)`(?:\n\n    (.*))?")


def copied(folder: Path) -> Path:
    """Return a workspace that holds the package alone."""
    root = folder / "work"
    shutil.copytree(ROOT / "server" / "postil", root / "postil", ignore=shutil.ignore_patterns("__pycache__"))
    return root


async def collected(root: Path) -> Evidence:
    workspace = LocalWorkspace([root], rg=None)
    try:
        return await gather(root / "postil", workspace)
    finally:
        workspace.close()


def asked(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the calls that ask for all pages."""
    rows, first, calls = chosen(evidence), 1, list[dict[str, Any]]()
    while first <= len(rows):
        calls.append({"tool": "architecture_evidence", "input": {"path": "postil", "first": first}})
        head = summary(evidence) if first == 1 else iter([f"Digest {evidence.digest}."])
        first = page(rows, evidence, first, CHARACTERS - sum(len(it) + 1 for it in head)).last + 1
    return calls


@pytest.mark.timeout(300)
async def test_a_scripted_model_writes_the_report_from_the_rows_that_it_was_given(tmp_path: Path) -> None:
    root = copied(tmp_path)
    evidence = await collected(root)
    report, cited = written(evidence)
    write = {"tool": "write", "input": {"path": "report.md", "content": report}}
    find = {"tool": "find_tools", "input": {"query": "evidence of an agent's architecture"}}
    async with desk(tmp_path, [find, *asked(evidence), write, "It is written."], root) as place:
        done = await place.ask(
            "--allow", "Edit(report.md)", "Audit the architecture of postil; write report.md."
        )
        assert done.status == 0, done.err
        record = await place.record(done.lines[0]["sessionId"])
    ended = [it.event for it in record.events if isinstance(it.event, CallFinished)]
    assert {it.outcome for it in ended} == {"completed"}
    assert "architecture_evidence" in ended[0].content
    given = "\n".join(it.content for it in ended[1:-1])
    for row in cited:
        assert f". {row.place}\n   | {row.quote}\n" in f"{given}\n", f"{row.place} was in no page"
    assert (root / "report.md").read_text("utf-8") == report
    if os.environ.get("UPDATE_GOLDEN"):
        COMMITTED.write_text(report, encoding="utf-8")
    committed = COMMITTED.read_text("utf-8")
    assert shape(committed) == shape(report), f"the report is out of date; write it anew: {UPDATE}"


def test_the_committed_report_is_labelled_and_quotes_lines_that_are_there() -> None:
    text = COMMITTED.read_text("utf-8")
    assert LABEL in text.split("\n")[0]
    assert text.count(LABEL) == 2, "in a remark for programs, and where people read it"
    found = CITED.findall(text)
    assert len(found) > 15
    for file, _, quote in found:
        lines = (ROOT / "server" / "postil" / file).read_text("utf-8").split("\n")
        assert not quote or quote in lines, (
            f"{file} has no such line any more; write the report anew: {UPDATE}"
        )
    titles = [it for it in text.split("\n") if it.startswith("## ")]
    assert titles == [
        f"## {it}"
        for it in ("Do first", "Principles", "Findings", "What to remove", "What is good", "Not known")
    ]
