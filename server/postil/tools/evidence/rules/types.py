"""Agent types and deferral: kinds of agents, agents that start others, and requests that carry every tool."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code
from postil.tools.evidence.rules.finding import Spot, model_calls
from postil.tools.evidence.table import meant_by

_AGENT = re.compile(r"^\w+Agent$")
_BOUNDED = re.compile(
    r"(?:^|_)(?:depth|level|max_(?:agents|children|sub_?agents)|budget|nesting|recursion|limits?)(?:_|$)"
)
_SUB = "agent-types/sub-agent"


def find(code: Code) -> Iterator[Spot]:
    """Yield kinds of agents, what starts agents without a bound, and lists of all tools in requests."""
    for node in code.classes():
        if _AGENT.match(node.name):
            yield "agent-types/declared", node
    starts = [it for it in code.functions() if any(rule.id == _SUB for rule in meant_by(it.name.lower()))]
    if starts and not code.speaks_of(code.tree, _BOUNDED):
        yield "agent-types/depth-unbounded", starts[0]
    for called in model_calls(code):
        given = called.keyword("tools")
        if isinstance(given, (ast.ListComp, ast.GeneratorExp)) and not any(it.ifs for it in given.generators):
            yield "deferral/all-at-once", given
