"""What a command must not load before it is needed: guarded by names, not by clocks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.asking import desk

BEFORE_THE_REQUEST = """
import json, os, sys

def look(event, arguments):
    if event == "socket.connect":
        sys.stderr.write("LOADED " + json.dumps(sorted(sys.modules)) + "\\n")

sys.addaudithook(look)
from postil.cli.main import run
sys.exit(run(sys.argv[1:]))
"""
NOT_FOR_ASK = {
    "acp", "attr", "cattrs", "keyring", "lsprotocol", "lxml", "mcp", "orjson", "pygls", "rich",
    "anthropic.lib.foundry", "anthropic.lib.tools", "postil.acp", "postil.agent.calls.invoke", "postil.permissions.evaluate", "postil.permissions.shell.parser",
    "postil.cli.demo", "postil.cli.doctor", "postil.cli.render", "postil.lsp", "postil.model.scripted", "postil.web.fetching",
}  # fmt: skip


@pytest.mark.parametrize("options", [["--json"], []])
async def test_ask_loads_nothing_that_its_first_request_does_not_need(
    tmp_path: Path, options: list[str]
) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        (place.workspace / "AGENTS.md").write_text("Use tabs.\n")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", BEFORE_THE_REQUEST, "ask", *options, "Go."),
            cwd=place.workspace, env=place.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
    (line,) = [line for line in err.decode().splitlines() if line.startswith("LOADED")]
    loaded = set(line.removeprefix("LOADED ").replace('"', "").strip("[]").split(", "))
    assert "anthropic" in loaded
    assert not loaded & NOT_FOR_ASK
    assert process.returncode == 0
    assert "Hello." in out.decode()


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--version"], {"asyncio", "pydantic", "yaml", "rich", "anthropic", "postil.app"}),
        (["--help"], {"asyncio", "pydantic", "yaml", "rich", "anthropic", "postil.app"}),
        (["ask", "Go.", "--workspace", "nowhere"], {"anthropic", "rich", "pygls"}),
    ],
)
def test_what_needs_nothing_loads_nothing(arguments: list[str], absent: set[str]) -> None:
    code = (
        "import atexit, sys\natexit.register(lambda: sys.stderr.write('\\n'.join(['', *sys.modules])))\n"
        "from postil.cli.main import run\nsys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert not set(done.stderr.split()) & absent


def test_the_server_answers_initialize_without_the_sdk() -> None:
    code = "from postil.lsp.serving import create_server\ncreate_server()\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    late = {
        "anthropic",
        "httpx2",
        "keyring",
        "rich",
        "yaml",
        "pathspec",
        "postil.app",
        "postil.agent.session",
    }
    assert not set(done.stdout.split()) & late
