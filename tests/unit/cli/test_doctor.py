"""`postil doctor`: each thing as it is here, with what mends it, and no secret."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from postil.cli.checks import home as home_checks
from postil.cli.checks import programs
from postil.config.load import load
from postil.model.scripted import ScriptedModel
from tests.unit.cli.command import Said, postil

KEY = "sk-ant-test-0123456789abcdefghij"


def rows(said: Said) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(said.out)["checks"]}


def program(folder: Path, name: str, says: str, status: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    (folder / name).chmod(0o755)


def offline() -> str:
    """An address on loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
async def model() -> AsyncIterator[ScriptedModel]:
    async with ScriptedModel.load({"replies": ["Hello."], "key": KEY}) as server:
        yield server


async def doctor(home: Path, *arguments: str, **env: str) -> Said:
    return await asyncio.to_thread(postil, "doctor", *arguments, home=home, env=env)


async def test_with_a_service_it_can_work(tmp_path: Path, model: ScriptedModel) -> None:
    said = await doctor(tmp_path, "--json", ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=KEY)
    assert said.status == 0
    found = rows(said)
    assert json.loads(said.out)["works"] is True
    assert found["key"]["found"] == "ANTHROPIC_API_KEY in the environment"
    assert found["model service"]["found"] == f"{model.url} answers"
    assert found["Python"]["found"].endswith(f"({sys.executable})")
    assert found["state directory"]["found"].startswith(str(tmp_path / "state"))
    assert KEY not in said.all


async def test_people_read_the_same(tmp_path: Path, model: ScriptedModel) -> None:
    said = await doctor(tmp_path, ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=KEY)
    assert said.status == 0
    assert said.out.endswith("\nPostil can work here.\n")
    assert "\x1b" not in said.out
    lines = said.out.splitlines()
    assert any(line.startswith("ok      Python ") for line in lines)
    assert any(line.startswith("missing keyring ") for line in lines)
    assert not (tmp_path / "state").exists(), "looking leaves nothing behind"


async def test_a_key_that_is_refused(tmp_path: Path, model: ScriptedModel) -> None:
    wrong = "sk-ant-test-wrong-wrong-wrong"
    said = await doctor(tmp_path, "--json", ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY=wrong)
    assert said.status == 1
    row = rows(said)["model service"]
    assert row["state"] == "problem"
    assert "not accepted" in row["found"]
    assert row["mend"]
    assert wrong not in said.all


def test_a_new_machine(tmp_path: Path) -> None:
    """No key, no program, and settings that are wrong: every row is there, and the service is not asked."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("mode = 'yolo'")
    said = postil("doctor", "--json", home=tmp_path, env={"PATH": str(tmp_path / "bin")})
    assert said.status == 1
    found = rows(said)
    assert {name for name, row in found.items() if row["needed"] and row["state"] != "ok"} == {
        "key",
        "settings",
    }
    assert found["key"]["state"] == "missing"
    assert "postil key set" in found["key"]["mend"]
    assert found["model service"]["found"] == "the service's own address was not asked: there is no key"
    assert found["keyring"]["state"] == "missing"
    assert [found[name]["state"] for name in ("ripgrep", "git", "editors")] == ["missing"] * 3
    assert found["ripgrep"]["mend"] == "Install ripgrep for faster searches."
    assert found["sandbox"]["found"] in {"bubblewrap", "Landlock and seccomp"}, (
        "what is on PATH makes no difference"
    )


def test_off_line_it_says_so(tmp_path: Path) -> None:
    said = postil("doctor", "--json", home=tmp_path, env={"ANTHROPIC_BASE_URL": offline()})
    assert said.status == 1
    found = rows(said)
    assert found["key"]["found"] == "not needed: the service is on this machine"
    assert found["model service"]["state"] == "problem"
    assert "cannot be reached" in found["model service"]["found"]


def test_secrets_in_an_address_are_not_shown(tmp_path: Path) -> None:
    url = offline().replace("//", "//ada:hunter2-secret@")
    said = postil("doctor", home=tmp_path, env={"ANTHROPIC_BASE_URL": url})
    assert "hunter2" not in said.all


def test_a_key_file_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "key").write_text(KEY)
    (tmp_path / "config" / "key").chmod(0o644)
    said = postil("doctor", "--json", home=tmp_path)
    assert said.status == 1
    row = rows(said)["key"]
    assert row["state"] == "problem"
    assert row["mend"].startswith("Run: chmod 600 ")
    assert KEY not in said.all


@pytest.mark.parametrize(
    ("text", "words", "needed"),
    [
        ("mode = ", "cannot be read", False),
        ("moed = 1", "moed: no such option", False),
        ("max_steps = 0", "max_steps: ", False),
        ("mode = 'yolo'", "No mode 'yolo'.", True),
        ("allow = ['edit(src']", "'edit(src' is not a rule.", True),
    ],
)
def test_settings_that_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str, needed: bool
) -> None:
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text(text)
    (row,) = home_checks.settings(load((tmp_path / "workspace",)))
    assert row.state == "problem"
    assert words in row.found
    assert row.mend
    assert row.stops is needed


def test_a_workspace_that_loosens_is_named(tmp_path: Path) -> None:
    (tmp_path / ".postil").mkdir()
    (tmp_path / ".postil" / "settings.toml").write_text("allow = ['Bash']\n")
    (row,) = home_checks.settings(load((tmp_path,)))
    assert "allow" in row.found
    assert "may only tighten" in row.found


def test_a_state_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    row = home_checks.state(tmp_path / "file" / "state")
    assert row.stops
    assert "not a folder" in row.found
    assert "POSTIL_STATE_DIR" in row.mend


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_checks, "LEAST_SPACE", 10**18)
    row = home_checks.state(tmp_path)
    assert row.state == "problem"
    assert row.mend.startswith("Make room")


async def test_programs_are_found_on_path_with_their_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "rg", "ripgrep 15.1.0 (rev 123)")
    program(tmp_path, "nvim", "NVIM v0.11.4")
    program(tmp_path, "emacs", "GNU Emacs 28.2")
    program(tmp_path, "kak", "Kakoune v2022.10.31")
    program(tmp_path, "hx", "it fell", status=1)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {row.name: row for row in await programs.rows()}
    assert found["ripgrep"].found == "15.1.0"
    assert found["Neovim"].found == "0.11.4"
    assert found["Emacs"].found == "28.2"
    assert found["Kakoune"].found == "2022.10.31 (needs an LSP plug-in)"
    assert found["Helix"].found == "of an unknown version"
    assert found["git"].state == "missing"
    assert "VS Code" not in found


async def test_a_program_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", "nvim", "")
    (tmp_path / "bin" / "nvim").write_text("#!/bin/sh\nexec sleep 1000\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(programs, "PATIENCE", 0.2)
    assert await programs.version("nvim") == "of an unknown version"


def test_other_arguments_are_refused(tmp_path: Path) -> None:
    assert postil("doctor", "--mend", home=tmp_path).status == 2
