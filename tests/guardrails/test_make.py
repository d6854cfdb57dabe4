"""`make guardrails` tries the invariants on a repository, prints what it found, and fails where one is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """Run make as it is, without installing anything: the environment is the one that runs this."""
    venv = f"VENV={sys.prefix}"
    old = ("-o", f"{sys.prefix}/.runtime-installed")
    return subprocess.run(
        ["make", *old, venv, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=150
    )


def test_a_broken_invariant_fails_the_build_with_a_report(tmp_path: Path) -> None:
    (tmp_path / ".postil").mkdir()
    (tmp_path / ".postil" / "settings.toml").write_text('deny = ["Edit(docs/**)"\n')
    done = make("guardrails", f"WORKSPACE={tmp_path}")
    assert done.returncode != 0
    assert "BROKEN  Settings can be read, and say what they mean" in done.stdout
    assert "settings.toml" in done.stdout
    assert "guardrails: failed" in done.stdout


def test_everything_means_the_guardrails_too() -> None:
    done = make("--dry-run", "test")
    assert "postil guardrails --trust yes --workspace" in done.stdout
