"""Rules that were made before do not allow by themselves what an untrusted workspace could be behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.effects import Access, Added, Command, FileEdit
from postil.core.events import (
    CallFinished,
    ConfigurationInForce,
    Durable,
    GrantAdded,
    Limits,
    ModelReplied,
    PromptReceived,
    Recorded,
    Routed,
    SessionCreated,
)
from postil.core.fold import fold
from postil.core.messages import AssistantMessage, ToolCall, Usage
from postil.core.origin import Source
from postil.core.state import Workflow
from postil.core.trail import ReadMark
from postil.permissions.evaluate import Decision, evaluate
from postil.permissions.policy import Policy, policy_for, policy_if_trusted
from postil.permissions.rule import parse
from postil.permissions.shell.files import GivenFiles
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.taint import CLEAN, NOT_TRUSTED, RESTRICTED, Taint

ROOT = Path("/p")
AROUND = Surroundings(("/p",), "/p", "/home/me", GivenFiles({}, {}, {}))
EDIT = Access(edits=(FileEdit(ROOT / "a", "h", "x"),))
ANY = Access(open_world=True)


def runs(line: str) -> Access:
    return Access(command=Command(line, ROOT, 10.0), open_world=True)


def decide(access: Access, taint: Taint, *allow: str, deny: str = "", quiet: bool = False) -> Decision:
    rules = tuple(parse(it, "allow", "user") for it in allow)
    rules += (parse(deny, "deny", "user"),) if deny else ()
    return evaluate(access, Policy(rules, (ROOT,), quiet, AROUND, taint=taint))


@pytest.mark.parametrize(
    ("line", "clean", "restricted"),
    [
        ("ls", "allow", "allow"),
        ("cat a | head", "allow", "allow"),
        ("npm test", "allow", "ask"),
        ("make", "ask", "ask"),
        ("rm -rf ~", "deny", "deny"),
    ],
)
def test_commands_that_a_rule_allows_are_asked_about(line: str, clean: str, restricted: str) -> None:
    assert decide(runs(line), CLEAN, "Bash(npm test:*)").verdict == clean
    assert decide(runs(line), RESTRICTED, "Bash(npm test:*)").verdict == restricted


def test_the_reason_says_why_and_what_it_would_have_been() -> None:
    found = decide(runs("npm test"), RESTRICTED, "Bash(npm test:*)")
    assert found.why == f"{NOT_TRUSTED}; else it would be allowed by Bash(npm test:*) (user)"
    assert found.rule == "Bash(npm test:*)"


def test_a_rule_that_a_person_gave_in_sight_of_it_counts() -> None:
    taint = RESTRICTED.with_confirmed("Bash(npm test:*)")
    assert decide(runs("npm test"), taint, "Bash(npm test:*)").verdict == "allow"
    assert decide(runs("npm test"), taint, "Bash(npm:*)").verdict == "ask", "not a wider one of before"
    assert decide(runs("npm test"), taint, "Bash(npm test:*)", deny="Bash(npm:*)").verdict == "deny"


def test_a_mode_that_asks_nothing_still_says_no() -> None:
    found = decide(runs("npm test"), RESTRICTED, "Bash(npm test:*)", quiet=True)
    assert (found.verdict, found.source) == ("deny", "mode")


def test_reading_is_as_it_was() -> None:
    for access in (Access(reads=(ROOT / "a",)), Access()):
        assert decide(access, RESTRICTED).verdict == "allow"
    outside = Access(reads=(Path("/etc/hosts"),))
    assert decide(outside, RESTRICTED, "Read(//etc/hosts)").verdict == "allow"


def in_force(*, trusted: bool) -> ConfigurationInForce:
    return ConfigurationInForce(
        agent_type="build",
        mode="default",
        model="m",
        tools=(),
        limits=Limits(),
        trusted=trusted,
        cause="test",
    )


def workflow(*events: ConfigurationInForce | GrantAdded) -> Workflow:
    return fold([Recorded(seq, 1.0, event) for seq, event in enumerate(events, 1)]).workflow


def grant(rule: str) -> GrantAdded:
    return GrantAdded(grant_id=rule, rule=rule, scope="session")


def test_what_is_in_force_is_read_from_the_record() -> None:
    def policy(*events: ConfigurationInForce | GrantAdded) -> Policy:
        return policy_for(workflow(*events), (), (ROOT,), AROUND)

    no, yes, rule = in_force(trusted=False), in_force(trusted=True), grant("Bash(make)")
    restricted = replace(RESTRICTED, roots=(ROOT,))
    assert policy(yes).taint == CLEAN
    assert policy(no).taint == restricted
    assert policy(no, yes).taint == CLEAN
    assert policy(no, rule, no).taint == restricted.with_confirmed("Bash(make)")
    assert policy(yes, rule, no).taint == restricted, "it was given while all was well"
    assert evaluate(runs("make"), policy(no, rule)).verdict == "allow"
    assert evaluate(runs("make"), policy(yes, rule, no)).verdict == "ask"
    assert evaluate(runs("make"), policy(yes, rule, no, yes)).verdict == "allow"


def test_git_is_asked_about_and_nobody_looks_at_the_repository() -> None:
    looked: list[str] = []

    def repository(folder: str) -> str:
        looked.append(folder)
        return ""

    around = Surroundings(("/p",), "/p", "/home/me", GivenFiles({}, {}, {}), repository=repository)
    restricted = policy_for(workflow(in_force(trusted=False)), (), (ROOT,), around)
    found = evaluate(runs("git status"), restricted)
    assert (found.verdict, found.why) == ("ask", f"git may run a program here: {NOT_TRUSTED}")
    if_trusted = policy_if_trusted(workflow(in_force(trusted=False)), (), (ROOT,), around)
    assert evaluate(runs("git status"), if_trusted).verdict == "allow"
    assert looked == []
    trusted = policy_for(workflow(in_force(trusted=True)), (), (ROOT,), around)
    assert evaluate(runs("git status"), trusted).verdict == "allow"
    assert looked == ["/p"]


def test_what_may_do_anything_is_no_exception() -> None:
    assert decide(ANY, RESTRICTED).verdict == "ask"


HERE, ABROAD = Source(origin="workspace", name="/p"), Source(origin="network", name="example.org")
NOTES = Source(origin="mcp", name="notes")
USER = Source(origin="user")


def session(*sources: Source, trusted: bool = True, prompt: str = "Go.", grants: str = "") -> Workflow:
    """A session whose turn has read from these sources, one after another, and was then given a rule."""
    made: list[Durable] = [
        SessionCreated(session_id="s", roots=("/p",), face="test", postil="0"),
        in_force(trusted=trusted),
        PromptReceived(turn_id="t", text=prompt, face="test"),
        Routed(turn_id="t", agent_type="build", model="m", pool=(), why=""),
    ]
    for number, source in enumerate(sources):
        call = ToolCall(id=f"c{number}", name="read", input={})
        reply = ModelReplied(
            turn_id="t", step=number + 1, model="m", message=AssistantMessage(content=(call,)), usage=Usage(),
            stop_reason="tool_use", seconds=1.0,
        )  # fmt: skip
        made.append(reply)
        made.append(
            CallFinished(
                turn_id="t", call_id=call.id, tool="read", outcome="completed", content="x", sources=(source,)
            )
        )
    if grants:
        made.append(grant(grants))
    return fold([Recorded(seq, 1.0, event) for seq, event in enumerate(made, 1)]).workflow


def verdict(access: Access, workflow: Workflow) -> str:
    rules = tuple(parse(it, "allow", "user") for it in ("Edit", "Bash(npm test:*)"))
    return evaluate(access, policy_for(workflow, rules, (ROOT,), AROUND)).verdict


@pytest.mark.parametrize(
    ("workflow", "wanted"),
    [
        (session(), "allow"),
        (session(HERE), "allow"),
        (session(USER), "allow"),
        (session(ABROAD), "ask"),
        (session(NOTES), "ask"),
        (session(HERE, ABROAD), "ask"),
        (session(HERE, trusted=False), "ask"),
        (session(prompt="Mend a, please.", trusted=False), "allow"),
    ],
)
def test_edits_that_a_rule_allows_are_asked_about_once_something_foreign_was_read(
    workflow: Workflow, wanted: str
) -> None:
    assert verdict(EDIT, workflow) == wanted
    assert verdict(runs("ls | head"), workflow) == "allow", "what only reads runs as ever"
    assert verdict(Access(reads=(ROOT / "b",)), workflow) == "allow"


def test_in_a_folder_that_is_not_trusted_a_new_file_may_be_written_before_anything_was_read() -> None:
    assert verdict(EDIT, session(trusted=False)) == "allow"
    assert verdict(runs("npm test"), session(trusted=False)) == "ask"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (ABROAD, "it read example.org from the network before"),
        (NOTES, "it read what notes gave before"),
    ],
)
def test_the_reason_names_what_was_read(source: Source, why: str) -> None:
    policy = policy_for(session(source), (parse("Edit", "allow", "user"),), (ROOT,), AROUND)
    assert evaluate(EDIT, policy).why == f"{why}; else it would be allowed by Edit (user)"


def test_files_that_the_turn_is_about_are_edited_as_before_but_not_removed_or_moved() -> None:
    named = session(ABROAD, prompt="Mend src/a.py.")
    path = ROOT / "src/a.py"
    assert verdict(Access(edits=(FileEdit(path, "h", "x"),)), named) == "allow"
    assert verdict(Access(edits=(FileEdit(path, None, "x"),)), named) == "allow"
    assert verdict(Access(edits=(FileEdit(path, "h", None),)), named) == "ask"
    assert verdict(Access(edits=(FileEdit(path, "h", "x", moved_from=ROOT / "b"),)), named) == "ask"
    both = Access(edits=(FileEdit(path, "h", "x"), FileEdit(ROOT / "b", "h", "x")))
    assert verdict(both, named) == "ask"
    assert verdict(runs("npm test"), named) == "ask"


def test_a_rule_given_in_sight_of_what_was_read_holds_until_something_else_is() -> None:
    given = session(ABROAD, grants="Edit")
    assert verdict(EDIT, given) == "allow"
    assert verdict(runs("npm test"), given) == "ask"
    other = Source(origin="network", name="other.org")
    after = given.model_copy(update={"read": (*given.read, ReadMark(source=other, seq=99))})
    assert verdict(EDIT, after) == "ask"
    again = given.model_copy(update={"read": (*given.read, ReadMark(source=HERE, seq=99))})
    assert verdict(EDIT, again) == "allow"


def test_a_servers_words_lead_nowhere_new_at_that_very_server() -> None:
    def uses(name: str, workflow: Workflow) -> str:
        rules = tuple(parse(it, "allow", "user") for it in ("Mcp(notes/*)", "Mcp(mail/*)", "Mcp(notes/wipe)"))
        access = Access(open_world=True, added=Added("plugin", name))
        return evaluate(access, policy_for(workflow, rules, (ROOT,), AROUND)).verdict

    mail = Source(origin="mcp", name="mail")
    assert uses("notes/read", session()) == "allow"
    assert uses("notes/read", session(NOTES)) == "allow"
    assert uses("notes/read", session(HERE, NOTES)) == "allow"
    assert uses("mail/send", session(NOTES)) == "ask", "what one server says does not reach another"
    assert uses("notes/read", session(NOTES, mail)) == "ask"
    assert uses("notes/read", session(NOTES, ABROAD)) == "ask"
    assert uses("notes/read", session(NOTES, trusted=False)) == "ask"
    with_path = Access(open_world=True, added=Added("plugin", "notes/read"), edits=EDIT.edits)
    assert (
        evaluate(
            with_path,
            policy_for(
                session(NOTES),
                (parse("Edit", "allow", "user"), parse("Mcp", "allow", "user")),
                (ROOT,),
                AROUND,
            ),
        ).verdict
        == "ask"
    )
    assert uses("mail/send", session(NOTES, grants="Mcp(mail/*)")) == "allow", "given in sight of it"
