"""Runs the demo in a terminal of its own and draws what it printed: `python -m scripts.demo_picture docs/images/demo.svg`."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from scripts.drawing import drawn

WIDTH = 112


def main(target: Path) -> int:
    """Draw the picture and return the demo's exit status."""
    with tempfile.TemporaryDirectory() as state:
        environment = {
            **os.environ,
            "FORCE_COLOR": "1",
            "COLUMNS": str(WIDTH),
            "POSTIL_STATE_DIR": f"{state}/state",
        }
        demo = subprocess.run(
            [sys.executable, "-m", "postil", "demo"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        shown = demo.stdout.replace(f"{state}/state", "~/.local/state/postil")
    shown = re.sub(r"/\S*postil-demo-\w+/", "~/", shown)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", "bold"))
    console.print(Text.from_ansi(shown))
    target.write_text(drawn(console, "postil demo"), "utf-8")
    return demo.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
