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
from postil.tools.registry import Registry
from tests.support.served import command

CODE = (
    "import atexit, sys\n"
    "atexit.register(lambda: sys.stderr.write('\\n'.join(['LOADED', *sys.modules])))\n"
    "from postil.cli.main import run\nsys.exit(run(sys.argv[1:]))"
)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.work, self.config, self.state = folder / "work", folder / "config", folder / "state"
        self.work.mkdir()
        (self.config / "agents").mkdir(parents=True)

    def settings(self, text: str) -> None:
        (self.config / "settings.toml").write_text(text)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        own = {"POSTIL_CONFIG_DIR": str(self.config), "POSTIL_STATE_DIR": str(self.state)}
        return subprocess.run(
            [sys.executable, "-c", CODE, "overview", *words], cwd=self.work, env=os.environ | own,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

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
    desk.settings('mode = "plan"\n')
    planned = desk.rows()
    assert planned["tool", "write"]["rule"]["verdict"] == "deny"
    assert planned["tool", "shell"]["rule"]["why"].startswith("this mode runs only what is known to read")


def test_the_default_type_says_which_tools_are_off_and_a_faulty_file_why_it_is_none(desk: Desk) -> None:
    desk.settings('agent = "explore"\n')
    (desk.config / "agents" / "own.md").write_text("---\nname: own\n---\n")
    rows = desk.rows()
    assert (rows["tool", "write"]["state"], rows["tool", "write"]["why"]) == (
        "off", "the agent type explore does not have it",
    )  # fmt: skip
    assert rows["tool", "write"]["rule"]["verdict"] == "deny"
    assert rows["agent type", "explore"]["state"] == "loaded"
    assert rows["agent type", "explore"]["rule"]["verdict"] == "narrows"
    assert rows["agent type", "own"]["state"] == "off"
    assert "Field required" in rows["agent type", "own"]["why"]


def test_for_people_it_is_grouped(desk: Desk) -> None:
    out = desk.run().stdout
    assert [it for it in out.splitlines() if it and not it.startswith(" ")] == [
        "Tools", "Agent types", "Servers of tools",
    ]  # fmt: skip
    assert "  write: Write a file\n      loaded; builtin, Postil\n" in out
    assert "Servers of tools\n  none\n" in out
