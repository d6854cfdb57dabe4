"""`postil evidence`: rows for people and as JSON, and faults that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from postil.cli.main import run

SOURCE = "import os\nos.system(line)\ndef resume(): ...\n"


def test_rows_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    assert run(["evidence", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Permission tiers: 1 missing, 1 smell, 0 present" in told
    assert "[permission-tiers/shell] smell, weight 3, met 1 times: Text goes to a shell here" in told
    assert "a.py:2\n   | os.system(line)\n" in told


def test_rows_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    assert run(["evidence", str(tmp_path), "--json"]) == 0
    first = capsys.readouterr().out
    whole, *rows = map(json.loads, first.splitlines())
    assert (whole["type"], whole["files"], whole["found"]["permission-tiers/shell"]) == ("evidence", 1, 1)
    assert all((it["file"], SOURCE.split("\n")[it["line"] - 1]) == ("a.py", it["quote"]) for it in rows)
    assert run(["evidence", str(tmp_path), "--json"]) == 0
    assert capsys.readouterr().out == first
    assert run(["evidence", str(tmp_path / "a.py"), "--json", "--principle", "durability"]) == 0
    assert [json.loads(it)["line"] for it in capsys.readouterr().out.splitlines()[1:]] == [3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nothing"], "nothing does not exist"), ([".", "--principle", "beauty"], "The principles are loop, ")],
)
def test_what_cannot_be_looked_at(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["evidence", *arguments]) == 2
    assert words in capsys.readouterr().err
