"""A report on Postil's own architecture: a scripted model asks for the rows and writes it, and every line in it is true.

`make gen` writes the one in docs/reports anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import CallFinished
from postil.tools.builtin.architecture_evidence import CHARACTERS
from postil.tools.evidence.pages import chosen, page, summary
from postil.tools.evidence.row import Evidence
from tests.support.architecture_report import COMMITTED, PACKAGE, collected, shape, stale, written
from tests.support.asking import desk

LABEL = "Written by a scripted model from the collector's rows"


def copied(folder: Path) -> Path:
    """Return a workspace that holds the package alone."""
    root = folder / "work"
    shutil.copytree(PACKAGE, root / "postil", ignore=shutil.ignore_patterns("__pycache__"))
    return root


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
    evidence = await collected(root / "postil")
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
    assert shape(COMMITTED.read_text("utf-8")) == shape(report), "write it anew with `make gen`"


async def test_the_committed_report_is_labelled_and_every_line_that_it_cites_is_there() -> None:
    text = COMMITTED.read_text("utf-8")
    assert LABEL in text.split("\n")[0]
    assert text.count(LABEL) == 2, "in a remark for programs, and where people read it"
    wrong = next(stale(text, await collected(PACKAGE), PACKAGE), None)
    assert wrong is None, f"{COMMITTED.name} is out of date, write it anew with `make gen`: {wrong}"
    titles = [it for it in text.split("\n") if it.startswith("## ")]
    assert titles == [
        f"## {it}"
        for it in ("Do first", "Principles", "Findings", "What to remove", "What is good", "Not known")
    ]


async def test_a_line_that_moved_or_changed_is_noticed(tmp_path: Path) -> None:
    package = copied(tmp_path) / "postil"
    evidence = await collected(package)
    report, cited = written(evidence)
    assert list(stale(report, evidence, package)) == []
    row = next(it for it in cited if f"`{it.place}`\n\n    {it.quote}" in report)
    file = package / row.file
    file.write_text(f"#\n{file.read_text('utf-8')}", "utf-8")
    assert f"line {row.line} of {row.file} is not `{row.quote.strip()}`" in list(
        stale(report, evidence, package)
    )
    assert list(stale(report.replace("holds", "fails", 1), evidence, package))[-1].startswith("its words")
    bare = next(it for it in cited if it.file != row.file)
    moved = report.replace(f"`{bare.place}`", f"`{bare.file}:999999`")
    assert any(bare.file in it for it in stale(moved, evidence, package))
