"""One Emacs without a window, which works at its own pace, with idle timers, while it is asked and told things from outside."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.editors.program import Program
from tests.editors.waiting import PATIENCE

SPY = Path(__file__).with_name("spy.el")


class Emacs(Program):
    """A running editor."""

    def __init__(self, binary: Path, init: Path, folder: Path, env: Mapping[str, str]) -> None:
        """Start it with this configuration in `folder`; its socket and its own state lie beside `init`."""
        home = init.parent
        self._client = binary.with_name("emacsclient")
        # A home of its own has nothing compiled; compiling it anew for each test would take longer than the test.
        quiet = f"""(setq package-user-dir "{home}" user-emacs-directory "{home}/"
                         native-comp-deferred-compilation nil native-comp-jit-compilation nil)"""
        command = [binary, "--no-init-file", "--no-splash", "--eval", quiet, "--load", init, "--load", SPY]
        command.append(f"--fg-daemon={home / 'emacs.sock'}")
        super().__init__("emacs", home, command, folder, {**env, "HOME": str(home)})
        try:
            self.until(self.listens)
        except BaseException:
            self.kill()
            raise

    def lisp(self, code: str) -> Any:
        """Evaluate Lisp; returns its value by way of JSON."""
        hidden = base64.b64encode(code.encode()).decode()
        asked = f'(spy-eval "{hidden}")'
        told = subprocess.run(
            [self._client, "-s", self.socket, "--eval", asked],
            env=self.env, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        if told.returncode != 0:
            raise AssertionError(f"{told.stderr} in {code}; {self.said()}")
        return json.loads(base64.b64decode(told.stdout.strip().strip('"')))

    def quit(self) -> int:
        """Leave without saving; returns the exit status."""
        subprocess.run(
            [self._client, "-s", self.socket, "--eval", "(kill-emacs)"],
            env=self.env, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return self.ended()


def quoted(text: str) -> str:
    """Return a text as Lisp reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
