"""The script in docs/howto/scripted-model.md is played as it stands there."""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml

from postil.core.events import CallFinished
from tests.support.asking import desk

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "scripted-model.md"


async def test_the_example_of_the_page_is_a_script_that_plays(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8").split("In `script.yaml`:\n")[1].split("\nStart it")[0]
    async with desk(tmp_path, yaml.safe_load(textwrap.dedent(text))["replies"], trusts=True) as place:
        (place.workspace / "seen.txt").write_text("x")
        done = await place.ask("What is here?")
        assert done.status == 0, done.err
        record = await place.record(done.lines[0]["sessionId"])
        [listed] = [it.event for it in record.events if isinstance(it.event, CallFinished)]
        assert "seen.txt" in listed.content
        assert "That is all there is." in done.out
        assert [it.reply for it in place.server.requests] == [0, 1]
