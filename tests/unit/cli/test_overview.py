"""`postil overview`: everything in force, with what decides about it, and nothing imported or started for that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from postil.agent.types.collection import BUILTIN
from postil.permissions.trust import TrustStore
from postil.tools.registry import Registry
from postil.tools.skills.library import BUILTIN as SKILLS_BUILTIN
from tests.support.served import command

SKILLS = sorted(it.parent.name for it in SKILLS_BUILTIN.glob("*/SKILL.md"))
CODE = (
    "import atexit, sys\n"
    "atexit.register(lambda: sys.stderr.write('\\n'.join(['LOADED', *sys.modules])))\n"
    "from postil.cli.main import run\nsys.exit(run(sys.argv[1:]))"
)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.work, self.config, self.state = folder / "work", folder / "config", folder / "state"
        self.work.mkdir()
        self.home = folder / "home"
        (self.config / "agents").mkdir(parents=True)

    def settings(self, text: str) -> None:
        (self.config / "settings.toml").write_text(text)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        own = {
            "POSTIL_CONFIG_DIR": str(self.config), "POSTIL_STATE_DIR": str(self.state), "HOME": str(self.home)
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-c", CODE, "overview", *words], cwd=self.work, env=os.environ | own,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def write(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        found = [json.loads(it) for it in self.run("--json").stdout.splitlines()]
        return {(it["kind"], it["name"]): it for it in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_everything_is_listed_and_nothing_is_imported_or_started(desk: Desk, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    desk.settings(f"[mcp.box]\ncommand = {json.dumps(list(command(pids=str(pids))))}\n")
    done = desk.run("--json")
    rows = [json.loads(it) for it in done.stdout.splitlines()]
    named = [(it["kind"], it["name"]) for it in rows]
    types = sorted(it.stem for it in BUILTIN.glob("*.md"))
    assert named == [
        *(("tool", it) for it in Registry.collect().names),
        *(("agent type", it) for it in types),
        *(("skill", it) for it in SKILLS),
        *(("slash command", f"/{it}") for it in SKILLS),
        ("server", "box"),
    ]
    for it in rows:
        assert it["tier"]
        assert it["source"]
        assert it["effects"]
        assert it["rule"]["verdict"] in ("allow", "ask", "deny", "as chosen", "narrows")
        assert it["rule"]["why"]
        assert it["state"] in ("loaded", "deferred", "off")
        assert it["why"] or it["state"] == "loaded"
        assert bool(it["icon"]) == (it["kind"] == "tool")
    loaded = set(done.stderr.split("LOADED")[1].split())
    assert not [it for it in loaded if it.startswith("postil.tools.builtin.")]
    assert not loaded & {"mcp", "anthropic", "postil.tools.mcp.connection", "postil.app"}
    assert not pids.exists()
    assert not desk.state.exists()


def test_what_decides_is_what_the_settings_say(desk: Desk) -> None:
    before = desk.rows()
    assert before["tool", "write"]["rule"] == {
        "verdict": "ask",
        "why": "no rule allows this edit",
        "rules": [],
    }
    assert before["tool", "fetch"]["rule"]["why"] == "no rule allows any host"
    desk.settings('allow = ["Edit", "Mcp(box)"]\ndeny = ["Edit(docs/**)"]\n[mcp.box]\ncommand = ["box"]\n')
    after = desk.rows()
    assert after["tool", "write"]["rule"]["verdict"] == "allow"
    assert set(after["tool", "write"]["rule"]["rules"]) == {"deny Edit(docs/**)", "allow Edit"}
    assert after["server", "box"]["rule"]["verdict"] == "ask", (
        "nothing is allowed while the folder is not trusted"
    )
    desk.settings('[mcp.box]\ncommand = ["box"]\n')
    assert desk.rows()["server", "box"]["rule"]["why"] == "no rule allows its tools"
    both = '[mcp.box]\ncommand = ["box"]\n[mcp.other]\ncommand = ["box"]\n'
    desk.settings(f'allow = ["Mcp(box/echo)", "Mcp(box/*)"]\nask = ["Mcp(*/drop)"]\n{both}')
    cited = {
        name: set(it["rule"]["rules"]) for (_, name), it in desk.rows().items() if it["kind"] == "server"
    }
    assert cited == {
        "box": {"allow Mcp(box/echo)", "allow Mcp(box/*)", "ask Mcp(*/drop)"}, "other": {"ask Mcp(*/drop)"},
    }  # fmt: skip
    desk.settings('mode = "plan"\n')
    planned = desk.rows()
    assert planned["tool", "write"]["rule"]["verdict"] == "deny"
    assert planned["tool", "shell"]["rule"]["why"].startswith("this mode runs only what is known to read")


def test_the_default_type_says_which_tools_are_off_and_a_faulty_file_why_it_is_none(desk: Desk) -> None:
    desk.settings('agent = "explore"\n')
    (desk.config / "agents" / "own.md").write_text("---\nname: own\n---\nWords.\n")
    rows = desk.rows()
    assert (rows["tool", "write"]["state"], rows["tool", "write"]["why"]) == (
        "off", "the agent type explore does not have it",
    )  # fmt: skip
    assert rows["tool", "write"]["rule"]["verdict"] == "deny"
    assert rows["agent type", "explore"]["state"] == "loaded"
    assert rows["agent type", "explore"]["rule"]["verdict"] == "narrows"
    assert rows["agent type", "own"]["state"] == "off"
    assert "it is missing" in rows["agent type", "own"]["why"]


def test_for_people_it_is_grouped(desk: Desk) -> None:
    out, off = desk.run().stdout, "what it brings along is off until you trust it (postil trust allow)"
    assert [it for it in out.splitlines() if it and not it.startswith(" ")] == [
        f"The workspace {desk.work} is not trusted (it is not known to be trusted): {off}.",
        "Sessions have the agent type build and the mode default.",
        "loaded: in every request; deferred: there when it is needed; off: not used, and why.",
        "Tools", "Agent types", "Skills", "Slash commands", "Hooks", "Servers of tools",
    ]  # fmt: skip
    assert "  write: Write a file\n      loaded; builtin, Postil\n" in out
    assert "Servers of tools\n  none\n" in out


SKILL = "---\nname: {0}\ndescription: Does {0}.\n{1}---\nDo it.\n"
HOOK = '[[hooks.PreToolUse]]\nmatcher = "Bash"\nhooks = [{ command = "sh check.sh", timeout = 5 }]\n'


def test_skills_say_where_they_come_from_and_why_one_does_not_count(desk: Desk) -> None:
    own = desk.write(
        desk.home / ".agents/skills/docs/SKILL.md", SKILL.format("docs", "allowed-tools: read\n")
    )
    bad = desk.write(desk.home / ".agents/skills/bad/SKILL.md", "---\nname: bad\n---\nx\n")
    desk.write(desk.work / ".agents/skills/build/SKILL.md", SKILL.format("build", ""))
    rows = desk.rows()
    docs, build = rows["skill", "docs"], rows["skill", "build"]
    assert (docs["tier"], docs["source"], docs["state"], docs["rule"]["verdict"]) == (
        "user", str(own), "deferred", "ask",
    )  # fmt: skip
    assert docs["effects"] == "instructs, and while it is active leaves out every tool but read"
    assert rows["skill", "bad"]["state"] == "off"
    assert rows["skill", "bad"]["source"].startswith(f"{bad}:")
    assert "description" in rows["skill", "bad"]["why"]
    assert (build["state"], build["rule"]["verdict"], build["effects"]) == ("off", "deny", "nothing")
    assert build["why"] == f"the workspace is not trusted: {desk.work} is not known to be trusted"
    TrustStore(desk.state).decide(desk.work, "trusted", 1.0, "test")
    desk.settings('allow = ["Skill(docs)"]\n')
    trusted = desk.rows()
    assert trusted["skill", "build"]["state"] == "deferred"
    assert trusted["skill", "build"]["rule"]["verdict"] == "ask"
    assert trusted["skill", "docs"]["rule"]["rules"] == ["allow Skill(docs)"]
    assert trusted["slash command", "/docs"]["rule"]["verdict"] == "allow"
    desk.settings('mode = "plan"\n')
    planned = desk.rows()
    assert planned["skill", "docs"]["rule"]["verdict"] == "deny"
    assert planned["slash command", "/docs"]["rule"]["verdict"] == "deny"
    desk.settings('agent = "verify"\n')
    assert desk.rows()["skill", "docs"]["why"] == "the agent type verify does not have the tool `skill`"


def test_types_of_a_workspace_that_is_not_trusted_are_seen_and_not_read(desk: Desk) -> None:
    file = desk.write(desk.work / ".postil/agents/tester.md", "not a type\n")
    row = desk.rows()["agent type", "tester"]
    assert (row["state"], row["tier"], row["source"], row["effects"]) == (
        "off",
        "workspace",
        str(file),
        "nothing",
    )
    assert row["why"] == f"the workspace is not trusted: {desk.work} is not known to be trusted"
    TrustStore(desk.state).decide(desk.work, "trusted", 1.0, "test")
    assert desk.rows()["agent type", "tester"]["source"] == f"{file}:1"


def test_slash_commands_say_what_they_are_for_and_why_one_cannot_be_used(desk: Desk) -> None:
    own = desk.write(desk.config / "commands/fix.md", "---\nagent: review\n---\nFix it.\n")
    desk.write(desk.config / "commands/bad.md", "---\nagent: 3\n---\nFix it.\n")
    desk.write(desk.work / ".claude/commands/build.md", "Build it.\n")
    rows = desk.rows()
    fix = rows["slash command", "/fix"]
    assert (fix["title"], fix["tier"], fix["source"], fix["state"]) == (
        "Fix it.",
        "user",
        str(own),
        "deferred",
    )
    assert fix["why"].endswith("in sessions of the agent type review")
    assert rows["slash command", "/bad"]["why"].startswith("line 2: `agent` is no name of an agent type")
    assert rows["slash command", "/bad"]["rule"]["verdict"] == "deny"
    assert rows["slash command", "/build"]["why"].startswith("the workspace is not trusted: ")
    TrustStore(desk.state).decide(desk.work, "trusted", 1.0, "test")
    assert desk.rows()["slash command", "/build"]["state"] == "deferred"


def test_hooks_say_whose_they_are_and_a_workspaces_why_they_do_not_run(desk: Desk) -> None:
    desk.settings(HOOK)
    script = desk.write(desk.work / "check.sh", "exit 0\n")
    settings = desk.write(desk.work / ".postil/settings.toml", HOOK)

    def both() -> list[dict[str, Any]]:
        found = [json.loads(it) for it in desk.run("--json").stdout.splitlines()]
        return [it for it in found if it["kind"] == "hook"]

    mine, theirs = both()
    assert (mine["name"], mine["title"], mine["tier"]) == ("PreToolUse Bash", "sh check.sh", "user")
    assert (mine["state"], mine["why"]) == ("loaded", "it has 5 s to answer")
    assert mine["rule"]["verdict"] == "narrows"
    assert (theirs["tier"], theirs["source"], theirs["state"]) == ("workspace", str(settings), "off")
    assert theirs["why"] == f"the workspace is not trusted: {desk.work} is not known to be trusted"
    TrustStore(desk.state).decide(desk.work, "trusted", 1.0, "test")
    assert [it["state"] for it in both()] == ["loaded", "loaded"]
    assert "in the sandbox of commands" in both()[1]["effects"]
    script.write_text("exit 1\n")
    changed = both()[1]
    assert (changed["state"], changed["rule"]["verdict"]) == ("off", "deny")
    assert changed["why"].endswith("was trusted, but its hooks are not those that you were shown")
