"""JSON schemas and input errors in the form that models handle best: flat, closed, and free of noise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from postil.core.errors import InvalidInput
from postil.core.revealing import shortened

_SHOWN_ERRORS = 5
_NO_SUCH_FIELD = "extra_forbidden"
_JSON_WORDS = {
    "Value error, ": "",
    "Input should be": "should be",
    "String should": "should",
    "Tuple should": "should",
    "a valid tuple": "an array",
    "a valid dictionary or instance of": "an object:",
    "a valid dictionary": "an object",
    " after validation": "",
}
"""Pydantic speaks of Python; the model wrote JSON."""


def model_schema(params: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a tool's parameters: no titles, no references, no unknown properties.

    A recursive model has no such form and is not supported.
    """
    raw = params.model_json_schema()
    definitions: dict[str, Any] = raw.pop("$defs", {})
    return _cleaned(raw, definitions)


def validated(name: str, params: type[BaseModel], data: Mapping[str, object]) -> BaseModel:
    """Return the parameters in `data`. Raises InvalidInput with what was expected and what was sent."""
    if (path := _surrogate_path(data)) is not None:
        raise InvalidInput(
            f"`{name}` cannot use {path}: it holds half of a surrogate pair, which is no character.",
            "Send whole characters.",
        )
    try:
        return params.model_validate(data)
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
    lines = [_complaint(cast("Mapping[str, Any]", error)) for error in errors[:_SHOWN_ERRORS]]
    if len(errors) > _SHOWN_ERRORS:
        lines.append(f"and {len(errors) - _SHOWN_ERRORS} more")
    raise InvalidInput(
        f"The input of `{name}` does not fit: {'; '.join(lines)}.", signature(name, model_schema(params))
    )


def signature(name: str, schema: Mapping[str, Any]) -> str:
    """Return one sentence that says which fields a tool takes; optional ones end in `?`."""
    required = set(schema.get("required", ()))
    fields = [
        f"{field}{'' if field in required else '?'}: {_type_words(form)}"
        for field, form in schema.get("properties", {}).items()
    ]
    return f"`{name}` takes {{{', '.join(fields)}}}."


def _cleaned(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    node = _without_null(node)
    cleaned: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            cleaned[key] = {name: _cleaned(form, definitions) for name, form in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            cleaned[key] = _cleaned(cast("dict[str, Any]", value), definitions)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            cleaned[key] = [_cleaned(form, definitions) for form in value]
        elif key != "title":
            cleaned[key] = value
    if cleaned.get("type") == "object":
        cleaned.setdefault("additionalProperties", False)
    return cleaned


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    """Show an optional field as its type alone: leaving it out says the same as null, which is still taken."""
    node = {key: value for key, value in node.items() if not (key == "default" and value is None)}
    forms = [form for form in node.get("anyOf", ()) if form != {"type": "null"}]
    if len(forms) == 1:
        del node["anyOf"]
        return {**forms[0], **node}
    return node


def _type_words(form: dict[str, Any]) -> str:
    if "enum" in form:
        return " | ".join(map(str, form["enum"]))
    if form.get("type") == "array":
        return f"[{_type_words(form.get('items', {}))}, …]"
    if form.get("type") == "object" and form.get("properties"):
        required = form.get("required", ())
        inner = (
            f"{name}{'' if name in required else '?'}: {_type_words(part)}"
            for name, part in form["properties"].items()
        )
        return f"{{{', '.join(inner)}}}"
    return str(form.get("type", "any"))


def _complaint(error: Mapping[str, Any]) -> str:
    path = shortened(".".join(map(str, error["loc"])) or "the input")
    if error["type"] == "missing":
        return f"`{path}` is missing"
    if error["type"] == _NO_SUCH_FIELD:
        return f"there is no field `{path}`"
    message: str = error["msg"]
    for python, json_word in _JSON_WORDS.items():
        message = message.replace(python, json_word)
    return f"`{path}` {message}, but {_sent(error['input'])} was sent"


def _sent(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, RecursionError):
        return "something very large"
    return shortened(text)


def _surrogate_path(value: object, path: str = "") -> str | None:
    """Return where in `value` a lone surrogate is, or None."""
    if isinstance(value, str):
        return f"`{path or 'the input'}`" if _broken(value) else None
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            if _broken(key):
                return "a field name"
            if (found := _surrogate_path(inner, f"{path}.{key}" if path else key)) is not None:
                return found
    if isinstance(value, list | tuple):
        for index, inner in enumerate(cast("list[object]", value)):
            if (found := _surrogate_path(inner, f"{path}.{index}")) is not None:
                return found
    return None


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
