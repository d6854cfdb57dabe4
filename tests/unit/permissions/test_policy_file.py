"""What is wrong with a file of settings, and where: as an editor shows it while it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.config.options import Layer
from postil.permissions.policy_file import PolicyFile, look, look_together
from postil.permissions.rule import parse


def told(file: PolicyFile) -> list[tuple[str, int, str]]:
    return [(it.code, it.span.line, it.message) for it in file.problems]


def codes(text: str, layer: Layer = "user") -> list[str]:
    return [it.code for it in look(text, layer).problems]


def rules(*, allow: str = "", ask: str = "", deny: str = "") -> str:
    lists = {"allow": allow, "ask": ask, "deny": deny}
    return "\n".join(f"{key} = [{', '.join(map(repr, it.split(' | ')))}]" for key, it in lists.items() if it)


def test_a_file_that_is_well_has_no_problems() -> None:
    text = rules(allow="Bash(npm test:*) | Edit(src/**)", ask="Bash(git push:*)", deny="Read(private/**)")
    assert look(text, "user").problems == ()
    assert [(it.rule.text, it.span.line) for it in look(text, "user").rules] == [
        ("Bash(npm test:*)", 0), ("Edit(src/**)", 0), ("Bash(git push:*)", 1), ("Read(private/**)", 2),
    ]  # fmt: skip
    assert look("", "workspace") == PolicyFile((), (), 0)


@pytest.mark.parametrize(
    ("text", "layer", "want"),
    [
        ("allow = [", "user", ["syntax"]),
        ("colour = 3", "user", ["unknown-option"]),
        ("max_steps = 0", "user", ["bad-value"]),
        ("mode = 'yolo'", "user", ["bad-value"]),
        ("allow = ['Edit', 3]", "user", ["bad-value"]),
        ("allow = ['Edit(', 'Nope(x)']", "user", ["bad-rule", "bad-rule"]),
        ("allow = ['Edit']", "workspace", ["not-here"]),
        ("mode = 'plan'", "workspace", ["not-here"]),
        ("mode = 'plan'", "administrator", ["not-here"]),
        ("model = 'x'\nallow = ['Edit']", "administrator", []),
        ("deny = ['Edit']\nask = ['Bash']", "workspace", []),
        ("[[test]]\nrule = 'Edit'\nmatches = []", "user", ["bad-value"]),
    ],
)
def test_what_does_not_count(text: str, layer: Layer, want: list[str]) -> None:
    assert codes(text, layer) == want


def test_each_problem_has_its_place() -> None:
    text = 'mode = "default"\nallow = [\n  "Edit(src/**)",\n  "Nopé(x)", "Nope(x)",\n]\n'
    (first, second) = look(text, "user").problems
    assert (first.span.line, first.span.column, first.span.end_column) == (3, 2, 11)
    assert (second.span.line, second.span.column, second.span.end_column) == (3, 13, 22)
    assert "The kinds are" in second.message


NEVER: list[tuple[str, dict[str, str], str]] = [
    ("allow", {"allow": "Bash(npm test)", "deny": "Bash(npm test)"}, "denied by Bash(npm test) (user)"),
    ("allow", {"allow": "Bash(npm test)", "ask": "Bash(npm:*)"}, "asked about by Bash(npm:*) (user)"),
    ("allow", {"allow": "Bash(npm test:*)", "deny": "Bash"}, "denied by Bash (user)"),
    ("ask", {"ask": "Bash(npm test)", "deny": "Bash(npm:*)"}, "denied by Bash(npm:*) (user)"),
    ("allow", {"allow": "Edit(src/gen/**)", "deny": "Edit(src/**)"}, "denied by Edit(src/**) (user)"),
    ("allow", {"allow": "Edit(src/a.py)", "deny": "Edit(*.py)"}, "denied by Edit(*.py) (user)"),
    ("allow", {"allow": "Edit(*.md)", "deny": "Edit"}, "denied by Edit (user)"),
    ("allow", {"allow": "Read(~/x/**)", "ask": "Read(~/x)"}, "asked about by Read(~/x) (user)"),
    ("allow", {"allow": "WebFetch(domain:a.b.org)", "deny": "WebFetch(domain:b.org)"}, "denied by WebFetch(domain:b.org) (user)"),
    ("allow", {"allow": "Bash(rm -rf ~)"}, "all of ~ would be lost or changed"),
    ("allow", {"allow": "Bash(npm test > x)"}, "it writes to x"),
    ("allow", {"allow": "Edit(.git/**)"}, ".git/… is protected: no tool may write it"),
    ("allow", {"allow": "Edit(Makefile)"}, "Makefile is run by builds and installs; Edit(./Makefile) is the one in the workspace's own folder"),
    ("allow", {"allow": "Read(.env)"}, ".env is known to hold secrets; Read(./.env) is the one in the workspace's own folder"),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "given_rules", "why"), NEVER)
def test_a_rule_that_never_decides(verdict: str, given_rules: dict[str, str], why: str) -> None:
    (problem,) = look(rules(**given_rules), "user").problems
    assert (problem.code, problem.severity) == ("never-decides", "warning")
    assert problem.message == f"{given_rules[verdict]} never decides: {why}"
    assert problem.span.line == list(given_rules).index(verdict)
    assert (problem.about is not None) == ("(user)" in why)


@pytest.mark.parametrize(
    "given_rules",
    [
        {"allow": "Bash(git:*)", "deny": "Bash(git push:*)"},
        {"allow": "Bash(git push:*)", "deny": "Bash(git push --force:*)"},
        {"allow": "Bash(git push:*)", "ask": "Bash(git push)"},
        {"allow": "Edit(src/**)", "deny": "Edit(src/gen/**)"},
        {"allow": "Edit", "deny": "Edit(*.md)"},
        {"allow": "Edit(src)", "deny": "Edit(src/*.py)"},
        {"allow": "Edit(./Makefile) | Read(./.env) | Read"},
        {"allow": "Edit(s[rt]c/**)", "deny": "Edit(src/**)"},
        {"allow": "WebFetch(domain:*.b.org)", "deny": "WebFetch(domain:a.b.org)"},
        {"allow": "Read(src/**)", "deny": "Edit(src/**)"},
        {"allow": "Bash(git status)", "ask": "Read(secret/**)"},
    ],
)
def test_a_rule_that_may_decide_is_left_alone(given_rules: dict[str, str]) -> None:
    assert codes(rules(**given_rules)) == []


def test_a_rule_that_stands_twice() -> None:
    (problem,) = look('deny = ["Edit(a)",\n  "Edit(a)"]', "user").problems
    assert (problem.code, problem.severity, problem.span.line) == ("duplicate", "warning", 1)
    assert problem.about is not None
    assert problem.about.line == 0


def test_the_rules_of_other_files_are_stricter_too() -> None:
    mine, theirs = rules(allow="Bash(npm test:*)"), rules(ask="Bash(npm:*)")
    (own, workspace) = look_together([("user", "own.toml", mine), ("workspace", "w.toml", theirs)])
    assert told(own) == [
        (
            "never-decides",
            0,
            "Bash(npm test:*) never decides: asked about by Bash(npm:*) (workspace) of w.toml",
        )
    ]
    assert own.problems[0].about is None
    assert workspace.problems == ()
    beyond = [parse("Bash", "deny", "administrator", "/etc/postil/settings.toml")]
    assert "of /etc/postil/settings.toml" in look(mine, "user", beyond=beyond).problems[0].message


# --- examples beside rules ---------------------------------------------------------------------------------


def failing(rule: str, verdict: str, *, match: str = "", not_match: str = "") -> list[str]:
    """Return what fails of examples beside one rule, each example on a line of its own."""
    lists = {
        "match": match.split(" | ") if match else [],
        "not_match": not_match.split(" | ") if not_match else [],
    }
    shown = "".join(f"{key} = {list(it)!r}\n" for key, it in lists.items())
    text = f"{verdict} = [{rule!r}]\n[[test]]\nrule = {rule!r}\n{shown}"
    return [it.message for it in look(text, "user").problems if it.code == "failing-test"]


@pytest.mark.parametrize(
    ("rule", "verdict", "match", "not_match"),
    [
        ("Bash(npm test:*)", "allow", "npm test | npm 'test' -q", "npm tests | npm test > x | npm test; rm x | git status"),
        ("Bash(npm test:*)", "deny", "npm test > x | sudo npm test | ls; npm test", "npm tests | git status"),
        ("Bash(rm:*)", "deny", "rm -rf ~ | bash -c 'rm x'", "ls"),
        ("Bash(git status)", "allow", "git status", "git log"),
        ("Edit(src/**)", "allow", "src/a.py | ./src/b/c.py", "lib/a.py | src/Makefile | src/.git/x | ../src/a.py"),
        ("Edit(src/**)", "deny", "src/a.py | SRC/a.py | lib/../src/a.py", "lib/a.py"),
        ("Read(~/notes/**)", "allow", "~/notes/a.md", "~/other/a.md | notes/a.md"),
        ("Read(src/**)", "allow", "src/a.py", "lib/a.py"),
        ("WebFetch(domain:*.x.org)", "allow", "https://a.x.org/y", "https://x.org/ | http://a@b.x.org/"),
        ("WebFetch(domain:x.org)", "deny", "https://a.x.org/ | http://x.org:80/", "https://ax.org/"),
    ],
)  # fmt: skip
def test_examples_mean_what_the_tools_would_do(rule: str, verdict: str, match: str, not_match: str) -> None:
    assert failing(rule, verdict, match=match, not_match=not_match) == []
    assert len(failing(rule, verdict, match=not_match)) == len(not_match.split(" | "))
    assert len(failing(rule, verdict, not_match=match)) == len(match.split(" | "))


def test_what_fails_says_why_and_where() -> None:
    text = (
        'allow = ["Bash(npm test:*)"]\n[[test]]\nrule = "Bash(npm test:*)"\n'
        'match = ["npm test", "npm test > x"]\nnot_match = ["npm test x"]\n'
    )
    file = look(text, "user")
    assert told(file) == [
        ("failing-test", 3, "Bash(npm test:*) does not match 'npm test > x': it writes to x"),
        ("failing-test", 4, "Bash(npm test:*) matches 'npm test x'"),
    ]
    assert [(it.span.column, it.about and it.about.line) for it in file.problems] == [(21, 0), (13, 0)]
    assert file.tried == 3


def test_examples_of_a_rule_that_is_not_here() -> None:
    assert told(look('[[test]]\nrule = "Edit(x)"\nmatch = ["x"]', "user")) == [
        ("test-without-rule", 1, "'Edit(x)' is no rule of this file, so nothing is tested")
    ]


@given(st.text(alphabet="abEdit()Bash*[]\"'=\n,. /~x", max_size=80))
def test_looking_is_total(text: str) -> None:
    look(text, "user")
    look(f'deny = ["""{text}"""]', "workspace")
    look(f"allow = ['''{text}''']\n[[test]]\nrule = 'Edit'\nmatch = ['''{text}''']", "user")


def test_the_page_on_permissions_shows_what_holds() -> None:
    """The example of the documentation is well, and its examples hold."""
    page = (Path(__file__).parents[3] / "docs/howto/permissions.md").read_text("utf-8")
    (text,) = (it for it in page.split("```toml\n")[1:] if "[[test]]" in it.split("```")[0])
    file = look(text.split("```")[0], "user")
    assert file.problems == ()
    assert file.tried > 2
