"""Runs `postil` as people do: a process of its own, with or without a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 50.0


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str = ""

    @property
    def all(self) -> str:
        return self.out + self.err


def postil(
    *arguments: str,
    home: Path,
    data: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Said:
    """Run a command with its settings and its state in `home`; it has `data` for stdin and no terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "postil", *arguments],
        input=data, capture_output=True, check=False, timeout=PATIENCE, cwd=cwd or home, env=_environment(home, env),
    )  # fmt: skip
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.all
    return said


def postil_on_terminal(
    *arguments: str, home: Path, at: str, typed: str, env: Mapping[str, str] | None = None
) -> Said:
    """Run a command on a terminal and type a line once `at` is on the screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "postil", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=home, env=_environment(home, env),
    )  # fmt: skip
    os.close(theirs)
    try:
        screen = b""
        while at.encode() not in screen and (piece := _piece(ours)):
            screen += piece
        os.write(ours, typed.encode() + b"\n")
        while piece := _piece(ours):
            screen += piece
        return Said(process.wait(PATIENCE), screen.decode())
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def environment(home: Path) -> dict[str, str]:
    """Return what makes a process keep its settings and its state in `home`."""
    return {"POSTIL_CONFIG_DIR": str(home / "config"), "POSTIL_STATE_DIR": str(home / "state")}


def _environment(home: Path, env: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **environment(home), **(env or {})}


def _piece(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except OSError:  # the other end is closed
        return b""
