"""The settings of the VS Code extension, from the options: a section of its `package.json`, and where each is handed to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic.alias_generators import to_camel

from postil.config.options import LimitOptions, Options, setters
from postil.core.docstrings import field_docs
from postil.permissions.modes import modes

PACKAGE = "clients/vscode/package.json"
OPTIONS = "clients/vscode/src/options_gen.ts"
TITLE = "Agent"
"""The section that is generated; the others are the extension's own."""
_KEPT = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum")


@dataclass(frozen=True, slots=True)
class Setting:
    """An option as a setting."""

    key: str
    """Its name behind `postil.`."""
    way: tuple[str, ...]
    """Where it stands among the options."""
    form: Mapping[str, Any]
    doc: str


def outputs(root: Path) -> Mapping[str, Callable[[], str]]:
    """Return the files and what writes them; none where there is no extension to write them for."""
    if not (root / PACKAGE).is_file():
        return {}
    return {PACKAGE: partial(package, root / PACKAGE), OPTIONS: options}


def package(path: Path) -> str:
    """Return `package.json` with its generated section."""
    whole: dict[str, Any] = json.loads(path.read_text("utf-8"))
    sections = cast("list[dict[str, Any]]", whole["contributes"]["configuration"])
    properties = {f"postil.{it.key}": _property(it, order) for order, it in enumerate(_settings())}
    section: dict[str, Any] = {"title": TITLE, "properties": properties}
    whole["contributes"]["configuration"] = [*(it for it in sections if it["title"] != TITLE), section]
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def options() -> str:
    """Return the table of what is handed over, and the modes that there are."""
    rows = [f"  {json.dumps(it.key)}: {json.dumps(list(it.way))}," for it in _settings()]
    return "\n".join(
        [
            "// Generated from server/postil by `make gen`. Do not edit.",
            "",
            "/** The settings that are handed to the server, and where each stands among its options. */",
            "export const OPTIONS: Readonly<Record<string, readonly string[]>> = {",
            *rows,
            "};",
            "",
            "/** The permission modes as the server calls them: it says so again once it runs. */",
            "export const MODES: readonly { id: string; title: string }[] = [",
            *(f"  {json.dumps({'id': it.name, 'title': it.title})}," for it in modes().values()),
            "];",
            "",
        ]
    )


def _settings() -> Iterator[Setting]:
    schema, docs = Options.model_json_schema(), field_docs(Options)
    for name, form in cast("Mapping[str, dict[str, Any]]", schema["properties"]).items():
        if "editor" in setters(name) and name != "limits":
            yield Setting(to_camel(name), (name,), form, docs[name])
    limits, words = LimitOptions.model_json_schema()["properties"], field_docs(LimitOptions)
    for name, form in cast("Mapping[str, dict[str, Any]]", limits).items():
        yield Setting(f"limits.{to_camel(name)}", ("limits", name), form, words[name])


def _property(setting: Setting, order: int) -> dict[str, Any]:
    """Return the setting as VS Code has it. A workspace cannot set it: it would loosen what its owner decided."""
    forms = [it for it in setting.form.get("anyOf", [setting.form]) if it.get("type") != "null"]
    kinds = [it["type"] for it in forms]
    row: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    for form in forms:
        row |= {key: form[key] for key in _KEPT if key in form}
        if "const" in form:
            row["pattern"] = f"^{form['const']}$"
    default = setting.form.get("default")
    row["default"] = "" if default is None else default
    # With another machine's window this is that machine's setting: the server runs there.
    return row | {"scope": "machine", "order": order, "markdownDescription": setting.doc}
