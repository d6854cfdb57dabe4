"""Who may import whom, and who may start a process or write to stdout."""

import ast
import subprocess
import sys

import pytest

from tests.architecture.sources import (
    PACKAGE,
    ROOT,
    called_names,
    imported_names,
    parsed,
    python_files,
    shown,
)

CORE_MAY_IMPORT = {"postil", "pydantic", "pydantic_core"} | sys.stdlib_module_names

# The one place that starts processes, the program that becomes a confined command, and the faces that start the server as a child.
MAY_START_PROCESSES = (
    PACKAGE / "workspace" / "commands" / "shell.py",
    PACKAGE / "workspace" / "sandbox" / "confine.py",
    PACKAGE / "cli",
)
PROCESS_MODULES = {"subprocess", "multiprocessing", "pty", "asyncio.subprocess", "_posixsubprocess"}
PROCESS_PREFIXES = (
    "os.exec",
    "os.fork",
    "os.popen",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
)
PROCESS_NAMES = {
    "concurrent.futures.ProcessPoolExecutor",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "ProcessPoolExecutor",
    "subprocess_exec",
    "subprocess_shell",
}


def starts_process(tree: ast.AST) -> list[tuple[int, str]]:
    """Find what imports or calls something that starts a process."""
    found: list[tuple[int, str]] = []
    for line, name in [*imported_names(tree), *called_names(tree)]:
        parents = {name.rsplit(".", depth)[0] for depth in range(name.count(".") + 1)}
        is_process = name.startswith(PROCESS_PREFIXES) or name.rpartition(".")[2] in PROCESS_NAMES
        if is_process or parents & PROCESS_MODULES:
            found.append((line, name))
    return found


def test_import_contracts_are_kept() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
    result = subprocess.run(
        [*command, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_core_imports_the_standard_library_and_pydantic_only() -> None:
    foreign = [
        f"{shown(path)}:{line} imports {name}"
        for path in python_files(PACKAGE / "core")
        for line, name in imported_names(parsed(path))
        if name.partition(".")[0] not in CORE_MAY_IMPORT
    ]
    assert not foreign, "\n".join(foreign)


def test_processes_are_started_in_one_place() -> None:
    elsewhere = [
        f"{shown(path)}:{line} {name}"
        for path in python_files(PACKAGE)
        if not any(path.is_relative_to(place) for place in MAY_START_PROCESSES)
        for line, name in starts_process(parsed(path))
    ]
    assert not elsewhere, "start processes through postil.workspace.commands.shell:\n" + "\n".join(elsewhere)


def test_only_the_command_line_prints() -> None:
    prints = [
        f"{shown(path)}:{line}"
        for path in python_files(PACKAGE)
        if not path.is_relative_to(PACKAGE / "cli")
        for line, name in called_names(parsed(path))
        if name in {"print", "builtins.print", "sys.stdout.write"}
    ]
    assert not prints, "stdout belongs to the protocol:\n" + "\n".join(prints)


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess",
        "from subprocess import run",
        "import os\nos.execv('/bin/true', [])",
        "from os import posix_spawn",
        "import asyncio\nasync def f(): await asyncio.create_subprocess_exec('true')",
        "from asyncio import create_subprocess_shell",
        "import asyncio.subprocess",
        "loop.subprocess_exec(None, 'true')",
        "from concurrent.futures import ProcessPoolExecutor",
        "import multiprocessing.pool",
    ],
)
def test_a_process_started_elsewhere_would_be_seen(source: str) -> None:
    assert starts_process(ast.parse(source))


@pytest.mark.parametrize(
    "source", ["import os\nos.replace('a', 'b')", "from postil.workspace.commands import shell"]
)
def test_other_code_is_not_taken_for_a_process(source: str) -> None:
    assert not starts_process(ast.parse(source))
