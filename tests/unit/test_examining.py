"""An invariant that did not end in time is tried again by itself, and is never told as broken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from postil.agent import changed_harness
from postil.agent.changed_harness import ChangedHarness
from postil.guardrails import examining
from postil.guardrails.examining import Invariant, examine
from postil.guardrails.harness import Harness
from postil.guardrails.report import Finding
from postil.guardrails.trial import Stuck
from postil.permissions.harness import HarnessFiles


class Check:
    """Does not end in the first tries."""

    def __init__(self, stuck: int, found: Sequence[Finding] = ()) -> None:
        self._stuck = stuck
        self._found = found
        self.tries = 0

    async def __call__(self, harness: Harness) -> Sequence[Finding]:
        self.tries += 1
        if self.tries <= self._stuck:
            raise Stuck
        return self._found


@pytest.fixture
def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harness:
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    return Harness.of((tmp_path / "work",), trusted=False)


async def test_what_was_slow_once_holds(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = Check(1), Check(0)
    rows = (Invariant("slow", "Slow", slow), Invariant("quick", "Quick", quick))
    monkeypatch.setattr(examining, "INVARIANTS", rows)
    report = await examine(harness, "digest")
    assert report.holds
    assert (slow.tries, quick.tries) == (2, 1)


async def test_what_stays_slow_is_named_and_not_told_as_broken(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Check(1, [Finding("it writes")])
    rows = (Invariant("slow", "Work stops", Check(9)), Invariant("broken", "Reads read", broken))
    monkeypatch.setattr(examining, "INVARIANTS", rows)
    report = await examine(harness, "digest")
    assert not report.holds
    assert [(it.holds, it.untried) for it in report.outcomes] == [(False, True), (False, False)]
    lines = report.lines()
    assert lines[0] == "UNTRIED Work stops"
    assert "could not be tried: the work did not end in time" in lines[1]
    assert lines[2] == "BROKEN  Reads read"
    only = await examine(harness, "digest", ("slow",))

    def report_read(_: Sequence[str]) -> dict[str, Any]:
        return only.data()

    def digest(*_: object, **__: object) -> str:
        return "digest"

    def stamp(*_: object, **__: object) -> tuple[tuple[str, int]]:
        return (("file", 1),)

    monkeypatch.setattr(changed_harness, "_report", report_read)
    files = HarnessFiles(harness.roots, "1")
    monkeypatch.setattr(HarnessFiles, "digest", digest)
    monkeypatch.setattr(HarnessFiles, "mark", stamp)
    refused = await ChangedHarness(files, harness.roots[0].parent / "state", lambda: False).refusal(
        lambda: None
    )
    assert refused is not None, "deciding that failed is no consent"
    assert "not all of it could be tried: Work stops." in refused.message
    assert "not safe" not in refused.message
    assert "send the prompt again" in refused.mend
    assert "--accept" in refused.mend
