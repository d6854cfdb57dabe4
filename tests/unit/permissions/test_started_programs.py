"""What a line starts, as far as its words say."""

from pathlib import Path

import pytest

from postil.core.outlook import Starts
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.started_programs import starts_of
from postil.permissions.shell.surroundings import Surroundings

AROUND = Surroundings(("/ws",), "/ws", "/home/me", GivenFiles({"/ws/link": "/etc/x"}, {}, {}))


def starts(line: str) -> Starts:
    return starts_of(line, Path("/ws"), AROUND)


@pytest.mark.parametrize(
    ("line", "programs"),
    [
        ("make -j4 && npm test | tee log", ("make", "npm", "tee")),
        ("cd x; echo a; [ -f b ] && true; export A=1", ()),
        ("for i in 1 2; do ./run.sh $i; done", ("./run.sh",)),
        ("FOO=1 /opt/x/bin/y", ("/opt/x/bin/y",)),
        ("$X a", ()),
        ("make; make", ("make",)),
        ("if x; then", ()),
    ],
)
def test_programs_are_told_by_their_words(line: str, programs: tuple[str, ...]) -> None:
    assert starts(line).programs == programs


def test_what_stands_behind_other_programs_is_told_apart() -> None:
    found = starts("sudo rm x && timeout 5 make && xargs touch")
    assert found.programs == ("sudo", "make", "xargs")
    assert {"rm", "touch"} <= set(found.perhaps)
    assert starts("sh -c 'make all'").perhaps == ("make",)


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("sh run.sh", ["/ws/run.sh"]),
        ("cd a && python3 -u b.py c.txt", ["/ws/a/b.py", "/ws/a/c.txt"]),
        ("./x.sh a", ["/ws/x.sh"]),
        ("make -f other.mk all", ["/ws/other.mk", "/ws/all"]),
        ("docker build --file=Dockerfile .", ["/ws/build", "/ws/Dockerfile", "/ws"]),
        ("psql < x.sql", ["/ws/x.sql"]),
        (". ./env", ["/ws/env"]),
        ("git add a.py", []),
        ("sh link", []),
        ("sh ../x", []),
        ("sh -c 'sh y'", ["/ws/sh y", "/ws/y"]),
    ],
)
def test_files_are_those_that_are_run_as_code_in_the_workspace(line: str, files: list[str]) -> None:
    assert list(map(str, starts(line).files)) == files


@pytest.mark.parametrize("line", ["", "'", "a\0b", "(" * 500, "x" * 20_000])
def test_it_never_raises(line: str) -> None:
    starts(line)
