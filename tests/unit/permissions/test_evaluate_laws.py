"""Laws of deciding, tried on generated rules and accesses."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.core.effects import Access, Command, FileEdit
from postil.permissions import evaluate as evaluation
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, Source, Verdict, loosening_sources, parse

ROOT = Path("/p")
ROOTS = (ROOT,)
SOURCES: tuple[Source, ...] = (
    "administrator",
    "user",
    "session",
    "agent_type",
    "mode",
    "built_in",
    "workspace",
)


def written_as(verdict: Verdict, kind: str, pattern: str, source: Source) -> Rule:
    return parse(kind + pattern, verdict, source)


PATTERNS = (
    "",
    "(*.py)",
    "(./a.py)",
    "(src/**)",
    "(.env)",
    "(./.env)",
    "(//etc/**)",
    "(~/x)",
    "(make:*)",
    "(make)",
)
rules = st.lists(
    st.builds(
        written_as,
        st.sampled_from(("allow", "ask", "deny")),
        st.sampled_from(("Edit", "Read", "Bash")),
        st.sampled_from(PATTERNS),
        st.sampled_from(SOURCES),
    ),
    max_size=8,
)
some_paths = st.sampled_from(["a.py", "src/b.py", ".env", "conf/.env", ".git/x", "/etc/hosts", "../q"]).map(
    lambda it: ROOT / it
)
accesses = st.builds(
    Access,
    reads=st.lists(some_paths, max_size=3).map(tuple),
    edits=st.lists(
        st.builds(FileEdit, some_paths, st.just("h"), st.sampled_from(["x", None])), max_size=3
    ).map(tuple),
    command=st.none()
    | st.sampled_from(["make", "make all", "rm 'x'"]).map(lambda it: Command(it, ROOT, 1.0)),
    saves=st.lists(some_paths, max_size=2).map(tuple),
    hosts=st.lists(st.sampled_from(["a.org", "b.org"]), max_size=2).map(tuple),
    open_world=st.booleans(),
)


@given(rules, accesses, st.randoms(use_true_random=False), st.booleans())
def test_no_order_matters(
    given_rules: list[Rule], access: Access, chance: random.Random, quiet: bool
) -> None:
    def shuffled(items: Any) -> Any:
        return tuple(chance.sample(items, len(items)))

    other = Access(
        shuffled(access.reads), shuffled(access.edits), access.command, shuffled(access.saves),
        shuffled(access.hosts), access.open_world,
    )  # fmt: skip
    one = evaluate(access, Policy(tuple(given_rules), ROOTS, quiet))
    assert evaluate(other, Policy(shuffled(given_rules), ROOTS, quiet)) == one
    assert evaluate(access, Policy((*given_rules, *given_rules), ROOTS, quiet)) == one


@given(rules, accesses, rules)
def test_a_rule_that_tightens_never_loosens(
    given_rules: list[Rule], access: Access, more: list[Rule]
) -> None:
    rank = {"allow": 0, "ask": 1, "deny": 2}
    tighter = [it for it in more if it.verdict != "allow" or it.source not in loosening_sources]
    before = evaluate(access, Policy(tuple(given_rules), ROOTS)).verdict
    after = evaluate(access, Policy((*given_rules, *tighter), ROOTS)).verdict
    assert rank[after] >= rank[before]


@given(rules, accesses)
def test_protected_and_outside_are_never_edited(given_rules: list[Rule], access: Access) -> None:
    decision = evaluate(access, Policy(tuple(given_rules), ROOTS))
    parts = [it.path.parts for it in access.edits]
    if any(".git" in it or ".." in it or it[1] != "p" for it in parts):
        assert decision.verdict == "deny"


@given(rules, accesses)
def test_an_error_never_allows(given_rules: list[Rule], access: Access) -> None:
    """Whatever fails, the answer is no looser than without the error, and a touched thing is not allowed."""
    policy = Policy(tuple(given_rules), ROOTS)
    before = evaluate(access, policy).verdict
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "decide_file", fails)
        patch.setattr(evaluation, "decide_address", fails)
        patch.setattr(evaluation, "decide_judged", fails)
        decision = evaluate(access, policy)
    touched = access.reads or access.edits or access.command
    if touched:
        assert decision.verdict != "allow"
    elif before != "allow":
        assert decision.verdict == before


def fails(*_: object) -> bool:
    raise RecursionError
