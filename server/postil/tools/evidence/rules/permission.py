"""Permission tiers: processes, shells and code that is run, where nothing beside them decides whether they may."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Called, Code, is_constant
from postil.tools.evidence.rules.finding import Spot

_PROCESS = re.compile(
    r"^(?:subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)|os\.(?:system|popen|exec\w+|spawn\w+|posix_spawnp?)"
    r"|pty\.spawn|pexpect\.spawn|(?:asyncio\.(?:subprocess\.)?)?create_subprocess_(?:exec|shell))$"
)
_SHELL = re.compile(
    r"^(?:os\.(?:system|popen)|subprocess\.(?:getoutput|getstatusoutput))$|create_subprocess_shell$"
)
_EVALUATES = re.compile(
    r"^(?:builtins\.)?(?:eval|exec)$|^(?:pickle|cPickle|dill|cloudpickle|marshal|joblib|torch)\.loads?$|^yaml\.(?:load|unsafe_load|full_load)$"
)
_GATE = re.compile(
    r"(?:^|_)(?:approv\w*|permi(?:ssion|t)\w*|confirm\w*|consent|authori[sz]\w*|sandbox\w*|allow(?:ed|_?list)|den(?:y|ied)|policy|trust(?:ed)?|outlook|guard\w*)(?:_|$)"
)
_TRUSTING = {
    "trust_remote_code",
    "allow_dangerous_deserialization",
    "allow_dangerous_code",
    "dangerously_skip_permissions",
}


def find(code: Code) -> Iterator[Spot]:
    """Yield what runs programs or code."""
    gated = code.speaks_of(code.tree, _GATE)
    for called in code.calls:
        if _PROCESS.search(called.name):
            if _is_shell(called):
                yield "permission-tiers/shell", called.node
            elif not gated:
                yield "permission-tiers/process", called.node
        elif _EVALUATES.match(called.name) and not _is_harmless(called):
            yield "permission-tiers/evaluates", called.node
        yield from (
            ("permission-tiers/remote-code", it.value)
            for it in called.node.keywords
            if it.arg in _TRUSTING and is_constant(it.value, True)
        )


def _is_shell(called: Called) -> bool:
    """Whether a shell reads the text; one that is written out in the source is nobody else's."""
    first = called.node.args[0] if called.node.args else called.keyword("args")
    if isinstance(first, ast.Constant):
        return False
    return bool(_SHELL.search(called.name)) or is_constant(called.keyword("shell"), True)


def _is_harmless(called: Called) -> bool:
    """Whether what is run stands in the source, or a loader is named that makes plain data."""
    if called.name == "yaml.load":
        said = [*called.node.args[1:], *(it.value for it in called.node.keywords)]
        return any("Safe" in name for it in said for name in (getattr(it, "attr", ""), getattr(it, "id", "")))
    return bool(called.node.args) and isinstance(called.node.args[0], ast.Constant)
