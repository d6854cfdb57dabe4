"""The optional module as files: small, each of them Lua, its help found by its tags; checkhealth on both Neovims."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.nvim.conftest import needed
from tests.editors.nvim.desk import Desk, is_new
from tests.editors.nvim.documented import with_module

ROOT = Path(__file__).parents[3] / "clients" / "neovim"
FILES = sorted(ROOT.rglob("*.lua"))
MOST = 400
LOADED = "lua for _, it in ipairs(vim.fn.argv()) do assert(loadfile(it)) end"


def test_all_of_it_has_fewer_lines_than_were_promised() -> None:
    lines = [line for path in FILES for line in path.read_text("utf-8").splitlines()]
    assert len(FILES) > 5
    assert len(lines) < MOST
    assert [it for it in lines if len(it) > 140 or it != it.rstrip() or "\t" in it] == []
    for path in FILES:
        assert path.read_text("utf-8").startswith("-- "), f"{path.name} says in its first line what it is for"


def test_each_file_is_lua(binary: Path) -> None:
    command = [binary, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", LOADED, "-c", "qa!", *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""


def test_its_help_has_a_tag_for_everything_that_it_leads_to(binary: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "doc", tmp_path / "doc")
    command = [
        binary,
        "--headless",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
        "-c",
        f"helptags {tmp_path / 'doc'}",
        "-c",
        "qa!",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    tags = {it.partition("\t")[0] for it in (tmp_path / "doc" / "tags").read_text("utf-8").splitlines()}
    text = (ROOT / "doc" / "postil.txt").read_text("utf-8")
    assert {it for it in re.findall(r"\|(\S+)\|", text) if "postil" in it.lower()} <= tags
    assert max(map(len, text.splitlines())) <= 78


@pytest.fixture
def health(desk: Desk) -> str:
    """Open a file where the module is there, and return what checkhealth says."""
    path = desk.world.file("app.py", "value = 1\n")
    desk.play("Nothing.")
    configured = with_module()
    if not is_new(desk.binary):
        configured = configured.splitlines()[0]
        nvim = desk.begin(configured, path)
    else:
        nvim = desk.start(configured, path)
    nvim.run("checkhealth postil")
    return "\n".join(nvim.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)"))


def test_checkhealth_says_what_works_and_what_is_missing(desk: Desk, health: str) -> None:
    if is_new(desk.binary):
        assert re.search(r"OK .*bin/postil: postil \d", health), health
        assert f"a server runs in {desk.world.root}; status: Postil" in health
        assert "WARNING" not in health
    else:
        assert "this needs Neovim 0.11" in health
        assert desk.nvim.lua("return vim.fn.exists(':Postil')") == 0
    assert "ERROR" not in health


def test_checkhealth_names_a_program_that_is_not_there(tmp_path: Path) -> None:
    command = [
        "--headless",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
        "--cmd",
        f"set rtp+={ROOT}",
        "-c",
        "checkhealth postil",
    ]
    shown = "lua io.stdout:write(table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\\n'))"
    done = subprocess.run(
        [needed("wheel"), *command, "-c", shown, "-c", "qa!"],
        capture_output=True, text=True, check=True, timeout=60, env={"PATH": "", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert "ERROR postil is not on PATH" in done.stdout
    assert "vim.lsp.enable('postil')" in done.stdout
