"""What is generated from the code is what is in the repository."""

import subprocess
import sys

from tests.architecture.sources import ROOT


def test_generated_files_are_fresh() -> None:
    command = [sys.executable, "-m", "postil.cli.generate", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, "run `make gen`:\n" + result.stdout + result.stderr
