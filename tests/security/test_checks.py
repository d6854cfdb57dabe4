"""Every check fires on its own examples, and on nothing that it should leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.permissions.shell.checks import Check, checks
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.guard import judge
from postil.permissions.shell.programs import ROLES, Program, tables
from postil.permissions.shell.surroundings import Surroundings

AROUND = Surroundings(
    ("/ws",),
    "/ws",
    "/home/me",
    GivenFiles({}, {}, {}),
    own=("/home/me/.config/postil", "/home/me/.local/state/postil"),
)
NAMES = [
    "arithmetic", "brace", "builtins", "catastrophe", "closed-files", "command-name", "continuation", "decode", "environment", "executes-later", "git",
    "glob-injection", "heredoc", "liveness", "mini-languages", "operand-roles", "options", "outside", "parameter", "paths", "raw-bytes", "redirect",
    "repo-state", "secrets", "self-protection", "shadowing", "size", "split", "substitution", "syntax", "tool-config", "unicode", "unseen", "wrapper",
]  # fmt: skip


def test_the_checks_are_these() -> None:
    assert [it.name for it in checks()] == NAMES


@pytest.mark.parametrize("check", checks(), ids=lambda it: it.name)
def test_a_check_fires_on_its_examples(check: Check) -> None:
    for verdict, lines in (("ask", check.examples.ask), ("deny", check.examples.deny)):
        for line in lines:
            found = judge(line, AROUND)
            assert (found.verdict, check.name in found.checks) == (verdict, True), (line, found.findings)
    for line in check.examples.auto:
        found = judge(line, AROUND)
        assert found.verdict == "auto", (line, found.findings)
    for line in check.examples.spared:
        assert check.name not in judge(line, AROUND).checks, line


def test_every_role_in_the_tables_is_known() -> None:
    for name, program in tables().items():
        for table in (program, *program.subcommands.values()):
            assert {it for it in _roles(table) if not it.startswith("=")} <= ROLES, name


def test_a_repository_that_could_run_something_is_asked_about() -> None:
    around = Surroundings(
        ("/ws",), "/ws", "/home/me", GivenFiles({}, {}, {}), repository=lambda _: "it has an include"
    )
    assert judge("git status", around).checks == ("repo-state",)
    assert judge("ls", around).verdict == "auto"


def test_each_check_says_in_its_file_what_it_is() -> None:
    folder = Path(__file__).parents[2] / "server/postil/permissions/shell/checks"
    assert len(list(folder.glob("*.py"))) == len(NAMES) + 1


def _roles(table: Program) -> set[str]:
    roles = {*table.operands, *table.values.values(), *table.optional.values()}
    return {it.removesuffix("*") for it in roles}
