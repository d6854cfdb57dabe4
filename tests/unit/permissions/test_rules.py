"""How rules are written, what path patterns cover, and what a lasting answer would set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.effects import Access, Command, FileEdit, Invocation, Preview, Result, RunContext
from postil.core.errors import ConfigurationError, ProtocolError, UsageError
from postil.core.events import ConfigurationInForce, Limits
from postil.core.question import Anchor, Option, Question
from postil.core.state import Grant, Workflow
from postil.permissions.answers import Answered, read_answer
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.gate import lasting_rules, question_for
from postil.permissions.kinds import paths
from postil.permissions.modes import mode, modes
from postil.permissions.policy import Policy, policy_for
from postil.permissions.rule import parse
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.guard import Judgement, judge
from postil.permissions.shell.surroundings import Surroundings

ROOT = Path("/p")
ROOTS = (ROOT,)
COMMAND = Command("make all", ROOT, 10.0)


def covers(pattern: str, path: Path, roots: tuple[Path, ...]) -> bool:
    return paths.covers(pattern, str(path), tuple(map(str, roots)), str(Path.home()))


@pytest.mark.parametrize(
    "text", ["Edit", "Edit(src/**)", "Bash(pytest:*)", "Read(//etc/hosts)", "Bash(echo (x))", "Edit(a\nb)"]
)
def test_rules_are_written_as_they_are_read(text: str) -> None:
    rule = parse(f" {text} ", "allow", "user")
    assert rule.text == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a rule"),
        ("edit", "not a rule"),
        ("Edit(", "not a rule"),
        ("Edit)x(", "not a rule"),
        ("Everything", "no rules of kind 'Everything'"),
        ("Edit()", "pattern is empty"),
        ("Edit(  )", "pattern is empty"),
        ("Edit(!src/**)", "cannot begin with '!'"),
        ("Read(#x)", "cannot begin with '#'"),
    ],
)
def test_what_is_no_rule_is_said(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words.replace("(", r"\(")):
        parse(text, "deny", "user")


@given(st.text(max_size=30))
def test_parsing_is_total(text: str) -> None:
    try:
        rule = parse(text, "allow", "user")
    except ConfigurationError:
        return
    assert rule.text == text.strip()
    covers(rule.pattern or "x", ROOT / "a", ROOTS)


@pytest.mark.parametrize(
    ("pattern", "path", "want"),
    [
        ("src/**", "/p/src/a/b.py", True),
        ("./src/**", "/p/src/a.py", True),
        ("./src", "/p/src/a.py", True),
        ("src/**", "/p/other/src/a.py", False),
        ("*.py", "/p/deep/a.py", True),
        ("*.py", "/q/a.py", False),
        ("//etc/hosts", "/etc/hosts", True),
        ("//etc/**", "/etc/ssl/x", True),
        ("//etc/hosts", "/p/etc/hosts", False),
        ("./a.py", "/p/a.py", True),
        ("./a.py", "/p/deep/a.py", False),
        ("**/a.py", "/p/deep/er/a.py", True),
    ],
)
def test_path_patterns(pattern: str, path: str, want: bool) -> None:
    assert covers(pattern, Path(path), ROOTS) is want


def test_the_home_folder() -> None:
    home = Path.home()
    assert covers("~/x", home / "x", ROOTS)
    assert covers("~/.config/**", home / ".config" / "a", ROOTS)
    assert not covers("~/x", home / "deep" / "x", ROOTS)
    assert paths.names("~/x", home / "x", ROOTS)


@given(
    st.lists(
        st.text(min_size=1, max_size=8).filter(
            lambda it: it not in (".", "..") and "/" not in it and "\0" not in it
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_literal_pattern_matches_its_path_and_no_neighbour(parts: list[str]) -> None:
    for path in (ROOT.joinpath(*parts), Path("/elsewhere").joinpath(*parts)):
        pattern = paths.literal_pattern(path, ROOTS)
        if pattern is None:
            continue
        assert paths.names(pattern, path, ROOTS)
        assert parse(f"Edit({pattern})", "allow", "session").pattern == pattern
        for other in (path.with_name(path.name + "x"), path.parent / "x" / path.name, Path("/") / path.name):
            if other != path and not other.is_relative_to(path):
                assert not covers(pattern, other, ROOTS)
        assert not paths.names(pattern, path / "below", ROOTS)


# --- the gate ----------------------------------------------------------------------------------------------


def invocation(access: Access, kind: str = "edit") -> Invocation:
    async def nothing(_: RunContext) -> Result:
        return Result("")

    made = Invocation("Title", "edit", access, nothing, Preview(subject="/p/a.py", diff="+x"))
    return replace(made, kind=kind) if kind == "execute" else made


def edit(name: str, after: str | None = "x") -> FileEdit:
    return FileEdit(ROOT / name, "h", after)


@pytest.mark.parametrize(
    ("access", "want"),
    [
        (Access(edits=(edit("a.py"),)), "Edit(./a.py)"),
        (Access(reads=(ROOT / "a.py",), edits=(edit("a.py"),)), "Edit(./a.py)"),
        (Access(reads=(ROOT / "b.py",), edits=(edit("a.py"),)), None),
        (Access(edits=(edit("a.py"), edit("b.py"))), None),
        (Access(edits=(edit("a.py", None),)), None),
        (Access(edits=(edit("a*.py"),)), None),
        (Access(reads=(Path("/etc/hosts"),)), "Read(//etc/hosts)"),
        (Access(command=COMMAND, open_world=True), "Bash(make all)"),
        (Access(command=replace(COMMAND, line="make | tee x"), open_world=True), None),
        (Access(command=COMMAND, saves=(ROOT / "a",)), None),
        (Access(hosts=("x.org",)), "WebFetch(domain:x.org)"),
        (Access(hosts=("https://Docs.x.org:8443/a?b",)), "WebFetch(domain:docs.x.org)"),
        (Access(hosts=("http://localhost:8000/",)), None),
        (Access(hosts=("http://printer/",)), None),
        (Access(hosts=("http://10.0.0.1/",)), None),
        (Access(hosts=("x.org", "y.org")), None),
        (Access(hosts=("x.org",), reads=(ROOT / "a",)), None),
        (Access(open_world=True), None),
        (Access(), None),
    ],
)
def test_the_lasting_rule_is_narrow(access: Access, want: str | None) -> None:
    judgement = evaluate(access, Policy((), ROOTS)).judgement
    assert lasting_rules(invocation(access), Policy((), ROOTS), judgement) == ((want,) if want else ())
    if want is not None:
        policy = Policy((parse(want, "allow", "session"),), ROOTS)
        assert evaluate(access, policy).verdict == "allow"


def ask(access: Access, *rules: str) -> Question:
    policy = Policy(tuple(parse(it, "ask", "user") for it in rules), ROOTS)
    anchor = Anchor(uri="file:///p/chat.md")
    return question_for("q1", invocation(access), Decision("ask", "no rule allows it"), policy, anchor)


def test_a_question_shows_everything_and_has_no_default() -> None:
    question = ask(Access(edits=(edit("a.py"),)))
    assert (question.title, question.subject, question.diff) == ("Edit this file?", "/p/a.py", "+x")
    assert [(it.name, it.text) for it in question.facts] == [("why", "no rule allows it")]
    assert [it.id for it in question.options] == [
        "allow_once", "allow_session", "allow_always", "reject_once", "reject_with_reason",
    ]  # fmt: skip
    assert {it.note for it in question.options} == {"", "Edit(./a.py)"}
    assert len({it.title for it in question.options}) == 5


def test_a_lasting_answer_is_offered_only_where_it_would_last() -> None:
    def lasting(question: Question) -> bool:
        return any(it.kind in ("allow_session", "allow_always") for it in question.options)

    assert lasting(ask(Access(edits=(edit("a.py"),))))
    assert not lasting(ask(Access(edits=(edit("a.py"),)), "Edit(*.py)")), "an ask rule would ask again"
    secret = Access(reads=(ROOT / ".env",), edits=(edit(".env"),))
    assert not lasting(ask(secret)), "the read would ask again"
    assert lasting(ask(Access(hosts=("x.org",))))
    assert not lasting(ask(Access(hosts=("http://localhost/",)))), (
        "a rule would be about every port of this machine"
    )


COMPOUNDS: list[tuple[str, tuple[str, ...]]] = [
    ("make check", ("Bash(make check)",)),
    ("make check; tox", ("Bash(make check)", "Bash(tox)")),
    ("make check && ls | head && tox -q", ("Bash(make check)", "Bash(tox -q)")),
    ("tox; make; tox", ("Bash(tox)", "Bash(make)")),
    ("a; b; c; d; e", ("Bash(a)", "Bash(b)", "Bash(c)", "Bash(d)", "Bash(e)")),
    ("a; b; c; d; e; f", ()),
    ("make; rm x", ()),
    ("make; curl x.org", ()),
    ("make; tox > out", ()),
    ("make; $X", ()),
    ("make $X; tox", ()),
    ("make; cat ../x", ("Bash(make)", "Bash(cat ../x)")),
    ("make; cat .env", ()),
    ("make; sh -c tox", ()),
    ("if make; then tox; fi", ("Bash(make)", "Bash(tox)")),
]


@pytest.mark.parametrize(("line", "want"), COMPOUNDS)
def test_a_lasting_answer_has_a_rule_for_each_command_that_needs_one(
    line: str, want: tuple[str, ...]
) -> None:
    access = Access(command=replace(COMMAND, line=line), open_world=True)
    around = Surroundings(("/p",), "/p", "/home/me", GivenFiles({}, {}, {}))
    policy = Policy((), ROOTS, around=around)
    question = question_for("q1", invocation(access, "execute"), evaluate(access, policy), policy, None)
    notes = {it.note for it in question.options if it.note}
    assert notes == ({"\n".join(want)} if want else set())
    if want:
        rules = read_answer(question, "allow_always", "").rules
        with_them = replace(policy, rules=tuple(parse(it, "allow", "user") for it in rules))
        assert evaluate(access, with_them).verdict == "allow"
        for rule in rules:
            fewer = replace(policy, rules=tuple(it for it in with_them.rules if it.text != rule))
            assert evaluate(access, fewer).verdict == "ask", "each of them is needed"


def test_an_answer_of_an_old_journal_has_one_rule() -> None:
    option = Option(id="allow_always", title="Always allow…", kind="allow_always", note="Bash(make)")
    question = Question(id="q", kind="permission", title="Run this command?", options=(option,))
    assert read_answer(question, "allow_always", "").rules == ("Bash(make)",)


def test_an_asked_command_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    def judged(line: str, around: Surroundings) -> Judgement:
        lines.append(line)
        return judge(line, around)

    for module in ("evaluate", "command", "unreachable"):
        monkeypatch.setattr(f"postil.permissions.{module}.judge", judged)
    access = Access(command=replace(COMMAND, line="make; tox"), open_world=True)
    policy = Policy((), ROOTS, around=Surroundings(("/p",), "/p", "/home/me", GivenFiles({}, {}, {})))
    question = question_for("q1", invocation(access, "execute"), evaluate(access, policy), policy, None)
    assert any(it.note for it in question.options)
    assert lines == ["make; tox"]


def test_answers() -> None:
    question = ask(Access(edits=(edit("a.py"),)))
    rule = "Edit(./a.py)"
    assert read_answer(question, "allow_once", "") == Answered("allow", "allowed once")
    assert read_answer(question, "allow_session", "") == Answered(
        "allow", "allowed for this session", (rule,), "session"
    )
    always = Answered("allow", "always allowed in this workspace", (rule,), "workspace")
    assert read_answer(question, "allow_always", "x") == always
    assert read_answer(question, "reject_once", "") == Answered("deny", "denied")
    assert read_answer(question, "reject_with_reason", " No. ") == Answered("deny", "denied: No.")
    with pytest.raises(ProtocolError, match="It offers allow_once, "):
        read_answer(question, "allow", "")


# --- modes and policies ------------------------------------------------------------------------------------


def test_modes_are_files() -> None:
    assert list(modes()) == ["accept-edits", "default", "deny-all", "no-edits", "plan"]
    assert all(it.title and it.summary for it in modes().values())
    with pytest.raises(UsageError, match="The modes are accept-edits, default, deny-all, no-edits, plan"):
        mode("yolo")


def test_a_policy_is_put_together_from_its_sources() -> None:
    workflow = Workflow(
        configuration=ConfigurationInForce(
            agent_type="build", mode="plan", model="m", tools=(), limits=Limits(),
            rules=("Bash(make)", "not a rule"), cause="session start",
        ),
        grants=[
            Grant(id="g1", rule="Edit(./a)", scope="session", at=0),
            Grant(id="g2", rule="Edit(./b)", scope="workspace", at=0),
            Grant(id="g3", rule="Edit(!x)", scope="session", at=0),
        ],
    )  # fmt: skip
    policy = policy_for(workflow, (parse("Edit(./b)", "allow", "user"),), ROOTS)
    found = {(rule.text, rule.verdict, rule.source) for rule in policy.rules}
    assert found == {
        ("Edit", "deny", "mode"), ("Bash(make)", "allow", "session"),
        ("Edit(./a)", "allow", "session"), ("Edit(./b)", "allow", "user"),
    }  # fmt: skip
    assert policy.only_reads
    assert policy_for(Workflow(), (), ROOTS) == Policy((), ROOTS)
