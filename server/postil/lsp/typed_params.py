"""From a method's raw params to lsprotocol's classes, and to a sentence about what does not fit."""

import copy
import re
from typing import Any, Final

from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.protocol import default_converter

_MOST_REPAIRS: Final = 8
_PATH = re.compile(r"^(?P<problem>.*) @ \$\.?(?P<path>.*)$", re.DOTALL)
_SNAKE = re.compile(r"_+([a-z0-9])")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class InvalidParamsError(Exception):
    """The params do not have the method's type; the message names the first field that is wrong."""


def make_converter() -> Converter:
    """lsprotocol's converter, but a string, integer or truth value must be one: `str(5)` is no URI."""
    converter = default_converter()
    converter.register_structure_hook(str, _exactly_str)
    converter.register_structure_hook(int, _exactly_int)
    converter.register_structure_hook(bool, _exactly_bool)
    return converter


# A hook for a class is also asked for its subclasses, and the specification's enumerations are strings or integers.
def _exactly_str(value: Any, kind: type[str]) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value if kind is str else kind(value)


def _exactly_int(value: Any, kind: type[int]) -> int:
    # Some clients have one kind of number only, and write 1.0.
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        raise TypeError("not an integer")
    return kind(value)


def _exactly_bool(value: Any, _: type[bool]) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a truth value")
    return value


def is_request(method: str) -> bool | None:
    """Whether the specification has this method as a request; None if it does not know it."""
    known = _known(method)
    return None if known is None else known[1] is not None


def structure_params(converter: Converter, method: str, params: Any) -> Any:
    """The params of a method of the specification; those of any other are left as they are."""
    known = _known(method)
    kind = known[2] if known is not None else None
    if kind is None:
        return params
    try:
        if method == types.INITIALIZE:
            return _structure_initialize(converter, params)
        return converter.structure(params, kind)
    except Exception as exception:
        problem, path = _first_problem(exception, params)
        raise InvalidParamsError(f"{method}: {problem} at {'.'.join(['params', *path])}") from exception


def structure_result(converter: Converter, method: str, result: Any) -> Any:
    """The client's result for a request of ours; null stays None. Raises whatever cattrs raises."""
    known = _known(method)
    if result is None or known is None or known[1] is None:
        return result
    reply = {"id": 0, "jsonrpc": "2.0", "result": result}
    return converter.structure(reply, known[1]).result


def _known(method: str) -> tuple[Any, Any, Any, Any] | None:
    """The classes of a method's request or notification, response, params and registration options."""
    known: Any = types.METHOD_TO_TYPES.get(method)
    return known


def _structure_initialize(converter: Converter, params: Any) -> Any:
    """A capability that we cannot read is one that we do not use: it must not keep an editor from starting."""
    repaired = params
    for _ in range(_MOST_REPAIRS):
        try:
            return converter.structure(repaired, types.InitializeParams)
        except Exception as exception:
            paths = [
                path for _, path in _problems(exception) if path[:1] == ["capabilities"] and len(path) > 1
            ]
            if not paths:
                raise
            if repaired is params:
                repaired = copy.deepcopy(params)
            for path in paths:
                _remove(repaired, path)
    return converter.structure(repaired, types.InitializeParams)


def _remove(params: Any, path: list[str]) -> None:
    """Take out the innermost object field on the path; a list with a bad item goes as a whole."""
    while path[-1].startswith("["):
        path = path[:-1]
    value: Any = params
    try:
        for step in path[:-1]:
            value = value[int(step[1:-1]) if step.startswith("[") else step]
        del value[path[-1]]
    except (KeyError, IndexError, TypeError):
        return


def _first_problem(exception: Exception, params: Any) -> tuple[str, list[str]]:
    if not isinstance(params, dict):
        return "expected an object", []
    problems = _problems(exception)
    return problems[0] if problems else ("invalid value", [])


def _problems(exception: Exception) -> list[tuple[str, list[str]]]:
    """What is wrong and where, in the client's spelling of the fields."""
    found: list[tuple[str, list[str]]] = []
    for line in transform_error(exception):
        match = _PATH.match(line)
        if match is not None:
            camel = _SNAKE.sub(lambda part: part[1].upper(), match["path"])
            path = [name or f"[{index}]" for name, index in _STEP.findall(camel)]
            found.append((match["problem"], path))
    return found
