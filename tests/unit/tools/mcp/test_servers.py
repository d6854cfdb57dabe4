"""Real servers of tools: used, listed, failing, slow, killed, changing; and nothing is left of them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from pathlib import Path

import pytest

from postil.core.effects import ToolsFound
from postil.core.errors import OutcomeUnknown, ToolError
from postil.core.origin import Source
from tests.support.served import Said, names, place, written

GRACE = 30.0
"""Seconds in which what is to come comes on any machine."""


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


async def test_nothing_is_started_before_it_is_needed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with place(tmp_path, written("box", special=True, pids=str(pids))) as here:
        assert [(it.name, it.state) for it in here.servers.standings()] == [("box", "waiting")]
        assert here.servers.lines() == ["- box: starting"]
        assert here.servers.tools() == ()
        assert not pids.exists()
        here.servers.wake()
        await here.in_state("box", "ready")
        assert here.servers.lines() == ["- box: 12 tools"]
        assert pids.exists()


async def test_tools_are_found_and_used(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True)) as here:
        here.servers.wake()
        await here.in_state("box", "ready")
        result = await here.find("says what it was told")
        (found,) = [it for it in result.effects if isinstance(it, ToolsFound)]
        assert found.hits[0] == "mcp__box__echo"
        assert found.tools[0].description == "Says what it was told. Twice.\n\nA tool of the server `box`."
        assert result.sources == (Source(origin="mcp", name="box"),)
        used = await here.call("mcp__box__echo", owner="me")
        assert (used.content, used.is_error) == ('echo was given {"owner": "me"}', False)
        failed = await here.call("mcp__box__fail")
        assert (failed.content, failed.is_error) == ("It did not work.", True)
        with pytest.raises(ToolError, match="did not run it: owner is missing"):
            await here.call("mcp__box__refuse")


async def test_a_large_result_is_cut_in_the_middle_and_says_so(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True)) as here:
        used = await here.call("mcp__box__large")
        assert len(used.content) <= 30_000
        assert used.content.startswith("begin ")
        assert used.content.endswith(" end")
        assert int(str(used.details["left_out"])) > 170_000


async def test_odd_names_and_claims_are_held_to_what_is_safe(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True)) as here:
        here.servers.wake()
        await here.in_state("box", "ready")
        tools = {it.spec.name: it for it in here.servers.tools()}
        odd = next(it for it in tools if it.startswith("mcp__box__a_b_c_d_"))
        assert (await here.call(odd, owner="x")).content == 'a.b/c d was given {"owner": "x"}'
        assert names(here.servers.tools()) == sorted(tools)
        for name, tool in tools.items():
            effects = tool.effects
            assert (effects.read_only, effects.concurrent, effects.open_world, effects.asks) == (
                False,
                False,
                True,
                True,
            )
            assert effects.destructive == (name == "mcp__box__drop"), "what it says may only make it worse"


async def test_five_hundred_tools_cost_a_line(tmp_path: Path) -> None:
    async with place(tmp_path, written("big", count=500), written("box", special=True)) as here:
        here.servers.wake()
        await here.in_state("big", "ready")
        await here.in_state("box", "ready")
        assert len(here.servers.tools()) == 512
        assert here.servers.lines() == ["- big: 500 tools", "- box: 12 tools"]
        result = await here.find("archive number 321")
        assert "mcp__big__archive_321" in result.content
        assert len(result.content) < 6_000


async def test_one_that_fails_and_one_that_is_slow_hold_up_nothing(tmp_path: Path) -> None:
    absent = written("absent", options={"command": ("/nowhere/at-all",)})
    broken = written("broken", options={"command": ("/bin/sh", "-c", "echo out of order >&2; exit 7")})
    slow = written("slow", special=True, slow=600, options={"start_seconds": 300})
    async with place(tmp_path, absent, broken, slow, written("box", special=True)) as here:
        here.servers.wake()
        await here.in_state("box", "ready")
        before = time.monotonic()
        assert "mcp__box__echo" in (await here.find("says what it was told")).content
        assert time.monotonic() - before < GRACE
        await here.in_state("absent", "failed")
        await here.in_state("broken", "failed")
        why = {it.name: it.why for it in here.servers.standings()}
        assert why["absent"].startswith("at-all could not be started in")
        assert why["broken"] == "it ended with status 7: out of order"
        notes = (await here.find("nothing like it")).content
        assert "[Not searched: the server slow is still starting.]" in notes
        assert "the server broken failed (it ended with status 7: out of order)" in notes
        with pytest.raises(ToolError, match="broken failed"):
            await here.call("mcp__broken__any")


async def test_one_that_is_never_ready_is_given_up_and_told(tmp_path: Path) -> None:
    slow = written("slow", special=True, slow=600, options={"start_seconds": 0.2})
    async with place(tmp_path, slow) as here:
        here.servers.wake()
        await here.in_state("slow", "failed")
        assert here.servers.standings()[0].why == "it was not ready after 0.2 s"


async def test_what_was_under_way_when_it_died_is_unknown_and_the_next_call_starts_it_again(
    tmp_path: Path,
) -> None:
    pids = tmp_path / "pids"
    async with place(tmp_path, written("box", special=True, pids=str(pids))) as here:
        with pytest.raises(OutcomeUnknown, match=r"was lost \(it ended with status 3: no more room\)"):
            await here.call("mcp__box__die")
        await here.in_state("box", "failed")
        first = pids.read_text()
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        assert pids.read_text() != first
        os.killpg(int(pids.read_text().split()[0]), signal.SIGKILL)
        await here.in_state("box", "failed")
        assert here.servers.standings()[0].why == "it ended by signal 9"
        assert here.servers.tools() == ()


async def test_no_answer_in_time_is_unknown(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True, options={"call_seconds": 0.2})) as here:
        with pytest.raises(OutcomeUnknown, match=r"no answer in 0\.2 s"):
            await here.call("mcp__box__wait")
        assert (await here.call("mcp__box__echo")).content == "echo was given {}", "it is still there"


async def test_a_call_can_be_stopped(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True)) as here:
        await here.call("mcp__box__echo")
        waiting = asyncio.ensure_future(here.call("mcp__box__wait"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"


async def test_changes_of_the_list_are_followed(tmp_path: Path) -> None:
    async with place(tmp_path, written("box", special=True)) as here:
        await here.call("mcp__box__grow")
        await here.until(lambda: "mcp__box__grown" in names(here.servers.tools()))
        assert (await here.call("mcp__box__grown")).content == "grown was given {}"
        await here.call("mcp__box__shrink")
        await here.until(lambda: "mcp__box__look" not in names(here.servers.tools()))
        with pytest.raises(ToolError, match="the server box has no such tool now"):
            await here.call("mcp__box__look")


async def test_its_environment_is_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    monkeypatch.setenv("FORGE_TOKEN", "handed on")
    options = {"env": {"GIVEN": "yes"}, "pass_env": ("FORGE_TOKEN", "NOT_SET")}
    async with place(tmp_path, written("box", special=True, options=options)) as here:
        got = json.loads((await here.call("mcp__box__environment")).content)
    plain = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "LC_CTYPE", "LC_ALL"}
    assert set(got) - plain == {"GIVEN", "FORGE_TOKEN"}
    assert (got["GIVEN"], got["FORGE_TOKEN"]) == ("yes", "handed on")


async def test_nothing_is_left_of_it_though_it_does_not_want_to_end(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with place(
        tmp_path, written("box", special=True, pids=str(pids), child=True, stubborn=True)
    ) as here:
        here.servers.wake()
        await here.in_state("box", "ready")
    assert all(gone(int(it)) for it in pids.read_text().split())


async def test_one_that_is_still_starting_is_ended_too(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with place(tmp_path, written("slow", slow=600, pids=str(pids))) as here:
        here.servers.wake()
        await here.until(lambda: pids.exists() and bool(pids.read_text()))
    assert all(gone(int(it)) for it in pids.read_text().split())


async def test_what_it_says_to_people_is_logged_without_secrets(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "postil.tools.mcp")
    async with place(tmp_path, written("box", special=True, noise=True)) as here:
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        await here.until(lambda: "box: starting" in caplog.text)
    assert "REDACT" not in caplog.text


async def test_one_that_may_not_be_started_is_not_and_one_that_may_no_longer_is_ended(tmp_path: Path) -> None:
    pids, said = tmp_path / "pids", Said({"box": "the workspace is not trusted"})
    async with place(tmp_path, written("box", "workspace", special=True, pids=str(pids)), said=said) as here:
        with pytest.raises(ToolError, match=r"the server box is off \(the workspace is not trusted\)"):
            await here.call("mcp__box__echo")
        assert not pids.exists()
        assert here.servers.lines() == []
        said.refused.clear()
        assert (await here.call("mcp__box__echo")).content == "echo was given {}"
        said.refused["box"] = "you have left it off"
        here.servers.wake()
        await here.in_state("box", "off")
        assert here.servers.tools() == ()
        await here.until(lambda: all(gone(int(it)) for it in pids.read_text().split()))


async def test_a_person_is_asked_about_what_a_workspace_names_in_full(tmp_path: Path) -> None:
    said = Said({"box": "nobody has allowed it"}, {"box"})
    options = {"env": {"MODE": "rw"}, "pass_env": ("TOKEN",), "command": ("/bin/serve", "--all files")}
    it = written("box", "workspace", options=options)
    async with place(tmp_path, it, written("own"), said=said) as here:
        (asked,) = await here.servers.undecided()
        assert asked.subject == 'box: /bin/serve "--all files"'
        assert [(fact.name, fact.text) for fact in asked.facts][-2:] == [
            ("sends", "MODE=rw, TOKEN (yours)"),
            ("from", "settings.toml"),
        ]
        await here.servers.decide(asked.fingerprint, "test", start=False)
        assert await here.servers.undecided() == []
        assert here.servers.standings()[0].why == "you have left it off"
