"""Budgets: calls of the model, of programs and of the network that may take whatever they take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code
from postil.tools.evidence.rules.finding import Spot, is_service_call

_WAITED = re.compile(r"^subprocess\.(?:run|call|check_call|check_output)$")
_FETCHED = re.compile(r"^requests\.(?:get|post|put|patch|delete|head|request)$|^urllib\.request\.urlopen$")
_LIMITS = {
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "config",
    "generation_config",
    "body",
    "extra_body",
    "inferenceConfig",
}


def find(code: Code) -> Iterator[Spot]:
    """Yield calls without a limit of their own."""
    for called in code.calls:
        given = {it.arg for it in called.node.keywords}
        if called.open_ended:
            continue
        if is_service_call(called) and given and not given & _LIMITS:
            yield "budgets/call-without-limit", called.node
        elif "timeout" in given:
            continue
        elif _WAITED.match(called.name):
            yield "budgets/process-without-time", called.node
        elif _FETCHED.match(called.name) and not (called.last == "urlopen" and len(called.node.args) > 2):
            yield "budgets/request-without-time", called.node
