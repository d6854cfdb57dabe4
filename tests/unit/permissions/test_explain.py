"""Why something was decided: the rules that won, those that lost, and the checks that fired."""

from pathlib import Path

import pytest

from postil.core.effects import Access, Command, FileEdit
from postil.permissions.evaluate import evaluate
from postil.permissions.explain import explain
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, Source, parse
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.surroundings import Surroundings

ROOT = Path("/ws")
AROUND = Surroundings(("/ws",), "/ws", "/home/me", GivenFiles({}, {}, {}))


def rule(text: str, source: Source = "user") -> Rule:
    verdict, written = text.split(" ", 1)
    assert verdict in ("allow", "ask", "deny")
    return parse(written, verdict, source)


def policy(*rules: Rule | str) -> Policy:
    given = tuple(it if isinstance(it, Rule) else rule(it) for it in rules)
    return Policy(given, (ROOT,), around=AROUND)


def runs(line: str) -> Access:
    return Access(command=Command(line, ROOT, 1.0), open_world=True)


@pytest.mark.parametrize(
    ("line", "rules", "won", "lost"),
    [
        ("git status", (), (), ()),
        ("make", (), (), ()),
        ("make", ("allow Bash(make)",), ("Bash(make)",), ()),
        (
            "make && npm test",
            ("allow Bash(npm test:*)", "allow Bash(make)", "allow Bash(tox)"),
            ("Bash(npm test:*)", "Bash(make)"),
            (),
        ),
        (
            "make",
            ("allow Bash(make)", "ask Bash(make:*)", "deny Bash(make clean)"),
            ("Bash(make:*)",),
            ("allow Bash(make) (user)",),
        ),
        (
            "sudo rm x",
            ("deny Bash(rm:*)", "allow Bash(sudo:*)"),
            ("Bash(rm:*)",),
            ("allow Bash(sudo:*) (user)",),
        ),
        ("make > x", ("allow Bash(make)",), (), ("allow Bash(make) (user)",)),
        ("rm -rf ~", ("allow Bash",), (), ("allow Bash (user)",)),
    ],
)
def test_which_rules_won_and_which_lost(
    line: str, rules: tuple[str, ...], won: tuple[str, ...], lost: tuple[str, ...]
) -> None:
    found = explain(runs(line), policy(*rules))
    assert found.decision == evaluate(runs(line), policy(*rules))
    assert (set(found.rules), found.lost) == (set(won), lost)


def test_what_a_workspaces_own_file_allows_lost() -> None:
    found = explain(runs("make"), policy(rule("allow Bash(make)", "workspace")))
    assert found.decision.verdict == "ask"
    assert found.lost == ("allow Bash(make) (workspace)",)
    assert "tool-config" in found.checks


def test_rules_about_files() -> None:
    edit = Access(edits=(FileEdit(ROOT / "src/a.py", "h", "x"),))
    rules = ("allow Edit(src/**)", "ask Edit(*.py)", "deny Edit(docs/**)", "allow Read(src/**)")
    found = explain(edit, policy(*rules))
    assert (found.rules, found.lost) == (("Edit(*.py)",), ("allow Edit(src/**) (user)",))
    read = explain(Access(reads=(ROOT / "a.py",)), policy())
    assert (read.decision.verdict, read.rules, read.lost) == ("allow", ("Read(./**)",), ())


def test_what_is_overruled_in_each_part() -> None:
    found = explain(runs("make && npm test > x"), policy("allow Bash(npm test:*)"))
    assert found.allowing == {1: "Bash(npm test:*)"}
    assert [it.check for it in found.against(1)] == ["redirect"]
    assert {it.check for it in found.against(0)} >= {"tool-config"}


def test_an_explanation_that_fails_changes_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise ValueError("no")

    monkeypatch.setattr("postil.permissions.explain.covers", fail)
    edit = Access(edits=(FileEdit(ROOT / "src/a.py", "h", "x"),))
    found = explain(edit, policy("allow Edit(src/**)"))
    assert (found.decision.verdict, found.rules) == ("allow", ("Edit(src/**)",))
