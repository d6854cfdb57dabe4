"""Sub-agents: whole turns through Postil as it is built, with real files and a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core import events as ev
from tests.support.house import house


async def test_only_the_result_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = [
        {
            "when": {"user": "^Mend"},
            "blocks": [
                {
                    "tool": "delegate",
                    "id": "d1",
                    "input": {"agent": "explore", "title": "Find x", "task": "Look for x."},
                }
            ],
        },
        {"when": {"user": "^Look"}, "blocks": [{"tool": "read", "id": "r1", "input": {"path": "a.py"}}]},
        {"when": {"user": "^Look"}, "text": "x is in a.py:1."},
        {"when": {"user": "^Mend"}, "text": "Done."},
    ]
    async with house(tmp_path, script, monkeypatch) as place:
        (place.root / "a.py").write_text("x = 1\n")
        session = await place.begin()
        await place.turn(session, "Mend it.")
        for it in place.seen:
            print(it.session_id, it.above, it.seq, type(it.event).__name__)
        (done,) = [it for it in place.events(ev.CallFinished) if it.call_id == "d1"]
        print(done)
        assert done.outcome == "completed"
