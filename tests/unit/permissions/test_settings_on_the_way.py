"""A search through a repository does not ask because of git's settings where nothing can see them."""

import json

import pytest

from postil.permissions.checking import answer_line

REPOSITORY = {"/ws/.git/config": "file:90", "/ws/.git/HEAD": "file:20", "/ws/a.py": "file:9"}


def decision(command: str, exists: dict[str, str] | None = None, **fs: object) -> str:
    question = {"command": command, "root": "/ws", "fs": {"exists": exists or REPOSITORY, **fs}}
    answer = answer_line(json.dumps(question))
    assert answer is not None
    return str(json.loads(answer)["decision"])


@pytest.mark.parametrize(
    "command",
    [
        "grep -rn x .",
        "grep -r x",
        "rg --hidden x",
        "grep -rl x . | head",
        "cd src && grep -rn x ..",
        "grep -Rn x /ws",
    ],
)
def test_it_runs_unasked(command: str) -> None:
    assert decision(command) == "auto"


@pytest.mark.parametrize(
    "command",
    [
        "cat .git/config", "grep -rn x .git", "grep x .git/*", "grep -rn x . ; git log", "git status && grep -rn x .", "grep -rn x ./.*",
        "grep -rn x . | xargs git show", "sort .git/config",
    ],
)  # fmt: skip
def test_what_names_them_or_runs_git_as_well_asks(command: str) -> None:
    assert decision(command) == "ask"


@pytest.mark.parametrize("name", ["/ws/.env", "/ws/sub/.git/config", "/ws/.git/x.pem", "/ws/sub/id_rsa"])
def test_other_secrets_on_the_way_ask(name: str) -> None:
    assert decision("grep -rn x .", {**REPOSITORY, name: "file:9"}) == "ask"


def test_a_folder_that_is_left_out_is_not_on_the_way() -> None:
    nested = {**REPOSITORY, "/ws/sub/.git/config": "file:9"}
    assert decision("grep -rn --exclude-dir=.git x .", nested) == "auto"
    assert decision("grep -rn --exclude-dir='.g*' x . ; git log", nested) == "auto"
    assert decision("grep -rn --exclude-dir={.git,sub} x .", nested) == "auto"
    for command in (
        "grep -rn --exclude-dir=git x .", "grep -rn --exclude=.git x .", "grep -rn --exclude-dir=.git x .git", "grep -rn --exclude-dir=./.git x .",
        "grep -rn --exclude-dir=$X x .", "grep --exclude-dir=.git x sub/.git/config", "grep -rn --exclude-dir=sub/.git x .",
    ):  # fmt: skip
        assert decision(command, nested) == "ask", command
    assert decision("grep -rn --exclude-dir=.git x .", {**REPOSITORY, "/ws/.env": "file:9"}) == "ask"
