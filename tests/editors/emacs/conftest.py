"""The Emacs that the tests run in, and the desk they work at."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.emacs.desk import Desk, new_desk


def has_eglot(binary: str) -> bool:
    """Whether an Emacs finds eglot: from 29 on it is a part of it, before that a package."""
    command = [binary, "--batch", "--no-init-file", "--eval", "(require 'eglot)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def binary() -> Path:
    """The system's Emacs; where it or eglot is missing a skip, and a failure where everything has to be there."""
    found = shutil.which("emacs")
    if found is None or not has_eglot(found):
        reason = f"{'eglot' if found else 'Emacs'} is not installed; as root: make test-system-deps"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    assert found is not None
    return Path(found)


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, binary: Path) -> Iterator[Desk]:
    """A project; no model yet, no editor yet."""
    with new_desk(tmp_path, tmp_path_factory.mktemp("em"), binary) as desk:
        yield desk
