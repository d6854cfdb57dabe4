"""`postil memory index` and `search` as a person runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from postil.cli.main import run


def test_a_corpus_is_indexed_and_each_line_is_answered_at_once(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus.jsonl", tmp_path / "index.db"
    rows = [
        {"id": "a.py", "text": "def zebra(): pass"},
        {"id": "b.py", "text": "lion"},
        {"id": "a.py", "text": "stripes"},
    ]
    corpus.write_text("".join(json.dumps(it) + "\n" for it in rows), "utf-8")
    assert run(["memory", "index", "--corpus", str(corpus), "--db", str(index)]) == 0
    command = [sys.executable, "-m", "postil", "memory", "search", "--db", str(index), "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, answer in (
            ('{"query": "zebra"}', ["a.py"]),
            ('\n{"queries": ["lion", "cat"], "k": 1}', ["b.py"]),
            ("nope", []),
        ):
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ids"] == answer
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait() == 0


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    assert run(["memory", "search", "--db", str(tmp_path / "none.db"), "--jsonl"]) == 2
    assert not (tmp_path / "none.db").exists()
    assert run(["memory", "index", "--corpus", str(tmp_path / "none"), "--db", str(tmp_path / "new.db")]) == 2


def test_a_file_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("mine\n" * 1000, "utf-8")
    assert run(["memory", "search", "--db", str(notes), "--jsonl"]) == 1
    assert notes.read_text("utf-8") == "mine\n" * 1000
