"""Hooks of settings in `postil ask`, as real processes: the user's, the workspace's before and after trust, and a changed one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.asking import Desk, desk, run
from tests.support.trusted import trusted

SCRIPT = [{"blocks": [{"tool": "read", "input": {"path": "a.txt"}}]}, "Ok."]
DENIES = '[[hooks.PreToolUse]]\nmatcher = "Read"\nhooks = [{ type = "command", command = "cat > given.json; echo Not today. >&2; exit 2" }]\n'
"""Of a workspace that nobody trusts it runs in the folder of its file."""


def prepare(place: Desk, text: str) -> None:
    (place.workspace / "a.txt").write_text("one\n")
    (place.workspace / ".postil").mkdir(exist_ok=True)
    (place.workspace / ".postil/settings.toml").write_text(text)


async def test_a_hook_of_the_users_denies_and_is_in_the_audit(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT) as place:
        (place.workspace / "a.txt").write_text("one\n")
        place.settings(DENIES)
        answered = await place.ask("Look.")
        assert answered.status == 3
        [ended] = answered.events("HookEnded")
        assert (ended["outcome"], ended["why"], ended["exit_code"]) == ("blocks", "Not today.", 2)
        assert not (place.workspace / "given.json").exists(), (
            "in a folder that nobody trusts nothing of a hook starts"
        )
        given = json.loads((place.state / "config/given.json").read_text())
        assert (given["tool_name"], given["tool_input"]["path"], given["workspace_trusted"]) == (
            "read",
            "a.txt",
            False,
        )
        shown = await run("audit", "show", given["session_id"], cwd=place.workspace, env=place.environment)
        assert "PreToolUse of the user: cat > given.json" in shown.out
        assert "blocks after" in shown.out
        checked = await run(
            "audit", "verify", given["session_id"], cwd=place.workspace, env=place.environment
        )
        assert checked.status == 0


async def test_a_workspaces_hook_runs_once_it_is_trusted_and_until_it_changes(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT * 3) as place:
        prepare(place, DENIES.replace("cat > given.json; ", ""))
        before = await place.ask("Look.")
        assert (before.status, before.events("HookStarted")) == (0, [])
        trusted(place.workspace, place.state)
        after = await place.ask("Look.")
        assert after.status == 3
        assert [(it["owner"], it["outcome"]) for it in after.events("HookEnded")] == [("workspace", "blocks")]
        settings = place.workspace / ".postil/settings.toml"
        settings.write_text(settings.read_text().replace("Not today", "Never"))
        changed = await place.ask("Look.")
        assert changed.events("HookStarted") == []
        [configuration] = changed.events("ConfigurationInForce")
        assert configuration["trust"].endswith("was trusted, but its hooks are not those that you were shown")
        assert not configuration["trusted"]


async def test_a_hook_of_the_users_is_not_run_with_a_script_that_the_agent_changed(tmp_path: Path) -> None:
    script: list[Any] = [
        {"blocks": [{"tool": "read", "input": {"path": "look.sh"}}]},
        {"blocks": [{"tool": "write", "input": {"path": "look.sh", "content": "touch evil.txt\n"}}]},
        {"blocks": [{"tool": "read", "input": {"path": "a.txt"}}]},
        "Ok.",
    ]
    async with desk(tmp_path, [*script, *script, *SCRIPT, *SCRIPT], trusts=True) as place:
        (place.workspace / "a.txt").write_text("one\n")
        (place.workspace / "look.sh").write_text("touch looked.txt\n")
        place.settings('[[hooks.PreToolUse]]\nhooks = [{ command = "sh look.sh" }]\n')
        broad = await place.ask("--allow", "Edit", "Go.")
        assert [it["outcome"] for it in broad.events("CallFinished")] == [
            "completed",
            "denied",
            "completed",
        ], "a rule that is meant for code does not mean what Postil starts"
        exact = await place.ask("--allow", "Edit(./look.sh)", "Go.")
        assert [it["outcome"] for it in exact.events("CallFinished")] == ["completed", "completed", "denied"]
        *_, ended = exact.events("HookEnded")
        assert ended["outcome"] == "failed"
        assert ended["why"].startswith("it was not run: look.sh, which its command names, has changed since")
        assert (place.workspace / "looked.txt").exists()
        assert not (place.workspace / "evil.txt").exists()
        again = await place.ask("Look.")
        *_, ended = again.events("HookEnded")
        assert (
            "look.sh, which its command names, has changed since you trusted the workspace; look at it"
            in ended["why"]
        )
        assert not (place.workspace / "evil.txt").exists(), "nor does a new session run it"
        agreed = await run("trust", "allow", cwd=place.workspace, env=place.environment)
        assert agreed.status == 0, agreed.err
        assert (await place.ask("Look.")).status == 0
        assert (place.workspace / "evil.txt").exists(), "it runs once a person has said so anew"


async def test_a_workspaces_hook_is_confined(tmp_path: Path) -> None:
    line = "touch ../outside; echo x >> .git/config; touch inside; exit 0"
    async with desk(tmp_path, SCRIPT) as place:
        (place.workspace / ".git").mkdir()
        (place.workspace / ".git/config").write_text("[core]\n")
        prepare(place, f'[[hooks.PreToolUse]]\nhooks = [{{ command = "{line}" }}]\n')
        trusted(place.workspace, place.state)
        assert (await place.ask("Look.")).status == 0
        assert (place.workspace / "inside").exists()
        assert not (tmp_path / "outside").exists()
        assert (place.workspace / ".git/config").read_text() == "[core]\n"


async def test_hooks_that_cannot_be_read_stop_everything(tmp_path: Path) -> None:
    async with desk(tmp_path, SCRIPT) as place:
        place.settings(DENIES.replace("PreToolUse", "BeforeTool"))
        answered = await place.ask("Look.")
        assert answered.status == 1
        assert "hooks" in answered.err
