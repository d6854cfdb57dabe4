"""Before a server is started: whether its program is what was agreed to, and how often it may fail."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import pytest

from postil.config.server_options import WrittenServer
from postil.core.errors import OutcomeUnknown, ToolError
from postil.permissions.servers import Approvals, ApprovalStore
from postil.workspace.commands.processes import has_ended
from tests.support.served import SCRIPT, Said, command, place, written


class Clock:
    """Goes as a test has it go."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def test_one_that_does_not_stay_rests_and_is_tried_again_by_itself(tmp_path: Path) -> None:
    clock, mended = Clock(), tmp_path / "mended"
    serve = shlex.join(command(special=True))
    line = f"test -e {shlex.quote(str(mended))} || {{ echo out of order >&2; exit 7; }}; exec {serve}"
    it = written("box", options={"command": ("/bin/sh", "-c", line)})
    async with place(tmp_path, it, now=clock) as here:
        for _ in range(3):
            with pytest.raises(ToolError, match="out of order"):
                await here.call("mcp__box__echo")
        why = "it ended with status 7: out of order; it failed 3 times in a row, and is tried again in 120 s at the earliest"
        assert here.servers.standings()[0].why == why
        mended.touch()
        with pytest.raises(ToolError, match="failed 3 times in a row"):
            await here.call("mcp__box__echo")
        clock.seconds += 121
        here.servers.wake()
        await here.in_state("box", "ready")
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"


async def test_failures_of_before_it_was_healthy_do_not_count(tmp_path: Path) -> None:
    clock = Clock()
    async with place(tmp_path, written("box", special=True), now=clock) as here:
        for _ in range(5):
            assert (await here.call("mcp__box__echo")).content == "echo was given {}"
            clock.seconds += 61
            with pytest.raises(OutcomeUnknown):
                await here.call("mcp__box__die")
            await here.in_state("box", "failed")
            assert here.servers.standings()[0].why == "it ended with status 3: no more room"


async def test_a_person_starts_one_anew_however_often_it_failed(tmp_path: Path) -> None:
    clock, mended, pids = Clock(), tmp_path / "mended", tmp_path / "pids"
    serve = shlex.join(command(special=True, pids=str(pids)))
    line = f"test -e {shlex.quote(str(mended))} || exit 7; exec {serve}"
    it = written("box", options={"command": ("/bin/sh", "-c", line)})
    async with place(tmp_path, it, now=clock) as here:
        for _ in range(3):
            with pytest.raises(ToolError, match="status 7"):
                await here.call("mcp__box__echo")
        again = await here.servers.restart("box")
        assert again is not None
        assert (again.state, again.why) == ("failed", "it ended with status 7"), (
            "and that counts as the first"
        )
        mended.touch()
        ready = await here.servers.restart("box")
        assert ready is not None
        assert (ready.state, ready.tools) == ("ready", 12)
        first = pids.read_text()
        await here.servers.restart("box")
        assert pids.read_text() != first
        await here.until(lambda: all(has_ended(int(it)) for it in first.split()))
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        assert await here.servers.restart("other") is None


async def test_starting_one_anew_is_no_word_on_it(tmp_path: Path) -> None:
    said = Said({"box": "nobody has allowed it"})
    async with place(tmp_path, written("box", "workspace", special=True), said=said) as here:
        standing = await here.servers.restart("box")
        assert standing is not None
        assert (standing.state, standing.why) == ("off", "nobody has allowed it")


def agreed(root: Path, it: WrittenServer) -> Approvals:
    store = ApprovalStore(root.parent / "servers.json")
    return Approvals(store, lambda: True, lambda: 1.0, (it,), (root,))


@pytest.mark.parametrize("layer", ["user", "workspace"])
async def test_a_script_that_changed_is_not_started_again_until_somebody_says_so(
    tmp_path: Path, layer: Literal["user", "workspace"]
) -> None:
    root, pids = tmp_path / "work", tmp_path / "pids"
    root.mkdir()
    script = root / "serve.py"
    script.write_text(SCRIPT.read_text())
    words = (sys.executable, "-I", "-S", "serve.py", json.dumps({"special": True, "pids": str(pids)}))
    it = written("box", layer, options={"command": words})
    said = agreed(root, it)
    async with place(root, it, said=said) as here:
        for server in await here.servers.undecided():
            assert layer == "workspace"
            await here.servers.decide(server.fingerprint, "test", start=True)
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        first = pids.read_text()
        script.write_text(script.read_text() + "# changed\n")
        assert (await here.call("mcp__box__echo")).content == "echo was given {}", (
            "what runs is what was agreed to"
        )
        assert await here.servers.undecided() == []
        with pytest.raises(OutcomeUnknown):
            await here.call("mcp__box__die")
        await here.in_state("box", "failed")
        with pytest.raises(
            ToolError, match=r"box is off \(serve\.py, which its command names, has changed since"
        ):
            await here.call("mcp__box__echo")
        assert pids.read_text() == first
        (asked,) = await here.servers.undecided()
        assert [(fact.name, fact.text) for fact in asked.facts if fact.name in ("changed", "runs")] == [
            ("changed", "serve.py, since that was agreed to"),
            ("runs", "serve.py"),
        ]
        await here.servers.decide(asked.fingerprint, "test", start=True)
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        assert pids.read_text() != first


async def test_a_script_that_changed_right_before_the_start_is_not_started(tmp_path: Path) -> None:
    root, pids = tmp_path / "work", tmp_path / "pids"
    root.mkdir()
    script = root / "serve.py"
    script.write_text(SCRIPT.read_text())
    words = (sys.executable, "-I", "-S", "serve.py", json.dumps({"special": True, "pids": str(pids)}))
    it = written("box", options={"command": words})

    class Late(Approvals):
        """The script is changed between the look of a wake and the start."""

        async def look(self, names: Collection[str]) -> None:
            await super().look(names)
            if not script.read_text().endswith("# changed\n"):
                script.write_text(script.read_text() + "# changed\n")

    late = Late(ApprovalStore(tmp_path / "servers.json"), lambda: True, lambda: 1.0, (it,), (root,))
    async with place(root, it, said=late) as here:
        here.servers.wake()
        await here.in_state("box", "off")
        assert "has changed since Postil read your settings" in here.servers.standings()[0].why
        assert not pids.exists()


async def test_nobody_is_asked_again_before_each_call(tmp_path: Path) -> None:
    said = Said()
    async with place(tmp_path, written("box", special=True), said=said) as here:
        await here.call("mcp__box__echo")
        looks = said.looks
        for _ in range(3):
            await here.call("mcp__box__echo")
        assert said.looks == looks
        here.servers.wake()
        assert await here.servers.undecided() == []
        assert said.looks == looks
