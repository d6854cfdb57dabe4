"""Tools that did not come with Postil: who may allow them, how far, and what their own word is worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.effects import Access, Added, Invocation, Preview, Result, RunContext
from postil.core.errors import ConfigurationError
from postil.permissions.checking import answer_line
from postil.permissions.evaluate import evaluate
from postil.permissions.gate import question_for
from postil.permissions.policy import Policy
from postil.permissions.policy_file import look
from postil.permissions.rule import Rule, Source, Verdict, parse

ROOTS = (Path("/p"),)
TOOL = Added("plugin", "issues/get", input="{}")
SKILL = Added("skill", "release-notes")


def rules(*texts: str, source: Source = "user") -> tuple[Rule, ...]:
    """Rules written as `allow Mcp(a/b)`."""
    written = (text.split(" ", 1) for text in texts)
    return tuple(parse(text, verdict, source) for verdict, text in written)  # pyright: ignore[reportArgumentType]


def decide(added: Added, *texts: str, source: Source = "user") -> Verdict:
    access = Access(added=added, open_world=True)
    return evaluate(access, Policy(rules(*texts, source=source), ROOTS)).verdict


@pytest.mark.parametrize(
    ("added", "texts", "want"),
    [
        (TOOL, (), "ask"),
        (TOOL, ("allow Mcp(issues/get)",), "allow"),
        (TOOL, ("allow Mcp(issues/*)",), "allow"),
        (TOOL, ("allow Mcp(issues)",), "allow"),
        (TOOL, ("allow Mcp(issues/g*)",), "allow"),
        (TOOL, ("allow Mcp",), "allow"),
        (TOOL, ("allow Mcp(issues/getx)",), "ask"),
        (TOOL, ("allow Mcp(issues/GET)",), "ask"),
        (TOOL, ("allow Mcp(issue/*)",), "ask"),
        (TOOL, ("allow Bash", "allow Edit", "allow Skill", "allow Skill(issues)"), "ask"),
        (TOOL, ("allow Mcp(issues/get)", "ask Mcp(issues/*)"), "ask"),
        (TOOL, ("allow Mcp(issues/get)", "deny Mcp(*/get)"), "deny"),
        (TOOL, ("allow Mcp(issues/get)", "deny Mcp(ISSUES)"), "deny"),
        (TOOL, ("allow Mcp(issues/get)", "deny Mcp"), "deny"),
        (SKILL, (), "ask"),
        (SKILL, ("allow Skill(release-notes)",), "allow"),
        (SKILL, ("allow Skill(release-*)",), "allow"),
        (SKILL, ("allow Skill",), "allow"),
        (SKILL, ("allow Skill(release)",), "ask"),
        (SKILL, ("allow Mcp",), "ask"),
        (SKILL, ("allow Skill", "deny Skill(Release*)"), "deny"),
    ],
)
def test_the_table(added: Added, texts: tuple[str, ...], want: Verdict) -> None:
    assert decide(added, *texts) == want


@pytest.mark.parametrize(
    ("source", "want"),
    [("administrator", "allow"), ("user", "allow"), ("session", "allow"), ("mode", "ask"), ("built_in", "ask"),
     ("agent_type", "ask"), ("workspace", "ask")],
)  # fmt: skip
def test_only_people_allow_what_was_added(source: Source, want: Verdict) -> None:
    assert decide(TOOL, "allow Mcp(issues/get)", source=source) == want
    assert decide(SKILL, "allow Skill(release-notes)", source=source) == want
    assert decide(TOOL, "deny Mcp(issues/get)", source=source) == "deny"


def test_what_says_that_it_destroys_is_allowed_by_its_very_name_alone() -> None:
    destroys = replace(TOOL, destructive=True)
    for broad in ("allow Mcp", "allow Mcp(issues/*)", "allow Mcp(issues)", "allow Mcp(issues/g*)"):
        assert decide(destroys, broad) == "ask"
    assert decide(destroys, "allow Mcp(issues/get)") == "allow"
    decision = evaluate(Access(added=destroys, open_world=True), Policy(rules("allow Mcp"), ROOTS))
    assert decision.why == "issues/get says of itself that it destroys; only Mcp(issues/get) allows it"


def test_what_it_touches_besides_is_judged_as_ever() -> None:
    access = Access(added=TOOL, open_world=True, reads=(Path("/p/.env"),), hosts=("x.org",))
    assert evaluate(access, Policy(rules("allow Mcp"), ROOTS)).verdict == "ask"
    more = rules("allow Mcp", "allow Read(./.env)", "allow WebFetch(domain:x.org)")
    assert evaluate(access, Policy(more, ROOTS)).verdict == "allow"
    assert evaluate(access, Policy((*more, *rules("deny WebFetch")), ROOTS)).verdict == "deny"


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        ("Mcp()", "deny", "pattern is empty"),
        ("Mcp(/tool)", "deny", "names no tool of a server"),
        ("Mcp(server/)", "deny", "names no tool of a server"),
        ("Mcp(a/b/c)", "deny", "names no tool of a server"),
        ("Mcp(a b)", "deny", "names no tool of a server"),
        ("Mcp(*/get)", "allow", "allows any server"),
        ("Mcp(*)", "allow", "allows any server"),
        ("Skill(a/b)", "allow", "names no skill"),
    ],
)
def test_what_is_no_rule(text: str, verdict: Verdict, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse(text, verdict, "user")


def ask(added: Added) -> dict[str, str]:
    async def run(_: RunContext) -> Result:
        raise NotImplementedError

    access = Access(added=added, open_world=True)
    policy = Policy((), ROOTS)
    invocation = Invocation("Use", "other", access, run, Preview(subject=added.name))
    question = question_for("q", invocation, evaluate(access, policy), policy, None)
    return {it.kind: f"{it.note}|{it.also}" for it in question.options} | {
        it.name: it.text for it in question.facts
    }


def test_a_lasting_answer_is_about_this_tool_whatever_it_is_given() -> None:
    assert ask(TOOL)["allow_always"] == "Mcp(issues/get)|this tool whatever it is given"
    assert ask(SKILL)["allow_always"] == "Skill(release-notes)|this skill whatever it says by then"
    destroys = ask(replace(TOOL, destructive=True))
    assert "allow_always" not in destroys
    assert destroys["no lasting rule"] == "it says of itself that it destroys"
    assert "allow_always" not in ask(replace(TOOL, name="issues/a*"))
    assert "allow_always" not in ask(replace(TOOL, name="odd name/x"))


def test_another_input_is_another_question() -> None:
    async def run(_: RunContext) -> Result:
        raise NotImplementedError

    def fingerprint(added: Added | None) -> str:
        return Invocation("Use", "other", Access(added=added, open_world=True), run).fingerprint

    prints = [fingerprint(it) for it in (None, TOOL, SKILL, replace(TOOL, input='{"id": 1}'))]
    assert len(set(prints)) == 4


def test_it_is_asked_about_like_everything_else() -> None:
    question = {"command": "issues/get", "tool": "Mcp", "rules": {"allow": ["Mcp(issues/*)"]}, "root": "/ws"}
    assert json.loads(answer_line(json.dumps(question)) or "")["decision"] == "auto"
    text = (
        'allow = ["Mcp(issues/*)", "Mcp(issues/get)", "Skill(x)"]\ndeny = ["Mcp(issues/delete*)", "Skill"]\n'
        '[[test]]\nrule = "Mcp(issues/*)"\nmatch = ["issues/get"]\nnot_match = ["other/get"]\n'
        '[[test]]\nrule = "Mcp(issues/delete*)"\nmatch = ["issues/delete_all"]\nnot_match = ["issues/get"]\n'
    )
    (problem,) = look(text, "user").problems
    assert problem.message == "Skill(x) never decides: denied by Skill (user)"
