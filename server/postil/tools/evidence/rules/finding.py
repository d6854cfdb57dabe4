"""What finders have in common: what they yield, and how calls of a model and of tools are known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from postil.tools.evidence.code import Called, Code, Function

Spot = tuple[str, ast.AST]
"""The id of a rule, and the node at whose line it was met."""

_SERVICES = re.compile(
    r"(?:^|\.)(?:messages\.(?:create|stream|parse)|completions\.(?:create|parse|stream)|responses\.(?:create|parse|stream)"
    r"|generate_content(?:_stream|_async)?|(?:litellm\.)?a?completion|ChatCompletion\.a?create|converse(?:_stream)?|invoke_model\w*"
    r"|chat_completion|text_generation)$"
)
_MODELS = re.compile(r"(?:^|[._])(?:model|llm|language_model|chat_model)$", re.IGNORECASE)
_ITSELF = re.compile(r"^_?(?:model|llm|language_model|chat_model)$")
_VERBS = re.compile(
    r"^(?:a?generate(?:_\w+)?|a?stream(?:_\w+)?|a?invoke|a?complete|a?chat|a?predict|request(?:_stream)?|get_response|stream_response|query|ask|respond|__call__)$"
)
_DISPATCH = re.compile(
    r"^(?:_?a?(?:execute|run|call|invoke|dispatch|perform|process)_(?:single_)?(?:tool|function)(?:_?calls?|s)?(?:_\w+)?"
    r"|_?a?(?:run|invoke|execute|process)_calls?|_?tool_(?:executor|runner|handler))$"
)
_RUN = re.compile(r"^a?(?:run|invoke|call|execute|forward)(?:_json|_async|_stream)?$")
_RUNNABLE = re.compile(r"(?:^|[._])(?:invocation|tool|tool_call|function_tool|tool_impl|handler_for_tool)$")
_TOOLBOX = re.compile(r"(?:^|[._])(?:available_)?(?:tools?|functions?|tools_by_name|tool_map|function_map)$")


def is_model_call(called: Called) -> bool:
    """Whether a call asks a model: by the name of a service's method, or of a method on something called a model."""
    return is_service_call(called) or _asks_model(called)


def is_service_call(called: Called) -> bool:
    """Whether a call is one of a service's own methods, whose keywords are known."""
    return bool(_SERVICES.search(called.name))


def _asks_model(called: Called) -> bool:
    owner, _, last = called.name.rpartition(".")
    if _MODELS.search(owner):
        return bool(_VERBS.match(last))
    return owner == "self" and bool(_ITSELF.match(last))


def dispatches(code: Code) -> Iterator[Called]:
    """Yield the calls that carry out what the model asked for."""
    return (it for it in code.calls if _is_dispatch(it, code))


def _is_dispatch(called: Called, code: Code) -> bool:
    target = called.node.func
    if isinstance(target, ast.Subscript):
        return not isinstance(target.slice, ast.Constant) and bool(_TOOLBOX.search(code.name(target.value)))
    owner, _, last = called.name.rpartition(".")
    return bool(_DISPATCH.match(last)) or bool(_RUN.match(last) and _RUNNABLE.search(owner))


def model_calls(code: Code) -> Iterator[Called]:
    """Yield the calls that ask a model."""
    return (it for it in code.calls if is_model_call(it))


def functions_by_name(code: Code) -> dict[str, list[Function]]:
    """Return the functions of a file by their names, for who calls whom in it."""
    found: dict[str, list[Function]] = {}
    for it in code.functions():
        found.setdefault(it.name, []).append(it)
    return found
