"""Fail closed: what an error or an absent value comes to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Code, Function, is_constant, text_of
from postil.tools.evidence.rules.finding import Spot
from postil.tools.evidence.source import snake

_BROAD = {"Exception", "BaseException"}
_JUDGES = re.compile(
    r"^_?(?:is|are|may|can|has)_(?:\w+_)?(?:allowed|safe|trusted|permitted|authori[sz]ed|approved|valid|use_tool|run|write)$"
    r"|(?:^|_)(?:check|authori[sz]e|approve|permit|judge|decide|validate)_?(?:permissions?|access|command|call|tool|safety)?$"
)
_LOOSE = re.compile(
    r"^(?:auto_(?:approve|confirm|accept|run|execute)|allow_(?:all|any|dangerous\w*|everything)|skip_(?:permissions?|confirmation|approval|checks)"
    r"|bypass_\w+|dangerously_\w+|trust_(?:all|remote_code)|unsafe|yolo|always_(?:allow|approve))$"
)
_STRICT = re.compile(
    r"^(?:(?:require|requires|need|needs|ask|ask_for)_?(?:approval|confirmation|permission|consent|human\w*)|human_in_the_loop|confirm\w*|sandbox(?:ed)?)$"
)
_CLAIMS = re.compile(
    r"^(?:is_)?(?:read_only|readonly|safe|allowed|trusted|idempotent|concurrent|parallel_safe|concurrency_safe)$"
)
_OF_TOOLS = re.compile(r"(?:^|_)(?:tools?|effects?|destructive|concurrent|idempotent)(?:_|$)")
_CAUTIONS = re.compile(r"^(?:is_)?(?:destructive|open_world|asks|dangerous|mutating|side_effects?)$")
_YES = {"allow", "allowed", "approve", "approved", "yes", "permit"}
_NO = re.compile(
    r"(?:^|_)(?:den(?:y|ied)|refus(?:e|ed|al)|block(?:ed)?|forbid(?:den)?|reject(?:ed)?|not_allowed|unauthori[sz]ed)(?:_|$)"
)


def find(code: Code) -> Iterator[Spot]:
    """Yield handlers that swallow, allow or deny, and defaults that are open or careful."""
    for node in code.every(ast.ExceptHandler):
        if isinstance(node, ast.ExceptHandler):
            yield from _handled(node, code)
    for name, value in _defaults(code):
        yield from _judged(name, value, code)
    for node in code.every(ast.Assert):
        function = code.function_of(node)
        if function is not None and _JUDGES.search(function.name):
            yield "fail-closed/assert-guards", node


def _handled(node: ast.ExceptHandler, code: Code) -> Iterator[Spot]:
    broad = node.type is None or any(
        code.name(it) in _BROAD
        for it in (node.type.elts if isinstance(node.type, ast.Tuple) else [node.type])
    )
    if broad and all(_is_nothing(it) for it in node.body):
        yield "fail-closed/swallowed", node
    function = code.function_of(node)
    judging = function is not None and bool(_JUDGES.search(function.name))
    for it in ast.walk(node):
        if isinstance(it, ast.Return) and judging and _is_yes(it.value):
            yield "fail-closed/allows-on-error", it
        elif isinstance(it, (ast.Return, ast.Raise)) and _is_no(it, code, judging=judging):
            yield "fail-closed/denies", it


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Pass, ast.Continue)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _is_yes(node: ast.expr | None) -> bool:
    if is_constant(node, True) or (text_of(node) or "").lower() in _YES:
        return True
    return isinstance(node, ast.Attribute) and node.attr.lower() in _YES


def _is_no(node: ast.Return | ast.Raise, code: Code, *, judging: bool) -> bool:
    value = node.value if isinstance(node, ast.Return) else node.exc
    if value is None:
        return False
    return (judging and is_constant(value, False)) or code.speaks_of(value, _NO)


def _defaults(code: Code) -> Iterator[tuple[str, ast.expr]]:
    """Yield names with what they are where nobody says: parameters, fields, and what a lookup falls back to."""
    for function in code.functions():
        yield from _parameters(function)
    for node in code.every(ast.AnnAssign, ast.Assign):
        if not isinstance(code.parents.get(node), ast.ClassDef):
            continue
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        yield from ((it.id, value) for it in targets if isinstance(it, ast.Name) and value is not None)
    for called in code.calls:
        place = {"get": 0, "pop": 0, "getattr": 1}.get(called.last)
        if place is not None and len(called.node.args) == place + 2:
            name = text_of(called.node.args[place])
            if name is not None:
                yield name, called.node.args[place + 1]


def _parameters(function: Function) -> Iterator[tuple[str, ast.expr]]:
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    last = plain[len(plain) - len(given.defaults) :]
    yield from ((it.arg, value) for it, value in zip(last, given.defaults, strict=True))
    yield from (
        (it.arg, value)
        for it, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if value is not None
    )


def _judged(name: str, value: ast.expr, code: Code) -> Iterator[Spot]:
    name = snake(name)
    loose, strict = _LOOSE.match(name), _STRICT.match(name)
    # Of a tool these are its own word for it; a mount that is read-only is only careful.
    claims = _CLAIMS.match(name) and code.speaks_of(code.scope_of(value), _OF_TOOLS)
    cautions = _CAUTIONS.match(name)
    if is_constant(value, True):
        if loose or claims:
            yield "fail-closed/open-default", value
        elif strict or cautions:
            yield "fail-closed/careful-default", value
    elif is_constant(value, False):
        if strict or cautions:
            yield "fail-closed/open-default", value
        elif loose or claims:
            yield "fail-closed/careful-default", value
