"""One place that options come from: which of them count there, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, cast

from pydantic import ValidationError

from postil.config.options import RESTRAINING, RULES, Layer, Options, setters
from postil.config.server_options import ServerOptions

FaultKind = Literal["unreadable", "unknown", "not_here", "invalid"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not used, and why."""

    kind: FaultKind
    where: tuple[str | int, ...]
    """The way to it: the option, and the places in it."""
    message: str
    blocks: bool = False
    """Whether it may hide a rule that tightens, so that nothing can be decided before it is mended."""


def accepted(table: Mapping[str, Any], layer: Layer) -> tuple[dict[str, Any], list[Fault]]:
    """Return the options of `table` that count there. Each is judged alone, so that one mistake costs one option."""
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in table.items():
        if key not in Options.model_fields:
            faults.append(Fault("unknown", (key,), "no such option"))
        elif layer not in setters(key):
            faults.append(Fault("not_here", (key,), _not_here(layer)))
        elif key == "mcp" and isinstance(value, dict):
            kept[key], wrong = _servers(cast("dict[str, object]", value))
            faults += wrong
        else:
            try:
                kept[key] = getattr(Options.model_validate({key: value}), key)
            except ValidationError as error:
                faults.append(_invalid(key, error))
                if key in RULES and isinstance(value, list):
                    faults[-1:] = _no_texts(key, cast("list[object]", value))
                    kept[key] = tuple(it for it in cast("list[object]", value) if isinstance(it, str))
    return kept, faults


def _servers(tables: Mapping[str, object]) -> tuple[dict[str, ServerOptions], list[Fault]]:
    """Return the servers that can be used; one that is wrong costs no other."""
    kept: dict[str, ServerOptions] = {}
    faults: list[Fault] = []
    for name, table in tables.items():
        try:
            kept |= Options.model_validate({"mcp": {name: table}}).mcp
        except ValidationError as error:
            first = error.errors()[0]
            way = tuple(it for it in first["loc"] if it != "[key]")
            said = first["msg"].removeprefix("Value error, ")
            if first["type"] == "extra_forbidden":
                near = get_close_matches(str(way[-1]), ServerOptions.model_fields, 1)
                said = f"there is no such field{f'; did you mean `{near[0]}`?' if near else ''}"
            if "[key]" in first["loc"]:
                said = "a server's name is lower-case letters, digits and hyphens"
            faults.append(Fault("invalid", way, f"{'.'.join(map(str, way[1:]))}: {said}"))
    return kept, faults


def _invalid(key: str, error: ValidationError) -> Fault:
    first = error.errors()[0]
    part = first["loc"][1] if len(first["loc"]) > 1 else ""
    named = f"{part}: {first['msg']}" if key == "limits" and part else first["msg"]
    return Fault("invalid", first["loc"], named, blocks=key in RESTRAINING)


def _no_texts(key: str, values: list[object]) -> list[Fault]:
    """Return a fault for each value of a list of rules that is no text: the others count all the same."""
    return [
        Fault(
            "invalid", (key, at), f"{it!r} is no rule; a rule is a text in quotes", blocks=key in RESTRAINING
        )
        for at, it in enumerate(values)
        if not isinstance(it, str)
    ]


def _not_here(layer: Layer) -> str:
    if layer == "workspace":
        return "a workspace's file may only tighten; set this in your own settings"
    return "it cannot be set here; set it in your own settings"
