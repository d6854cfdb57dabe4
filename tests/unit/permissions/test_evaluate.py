"""Access and rules to a decision: pure, total, the same in any order, and never loosened by an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core.effects import Access, Added, Command, FileEdit
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.keeping_back import kept_back
from postil.permissions.kinds import paths
from postil.permissions.modes import modes
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, Source, Verdict, loosening_sources, parse
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.surroundings import Surroundings

ROOT = Path("/p")
ROOTS = (ROOT,)
AROUND = Surroundings(("/p",), "/p", "/home/me", GivenFiles({}, {}, {}))
SOURCES: tuple[Source, ...] = (
    "administrator",
    "user",
    "session",
    "agent_type",
    "mode",
    "built_in",
    "workspace",
)


def edit(path: str, after: str | None = "x") -> Access:
    return Access(edits=(FileEdit(ROOT / path, "h", after),))


def read(path: str) -> Access:
    return Access(reads=(ROOT / path,))


def runs(line: str) -> Access:
    return Access(command=Command(line, ROOT, 10.0), open_world=True)


def outside(line: str) -> Access:
    return Access(command=Command(line, ROOT, 10.0, outside="it needs the network"), open_world=True)


def decide(access: Access, *rules: str, **more: Any) -> Decision:
    """Decide under rules written as `allow Edit(src/**)`, from the user."""
    return evaluate(access, Policy(tuple(written(rule) for rule in rules), ROOTS, around=AROUND, **more))


def written(rule: str, source: Source = "user") -> Rule:
    verdict, text = rule.split(" ", 1)
    assert verdict in ("allow", "ask", "deny")
    return parse(text, verdict, source)


@pytest.mark.parametrize(
    ("access", "rules", "want"),
    [
        (Access(), (), "allow"),
        (read("a.py"), (), "allow"),
        (read("a.py"), ("ask Read(a.py)",), "ask"),
        (read("a.py"), ("deny Read", "allow Read(a.py)"), "deny"),
        (read("../q/a.py"), (), "ask"),
        (read("/etc/hosts"), ("allow Read(//etc/hosts)",), "allow"),
        (read(".env"), (), "ask"),
        (read(".env"), ("allow Read",), "ask"),
        (read(".env"), ("allow Read(*)",), "ask"),
        (read(".env"), ("allow Read(./.env)",), "allow"),
        (read(".env"), ("allow Read(/.env)",), "allow"),
        (read("conf/.env"), ("allow Read(./conf)",), "ask"),
        (read("conf/.env"), ("allow Read(conf/.env)",), "allow"),
        (read(".env"), ("allow Read(./.env)", "allow Read"), "allow"),
        (edit("a.py"), (), "ask"),
        (edit("a.py"), ("allow Edit",), "allow"),
        (edit("a.py", None), ("allow Edit(a.py)",), "allow"),
        (edit("src/a.py"), ("allow Edit(src/**)", "deny Edit(*.py)"), "deny"),
        (edit("a.py"), ("allow Edit(a.py)", "ask Edit"), "ask"),
        (edit(".env"), ("allow Edit",), "ask"),
        (edit(".env"), ("allow Edit(./.env)",), "allow"),
        (edit(".git/config"), ("allow Edit", "allow Edit(./.git/config)"), "deny"),
        (edit(".postil/settings.toml"), ("allow Edit",), "deny"),
        (edit("../q/a.py"), ("allow Edit",), "deny"),
        (Access(edits=edit("a.py").edits + edit(".git/x").edits), ("allow Edit",), "deny"),
        (runs("make"), (), "ask"),
        (runs("make"), ("allow Bash(make)",), "allow"),
        (runs("make all"), ("allow Bash(make)",), "ask"),
        (runs("make all"), ("allow Bash(make:*)",), "allow"),
        (runs("makeall"), ("allow Bash(make:*)",), "ask"),
        (runs("make; rm x"), ("allow Bash(make:*)",), "ask"),
        (runs("make"), ("allow Bash", "deny Bash(make)"), "deny"),
        (runs("rm 'x'"), ("allow Bash",), "allow"),
        (runs("rm 'x'"), ("allow Bash", "deny Bash(rm:*)"), "deny"),
        (runs("ls -l | head -3"), (), "allow"),
        (runs("cat a.py"), ("deny Read(a.py)",), "deny"),
        (runs("grep -r x ."), ("ask Bash(grep:*)",), "ask"),
        (runs("rm a.py"), ("allow Bash", "deny Edit(a.py)"), "deny"),
        (Access(command=Command("ls", ROOT, 1.0), saves=(ROOT / "a",)), (), "allow"),
        (runs("echo x"), ("allow Bash", "deny Bash(rm:*)"), "allow"),
        (Access(open_world=True), ("allow Bash", "allow Edit"), "ask"),
        (Access(hosts=("x.org",)), ("allow Bash",), "ask"),
        (Access(command=Command("make", ROOT, 1.0), saves=(ROOT / "a",)), ("allow Bash",), "ask"),
    ],
)
def test_the_table(access: Access, rules: tuple[str, ...], want: Verdict) -> None:
    assert decide(access, *rules).verdict == want


def test_a_mode_without_questions_denies_them_and_nothing_else() -> None:
    assert decide(edit("a.py"), deny_questions=True).verdict == "deny"
    assert decide(edit("a.py"), "allow Edit", deny_questions=True).verdict == "allow"
    assert "asks nothing" in decide(runs("make"), deny_questions=True).why


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("default", ("allow", "ask", "ask")),
        ("accept-edits", ("allow", "allow", "ask")),
        ("plan", ("allow", "deny", "deny")),
        ("deny-all", ("allow", "deny", "deny")),
    ],
)
def test_modes(name: str, want: tuple[Verdict, ...]) -> None:
    policy = in_mode(name)
    assert tuple(evaluate(it, policy).verdict for it in (read("a"), edit("a"), runs("make"))) == want


def in_mode(name: str, *rules: str) -> Policy:
    mode = modes()[name]
    more = tuple(written(it) for it in rules)
    return Policy((*mode.rules, *more), ROOTS, mode.deny_questions, AROUND, mode.only_reads)


@pytest.mark.parametrize(
    ("access", "rules", "want"),
    [
        (runs("git status"), (), "allow"),
        (runs("ls -l | head -3; cat a.py"), (), "allow"),
        (runs("make"), (), "deny"),
        (runs("make"), ("allow Bash(make)",), "deny"),
        (runs("ls; make"), ("allow Bash",), "deny"),
        (runs("ls > x"), ("allow Bash",), "deny"),
        (runs("rm -rf ~"), ("allow Bash",), "deny"),
        (runs("git log"), ("ask Bash(git log:*)",), "ask"),
        (runs("git log"), ("deny Bash(git:*)",), "deny"),
        (outside("make"), ("allow Bash(make)",), "deny"),
        (outside("ls"), (), "ask"),
        (edit("a.py"), ("allow Edit",), "deny"),
        (read("a.py"), (), "allow"),
        (read("../x"), (), "ask"),
        (Access(hosts=("x.org",)), (), "ask"),
        (Access(added=Added("plugin", "s/t"), open_world=True), ("allow Mcp(s/t)",), "deny"),
        (Access(added=Added("skill", "s"), open_world=True), ("allow Skill",), "deny"),
    ],
)
def test_in_plan_mode_only_what_reads_runs(access: Access, rules: tuple[str, ...], want: Verdict) -> None:
    decision = evaluate(access, in_mode("plan", *rules))
    assert decision.verdict == want
    if (
        want == "deny"
        and access.command is not None
        and not access.command.line.startswith(("rm", "git", "ls >"))
    ):
        assert decision.source == "mode"
        assert decision.why.startswith("this mode runs only what is known to read; ")
    if want == "allow" and access.command is not None:
        assert decision.only_reads


@pytest.mark.parametrize("source", SOURCES)
def test_only_some_sources_loosen_and_all_tighten(source: Source) -> None:
    allow, deny = written("allow Edit", source), written("deny Read", source)
    want = "allow" if source in loosening_sources else "ask"
    assert evaluate(edit("a"), Policy((allow,), ROOTS)).verdict == want
    assert evaluate(read("a"), Policy((deny,), ROOTS)).verdict == "deny"
    assert loosening_sources.isdisjoint({"workspace", "agent_type"})


def test_a_pattern_that_cannot_be_matched_hides_no_other_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    real = paths.covers

    def covers(pattern: str, path: str, roots: tuple[str, ...], home: str) -> bool:
        if pattern == "broken":
            raise RecursionError
        return real(pattern, path, roots, home)

    monkeypatch.setattr(paths, "covers", covers)
    assert decide(edit("a.py"), "allow Edit(broken)").verdict == "ask"
    assert decide(edit("a.py"), "allow Edit", "deny Edit(broken)").verdict == "deny"
    assert decide(edit("a.py"), "allow Edit(broken)", "deny Edit(*.py)").rule == "Edit(*.py)"
    assert decide(read("a.py"), "ask Read(broken)").verdict == "ask"


def test_a_decision_names_the_rule_its_source_and_why() -> None:
    decision = decide(edit("a.py"), "deny Edit(*.py)", "allow Edit")
    assert decision == Decision("deny", "denied by Edit(*.py) (user)", "Edit(*.py)", "user")
    assert decide(read(".env")).why == ".env is known to hold secrets"
    assert decide(edit(".git/x")).why == ".git/x is protected: no tool may write it"


@pytest.mark.parametrize(
    "line",
    ["a; b", "a && b", "a | b", "a > b", "a $(b)", "a `b`", "a $B", "A=1 a", "a\nb", "a &", "(b)", "!a", "a\u00a0b", "a <(b)",
     "if a; then b; fi", "a() { b; }; a", "a\\\nb", "./a", "/bin/a", "a 2> b", "sudo a", "env a"],
)  # fmt: skip
def test_a_rule_for_one_command_covers_nothing_beside_it(line: str) -> None:
    assert decide(runs(line), "allow Bash(a:*)").verdict == "ask"


@pytest.mark.parametrize(
    "line",
    ["a", " a ", "a 'b c'", 'a "b"', "a  b", "a\tb", "a *", "a {b,c}", "a \\b", "a; a b", "'a' b", "a 2>&1"],
)
def test_a_rule_covers_its_command_however_it_is_spelled(line: str) -> None:
    assert decide(runs(line), "allow Bash(a:*)").verdict == "allow"


@pytest.mark.parametrize(
    ("pattern", "line", "want"),
    [
        ("pytest", "pytest", True),
        ("pytest", " pytest ", True),
        ("pytest", "pytest -q", False),
        ("pytest:*", "pytest", True),
        ("pytest:*", "pytest -q tests/unit", True),
        ("pytest *", "pytest -q tests/unit", True),
        ("pytest:*", "pytest-3", False),
        ("pytest*", "pytest-3 -q", True),
        ("npm run:*", "npm run build", True),
        ("npm run:*", "npm install", False),
        ("npm * build", "npm run build", True),
        ("npm * build", "npm -x build", True),
        ("npm * build", "npm a b build", True),
        ("npm * build", "npm build", False),
        ("git * main", "git push origin main", True),
        ("git * main", "git -c core.pager=x push main", False),
        (":*", "anything", False),
        (" :*", "anything", False),
    ],
)
def test_commands(pattern: str, line: str, want: bool) -> None:
    verdict = decide(runs(line), f"allow Bash({pattern})").verdict
    assert verdict == ("allow" if want else "ask")


@pytest.mark.parametrize(
    "line",
    ["git push", "git  'push' origin", "sudo git push", "git -C x push", "/usr/bin/git push", "ls; git push", "bash -c 'git push'",
     "echo $(git push)", "A=1 git push", "timeout 5 git push --force", "g''it push", "git $X", "if true; then git push; fi", "(git push",
     "xargs git push"],
)  # fmt: skip
def test_a_rule_that_denies_looks_through_everything(line: str) -> None:
    assert decide(runs(line), "allow Bash", "deny Bash(git push:*)").verdict == "deny"


@pytest.mark.parametrize("pattern", ["x/**", "./x/**", "/x/**", "x/", "//p/x/**", "x/*", "**/x/**"])
def test_what_keeps_back_all_in_a_folder_keeps_back_the_folder(pattern: str) -> None:
    assert decide(read("x"), f"deny Read({pattern})").verdict == "deny"
    assert decide(read("x"), f"ask Read({pattern})").verdict == "ask"
    assert decide(read("y"), f"deny Read({pattern})").verdict == "allow"
    assert decide(read("."), f"deny Read({pattern})").verdict == "allow"


def test_which_rules_keep_files_out_of_a_search() -> None:
    rules = tuple(written(it) for it in ("deny Read(x/**)", "ask Read(y/**)", "allow Read", "deny Edit(z)"))
    policy = Policy(rules, ROOTS)
    held = kept_back(ROOT, policy)
    assert held is not None
    assert [it for it in ("x", "x/a", "y/a", "z", ".env") if held(ROOT / it)] == ["x", "x/a", "y/a"]
    asked_about = kept_back(ROOT / "y", policy)
    assert asked_about is not None
    assert not asked_about(ROOT / "y/a")
    assert kept_back(ROOT, Policy((written("allow Read"), written("deny Bash")), ROOTS)) is None
