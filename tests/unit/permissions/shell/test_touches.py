"""What programs write and run by their words, git among them."""

from __future__ import annotations

import pytest

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.part import Part
from postil.permissions.shell.touches.table import is_option_that_starts, starts_by_option
from postil.permissions.shell.touches.words import doing_of


def part(*words: str) -> Part:
    return Part(tuple(Argument(it, leading=it) for it in words), frozenset({"/ws"}))


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (("cp", "a", "b"), ["b"]),
        (("cp", "-t", "b", "a"), ["b"]),
        (("curl", "-o", "x", "u"), ["x"]),
        (("sort", "-ox", "a"), ["x"]),
        (("dd", "if=a", "of=b"), ["b"]),
        (("sed", "-i", "s/a/b/", "x"), ["x"]),
        (("sed", "s/a/b/", "x"), []),
        (("git", "mv", "a", "b"), ["a", "b"]),
        (("git", "log", "--output=x"), ["x"]),
        (("git", "log"), []),
    ],
)
def test_what_is_written(words: tuple[str, ...], want: list[str]) -> None:
    assert [it.argument.text for it in doing_of(part(*words)).written if it.certain] == want


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (("tar", "xf", "a", "--to-command", "id"), "id"),
        (("ssh", "-o", "ProxyCommand=id", "h"), "id"),
        (("git", "-c", "alias.x=!id", "x"), "id "),
        (("git", "bisect", "run", "id"), "id"),
        (("git", "rebase", "-x", "id"), "id"),
    ],
)
def test_what_is_run_as_a_script(words: tuple[str, ...], want: str) -> None:
    assert want in doing_of(part(*words)).scripts


def test_a_setting_that_names_a_program_is_told() -> None:
    assert doing_of(part("git", "config", "core.fsmonitor", "./x")).setting == "core.fsmonitor"
    assert doing_of(part("git", "config", "user.name", "x")).setting == ""


def test_it_is_worked_out_once() -> None:
    one = part("cp", "a", "b")
    assert doing_of(one) is doing_of(one)


def test_options_that_start_programs_are_told_by_the_table() -> None:
    assert starts_by_option("tar")
    assert not starts_by_option("cp")
    assert is_option_that_starts("tar", Argument("--to-command=x", leading="--to-command=x"))
    assert not is_option_that_starts("tar", Argument("-v", leading="-v"))
