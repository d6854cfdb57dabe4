"""The ways of installing the module that its README names, as far as they can be had without a network: its own lines, run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.nvim.conftest import needed
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.documented import ROOT

MODULE = ROOT / "clients" / "neovim"
ENABLE = "vim.lsp.enable('postil')\n"


@pytest.fixture(scope="session")
def binary() -> Path:
    """The newer Neovim: the module needs 0.11."""
    return needed("wheel")


@pytest.fixture
def clone(tmp_path: Path, desk: Desk) -> Path:
    """A clone of a repository that has the module in its folder, where vim.pack puts it."""
    origin, to = tmp_path / "origin", desk.home / "data/nvim/site/pack/core/opt/postil"
    shutil.copytree(MODULE, origin / "clients" / "neovim", ignore=shutil.ignore_patterns("tags"))
    git = ["git", "-C", str(origin), "-c", "user.name=one", "-c", "user.email=one@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *command], check=True)
    to.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", str(origin), str(to)], check=True)
    return to


def written(name: str) -> str:
    """Return what the README writes for one way, the last of its code."""
    rows = (MODULE / "README.md").read_text("utf-8").splitlines()
    (row,) = [it for it in rows if it.startswith(f"| {name}")]
    return re.findall(r"`([^`]+)`", row)[-1]


def works(desk: Desk, configured: str) -> None:
    """See that the module, its help and its server are there."""
    path = desk.world.file("app.py", "value = 1\n")
    desk.play("An answer.")
    nvim = desk.start(configured + ENABLE, path)
    nvim.until(lambda: nvim.lua("return require('postil').status()") == "Postil")
    nvim.run("Postil chat new")
    nvim.until(lambda: "/.postil/chat/" in nvim.lua("return vim.api.nvim_buf_get_name(0)"))
    nvim.run("checkhealth postil")
    said = "\n".join(nvim.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)"))
    assert "ERROR" not in said
    assert "a server runs in" in said


def test_as_a_package(desk: Desk) -> None:
    command = written("packages").replace("/path/to/postil", str(ROOT))
    assert command.count("~/.local/share/nvim/") == 2
    command = command.replace("~/.local/share", str(desk.home / "data"))
    subprocess.run(["/bin/sh", "-c", command], check=True)
    works(desk, "")
    assert desk.nvim.lua("return vim.api.nvim_get_runtime_file('doc/postil.txt', false)[1]")


def test_as_vim_pack_leaves_it(desk: Desk, clone: Path) -> None:
    assert clone.is_dir()
    works(desk, f"vim.cmd.packadd('postil')\n{written('vim.pack')}\n")


def test_as_lazy_nvim_loads_it(desk: Desk, clone: Path) -> None:
    """It loads what plugins have itself, and calls `config` with where the clone is."""
    function = written("lazy.nvim").removeprefix("config = ")
    assert function.startswith("function(it)")
    works(desk, f"vim.go.loadplugins = false\nlocal config = {function}\nconfig({{ dir = '{clone}' }})\n")
