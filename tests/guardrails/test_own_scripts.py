"""A person's own hook with a script in the workspace is an ordinary harness, and holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.sabotaged import Place

pytestmark = pytest.mark.timeout(180)
SETTINGS = '[[hooks.PreToolUse]]\nmatcher = "Bash"\nhooks = [{ command = \'"$CLAUDE_PROJECT_DIR"/tools/check.sh\' }]\n'


def test_its_script_and_what_lies_beside_it_are_there_when_it_is_tried(tmp_path: Path) -> None:
    for name in ("work/tools", "config", "home"):
        (tmp_path / name).mkdir(parents=True)
    place = Place(tmp_path, Installation(tmp_path / "installation"))
    place.settings(SETTINGS)
    script = place.root / "tools/check.sh"
    script.write_text('#!/bin/sh\n. "$(dirname "$0")/common.sh"\n')
    (place.root / "tools/common.sh").write_text("exit 0\n")
    script.chmod(0o755)
    code, out, err = place.run("guardrails", "--only", "hooks", "--trust", "yes")
    assert code == 0, out + err
    assert out.startswith("holds   "), out
    assert "note:" not in out
    script.unlink()
    code, out, _ = place.run("guardrails", "--only", "hooks", "--trust", "yes")
    assert code == 1
    assert "check.sh" in out, "one that is not there gives no answer"
