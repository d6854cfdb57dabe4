"""What each tool is tried with: inputs that make it do its work, and for a tool that is not known here, made from its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, cast

from postil.core.messages import ToolCall
from postil.guardrails.playing import Play, call, calls
from postil.tools.registry import Registry

_MADE = "made.txt"
_KNOWN: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "ask_user": [{"question": "Which?", "options": ["One", "Two"]}],
    "delete": [{"path": "b.py"}],
    "edit": [{"path": "a.py", "edits": [{"old": "x = 1", "new": "x = 2"}]}],
    "fetch": [{"url": "https://guardrails.invalid/"}],
    "find_tools": [{"query": "anything at all"}],
    "glob": [{"pattern": "**/*"}],
    "grep": [{"pattern": "x"}],
    "list": [{}],
    "manual": [{"words": "plan mode"}],
    "move": [{"path": "b.py", "to": "c.py"}],
    "propose_plan": [{"plan": "1. Change a.py."}],
    "read": [{"path": "a.py"}, {"path": "b.py"}],
    "recall": [{"queries": ["anything"]}],
    "remember": [{"topic": "things", "heading": "Things", "text": "A thing."}],
    "shell": [
        {"command": "wc -l a.py"},
        {"command": f"touch {_MADE}"},
        {"command": "echo changed > a.py"},
        {"command": f"cp a.py {_MADE}"},
    ],
    "todo": [{"items": [{"text": "Look"}]}],
    "use_tool": [{"name": "mcp__nobody__nothing", "input": {}}],
    "write": [{"path": _MADE, "content": "made\n"}],
}
_DEPTH = 6


def samples(registry: Registry) -> Mapping[str, Sequence[ToolCall]]:
    """Return calls of every tool that there is. Imports their implementations; raises whatever these raise."""
    schemas: dict[str, Mapping[str, Any]] = {}
    for name in registry.names:
        if name not in _KNOWN:
            schemas[name] = registry.pool([name]).schemas([name], references=False)[0].input_schema
    return {
        name: [call(name, **it) for it in (_KNOWN[name] if name in _KNOWN else [_object(schemas[name])])]
        for name in registry.names
    }


def _object(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = _value("", schema, schema, 0)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def _value(name: str, schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> object:
    """Return something that fits a schema: as little as that takes, and for a path a file that is there."""
    if depth > _DEPTH:
        return None
    if "$ref" in schema:
        target = str(schema["$ref"]).rpartition("/")[2]
        return _value(name, whole.get("$defs", {}).get(target, {}), whole, depth + 1)
    choices: Sequence[Mapping[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or ()
    if choices:
        return _value(name, choices[0], whole, depth + 1)
    fixed = [schema[it] for it in ("const", "default") if it in schema] + list(schema.get("enum", ()))
    if fixed:
        return fixed[0]
    if schema.get("type") == "object":
        fields: Mapping[str, Any] = schema.get("properties", {})
        wanted: Sequence[str] = schema.get("required", ())
        return {it: _value(it, fields.get(it, {}), whole, depth + 1) for it in wanted}
    if schema.get("type") == "array":
        return [_value(name, schema.get("items", {}), whole, depth + 1)] * int(schema.get("minItems", 0))
    return _plain(name, schema)


def _plain(name: str, schema: Mapping[str, Any]) -> object:
    match schema.get("type"):
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            is_path = any(it in name for it in ("path", "file"))
            return "a.py" if is_path else "x" * max(1, int(schema.get("minLength", 1)))


def every() -> Sequence[Play]:
    """Return replies that have every tool called with all of its samples; the files are read first."""
    wanted = chain.from_iterable(samples(Registry.collect()).values())
    return (calls(call("read", path="a.py"), call("read", path="b.py")), calls(*wanted))
