"""`postil tools` and `postil mcp`: what is there, without a tool being imported or a server started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from postil.tools.registry import Registry
from tests.support.served import command
from tests.support.trusted import trusted

CODE = (
    "import atexit, sys\n"
    "atexit.register(lambda: sys.stderr.write('\\n'.join(['LOADED', *sys.modules])))\n"
    "from postil.cli.main import run\nsys.exit(run(sys.argv[1:]))"
)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.work, self.config, self.state = folder / "work", folder / "config", folder / "state"
        (self.work / ".postil").mkdir(parents=True)
        self.config.mkdir()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "POSTIL_CONFIG_DIR": str(self.config),
            "POSTIL_STATE_DIR": str(self.state),
        }
        return subprocess.run(
            [sys.executable, "-c", CODE, *words], cwd=self.work, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(it) for it in self.run("tools", "--json").stdout.splitlines()]

    def servers(self) -> dict[str, tuple[str, str]]:
        return {it["name"]: (it["state"], it["why"]) for it in self.rows() if it["type"] == "server"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def server(name: str, more: str = "", **wanted: Any) -> str:
    return f"[mcp.{name}]\ncommand = {json.dumps(list(command(**wanted)))}\n{more}"


def test_every_tool_is_listed_and_none_is_imported(desk: Desk, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    (desk.config / "settings.toml").write_text(server("box", special=True, pids=str(pids)))
    done = desk.run("tools", "--json")
    rows = [json.loads(it) for it in done.stdout.splitlines()]
    assert [it["name"] for it in rows if it["type"] == "tool"] == list(Registry.collect().names)
    for it in rows[:-1]:
        assert set(it) >= {"name", "title", "icon", "tier", "effects", "source", "state", "why"}
        assert (it["tier"], it["source"]) == ("builtin", "Postil")
        assert it["state"] in ("loaded", "deferred", "off")
        assert bool(it["why"]) == (it["state"] == "off")
    assert (rows[-1]["type"], rows[-1]["name"], rows[-1]["state"]) == ("server", "box", "deferred")
    loaded = set(done.stderr.split("LOADED")[1].split())
    assert not [it for it in loaded if it.startswith("postil.tools.builtin.")]
    assert not loaded & {"mcp", "mcp_types", "anthropic", "postil.tools.mcp.connection", "postil.app"}
    assert not pids.exists()


def test_the_table_is_for_people(desk: Desk) -> None:
    (desk.config / "settings.toml").write_text(server("box"))
    head, *lines = desk.run("tools").stdout.splitlines()
    assert head.split() == ["TOOL", "TIER", "SOURCE", "EFFECTS", "STATE"]
    (read,) = [it for it in lines if it.startswith("read ")]
    assert read.split("  ")[-1].strip() == "loaded"
    assert " reads " in read
    (use,) = [it for it in lines if it.startswith("use_tool ")]
    assert use.index("reaches beyond") < use.index("off: "), "a long reason pushes nothing off the screen"
    assert any(
        it.startswith("box (server, yours, deferred: it is started when a request needs it") for it in lines
    )
    assert lines[-1] == "loaded: in every request; deferred: there when it is needed; off: not used, and why."


def test_a_server_whose_program_is_not_there_is_off_and_says_so(desk: Desk) -> None:
    (desk.config / "settings.toml").write_text(
        '[mcp.gone]\ncommand = ["no-such-program"]\n[mcp.path]\ncommand = ["./serve"]\n[mcp.web]\nurl = "http://127.0.0.1:9"\n'
    )
    found = desk.servers()
    assert found["gone"] == (
        "off",
        "there is no program no-such-program on the PATH; install it, or write its whole path",
    )
    assert found["path"] == ("off", "there is no program ./serve, or it may not be run")
    assert found["web"][0] == "deferred"
    assert found["web"][1].endswith("whether it answers is known once it is tried")
    (desk.work / "serve").write_text("#!/bin/sh\n")
    (desk.work / "serve").chmod(0o755)
    assert desk.servers()["path"][1] != found["path"][1]


def test_trying_one_lists_its_tools_or_says_why_not_and_ends_it(desk: Desk, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    words = json.dumps(list(command(special=True, pids=str(pids))))
    broken = json.dumps(["/bin/sh", "-c", "echo out of order >&2; exit 7"])
    (desk.config / "settings.toml").write_text(
        f"[mcp.box]\ncommand = {words}\n[mcp.bad]\ncommand = {broken}\n"
    )
    done = desk.run("mcp", "try", "box")
    assert done.returncode == 0, done.stderr
    assert "    mcp__box__echo: Says what it was told. Twice." in done.stdout
    assert done.stdout.startswith("box was there after ")
    assert not Path(f"/proc/{pids.read_text().split()[0]}").exists(), "it was ended"
    failed = desk.run("mcp", "try", "bad")
    assert failed.returncode == 1
    assert "it ended with status 7: out of order" in failed.stdout
    assert desk.run("mcp", "try", "nobody").returncode == 2
    (desk.work / ".postil/settings.toml").write_text(f"[mcp.theirs]\ncommand = {words}\n")
    pids.unlink()
    refused = desk.run("mcp", "try", "theirs")
    assert (refused.returncode, refused.stdout) == (
        1,
        "theirs may not be started: the workspace is not trusted.\n",
    )
    assert not pids.exists()


def test_what_is_wrong_in_the_settings_is_said_with_its_line(desk: Desk) -> None:
    settings = desk.config / "settings.toml"
    settings.write_text('[mcp.box]\ncomand = ["box"]\n[[hooks.PreToolUs]]\nhooks = [{ command = "true" }]\n')
    done = desk.run("mcp", "list")
    assert done.returncode == 1
    assert "No settings name a server that can be used." in done.stdout
    assert f"{settings}:2: mcp: box.comand: there is no such field; did you mean `command`?\n" in done.stdout
    assert f"{settings}:3: hooks: " in done.stdout
    (mcp, hooks) = [json.loads(it) for it in desk.run("mcp", "list", "--json").stdout.splitlines()]
    assert (mcp["type"], mcp["line"], mcp["blocks"], hooks["blocks"]) == ("problem", 2, False, True)
    told = desk.run("overview")
    assert told.returncode == 1
    assert f"Wrong in {settings}:3: hooks: " in told.stdout
    assert "no session begins before that is mended" in told.stdout
    rows = {it["kind"]: it for it in map(json.loads, desk.run("overview", "--json").stdout.splitlines())}
    assert (rows["hook"]["name"], rows["hook"]["state"], rows["hook"]["source"]) == (
        "PreToolUs",
        "off",
        f"{settings}:3",
    )
    assert (rows["server"]["name"], rows["server"]["state"], rows["server"]["source"]) == (
        "box",
        "off",
        f"{settings}:2",
    )


def test_a_model_that_takes_no_references_has_another_way_to_tools(desk: Desk) -> None:
    (desk.config / "settings.toml").write_text('model = "local"')
    (use,) = [it for it in desk.rows() if it["name"] == "use_tool"]
    assert (use["state"], use["why"]) == ("loaded", "local takes no references to tools")


def test_a_workspaces_server_is_off_until_a_person_says_yes_to_what_it_is(desk: Desk) -> None:
    settings = desk.work / ".postil" / "settings.toml"
    settings.write_text(server("box"))
    assert desk.servers() == {"box": ("off", "the workspace is not trusted")}
    trusted(desk.work, desk.state)
    assert desk.servers() == {"box": ("off", "nobody has allowed what this workspace says of it")}
    assert "    allow it: postil mcp allow box\n" in desk.run("mcp", "list").stdout
    allowed = desk.run("mcp", "allow", "box")
    assert allowed.returncode == 0
    assert "allow it" not in desk.run("mcp", "list").stdout
    assert "Allowed: box: " in allowed.stdout
    assert "outside the sandbox: it runs with your rights" in allowed.stdout
    assert desk.servers()["box"][0] == "deferred"
    settings.write_text(server("box", 'env = { A = "b" }\n'))
    assert desk.servers() == {
        "box": ("off", "what this workspace says of it has changed since you decided about it")
    }
    desk.run("mcp", "deny", "box")
    assert desk.servers() == {"box": ("off", "you have left it off")}
    settings.write_text(server("box"))
    assert desk.servers()["box"][0] == "off", "what was allowed once and changed since is asked about again"


def test_a_server_of_ones_own_needs_a_word_where_it_names_a_file_of_the_workspace(desk: Desk) -> None:
    (desk.config / "settings.toml").write_text('[mcp.own]\ncommand = ["python3", "serve.py"]\n')
    (desk.work / "serve.py").write_text("x")
    done = desk.run("mcp", "allow", "own")
    assert done.returncode == 0, done.stderr
    assert "  runs: serve.py\n" in done.stdout


def test_a_server_that_is_not_the_workspaces_needs_no_word(desk: Desk) -> None:
    (desk.config / "settings.toml").write_text(server("own"))
    done = desk.run("mcp", "allow", "own")
    assert done.returncode == 2
    assert "This workspace names no server 'own'. It names none; one of your own needs no word" in done.stderr
    listed = desk.run("mcp", "list").stdout
    assert listed.startswith("own (server, yours, deferred: ")
    (row,) = [json.loads(it) for it in desk.run("mcp", "list", "--json").stdout.splitlines()]
    assert (row["type"], row["name"], row["state"], row["undecided"]) == ("server", "own", "deferred", False)
    assert str(desk.config / "settings.toml") in listed
