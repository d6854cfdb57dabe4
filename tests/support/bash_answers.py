"""What bash itself says of scripts, many in one process: whether it reads them, and which words it hands over."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

import pytest

AT_ONCE = 100
"""Scripts that one process reads."""


def unreadable(scripts: Sequence[str]) -> list[str]:
    """Return the scripts that `bash -n` does not accept."""
    found: list[str] = []
    for start in range(0, len(scripts), AT_ONCE):
        found += _refused(scripts[start : start + AT_ONCE])
    return found


def words_of(commands: Sequence[str]) -> list[list[str]]:
    """Run commands that are arguments of a program; return for each what the program is given."""
    text = 'export LC_ALL=C.UTF-8\nshow() { printf \'%s\\0\' "$#" "$@"; }\n'
    ran = _bash([], text + "".join(f"show {it}\n" for it in commands))
    assert ran.returncode == 0, ran.stderr
    fields = ran.stdout.split("\0")
    found: list[list[str]] = []
    at = 0
    for _ in commands:
        count = int(fields[at])
        found.append(fields[at + 1 : at + 1 + count])
        at += 1 + count
    assert fields[at:] == [""], fields[at:]
    return found


def _refused(scripts: Sequence[str]) -> list[str]:
    """Read scripts in one go, each in brackets, so that none can be completed by the next; those at fault by halves."""
    if _reads("".join(f"({{ :\n{it}\n}})\n" for it in scripts)):
        return []
    if len(scripts) == 1:
        return [] if _reads(scripts[0]) else [*scripts]
    middle = len(scripts) // 2
    return _refused(scripts[:middle]) + _refused(scripts[middle:])


def _reads(text: str) -> bool:
    ran = _bash(["-n"], text)
    # Of a here-document that has no end, bash only warns.
    return ran.returncode == 0 and ran.stderr == ""


def _bash(options: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("bash")
    if program is None:
        pytest.skip("bash is not installed")
    command = [program, "--norc", "--noprofile", *options]
    ran = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())
