"""Each rule of the collector: a small tree in which it is met, and one like it in which it is not."""

from __future__ import annotations

import textwrap

import pytest

from postil.tools.evidence.collect import collect
from postil.tools.evidence.table import rules
from tests.unit.tools.evidence.cases_of_running import RUNNING
from tests.unit.tools.evidence.cases_of_safety import SAFETY


def files(tree: str) -> list[tuple[str, str]]:
    """Return the files of a tree, each after a line `=== path`; without one it is a Python file. Lines of rows end in `# <<`."""
    text = textwrap.dedent(tree).lstrip("\n")
    if not text.startswith("=== "):
        text = f"=== agent.py\n{text}"
    parts = [it.partition("\n") for it in text.split("=== ")[1:]]
    return [(path, body) for path, _, body in parts]


CASES = [*SAFETY, *RUNNING]


@pytest.mark.parametrize(("rule", "met", "other"), CASES, ids=[f"{it[0]}-{n}" for n, it in enumerate(CASES)])
def test_a_rule_is_met_where_it_should_be_and_nowhere_else(rule: str, met: str, other: str) -> None:
    tree = files(met)
    wanted = {
        (path, n)
        for path, text in tree
        for n, line in enumerate(text.split("\n"), 1)
        if line.endswith("# <<")
    }
    rows = [it for it in collect(tree).rows if it.rule == rule]
    assert {(it.file, it.line) for it in rows} == wanted
    assert {(it.principle, it.kind, it.weight) for it in rows} == {
        (rule.partition("/")[0], rules()[rule].kind, rules()[rule].weight)
    }
    assert not [it.place for it in collect(files(other)).rows if it.rule == rule]


def test_every_rule_of_the_table_is_tried() -> None:
    assert {it[0] for it in CASES} == set(rules())
