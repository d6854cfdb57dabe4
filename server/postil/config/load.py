"""Options from their layers: defaults, the user's file, the workspace's file, the environment, the call, the machine's file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from platformdirs import user_config_path

from postil.config.hooks import hooks_of
from postil.config.layer import Fault, accepted
from postil.config.options import RULES, CheckOptions, Layer, LimitOptions, Options
from postil.config.server_options import ServerOptions, WrittenServer
from postil.core.errors import ConfigurationError
from postil.core.hooks import Hook

ADMINISTRATOR_FILE = Path("/etc/postil/settings.toml")
"""The highest tier: what it sets nobody else sets, and what its rules forbid nobody allows."""


EDITOR = "the editor's settings"
"""Where an option stands that an editor hands over."""
_TOGETHER = (*RULES, "test", "mcp", "hooks", "check")
"""Options of which those of all files count together, workspaces' among them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a settings file that was not used, and why."""

    path: str
    option: str
    message: str
    blocks: bool = False
    """Whether it may hide a rule that tightens, so that nothing can be decided before it is mended."""
    way: tuple[str | int, ...] = ()
    """The way to it in the file: the option, and the places in it."""


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule as a file of settings has it."""

    verdict: Literal["allow", "ask", "deny"]
    """The option that it stands in."""
    text: str
    layer: Layer
    file: str


@dataclass(frozen=True, slots=True)
class WrittenCheck:
    """A check as a file of settings has it."""

    options: CheckOptions
    layer: Layer
    file: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The options in force, the rules of all files, and what was wrong."""

    options: Options
    rules: tuple[WrittenRule, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    servers: tuple[WrittenServer, ...] = ()
    """The servers of tools of all files, each name once: the highest tier's."""
    hooks: tuple[Hook, ...] = ()
    """Those of the machine's file and of the user's; a workspace's are read where its trust is looked at."""
    checks: tuple[WrittenCheck, ...] = ()
    """The checks of all files, each name once: the highest tier's."""
    fixed_limits: frozenset[str] = frozenset()
    """The names in `[limits]` that the machine's file sets: no answer of a person raises them."""

    def check(self) -> None:
        """Raise ConfigurationError where what was wrong may have held back a rule: then nothing is decided."""
        for problem in self.problems:
            if problem.blocks:
                what = f"{problem.option}: " if problem.option else ""
                raise ConfigurationError(
                    f"{problem.path}: {what}{problem.message}.", "Mend it: it may hold rules that forbid."
                )


def user_config_dir() -> Path:
    """Return the folder of the user's own settings; POSTIL_CONFIG_DIR moves it."""
    override = os.environ.get("POSTIL_CONFIG_DIR")
    return Path(override) if override else user_config_path("postil", appauthor=False)


def settings_files(
    roots: tuple[Path, ...], administrator: Path | None = None
) -> tuple[tuple[Layer, Path], ...]:
    """Return the files that settings may be in, the highest tier first; they need not exist."""
    own: list[tuple[Layer, Path]] = [
        ("administrator", administrator or ADMINISTRATOR_FILE),
        ("user", user_config_dir() / "settings.toml"),
    ]
    return (*own, *(("workspace", root / ".postil" / "settings.toml") for root in roots))


def load(
    roots: tuple[Path, ...],
    overrides: Mapping[str, Any] | None = None,
    administrator: Path | None = None,
    editor: Mapping[str, Any] | None = None,
) -> Loaded:
    """Return the options for a workspace. A bad option keeps its default and is reported; nothing is raised.

    `administrator` is read in place of the machine's own file; `editor` is what the user's own settings of an editor say.
    """
    problems: list[Problem] = []
    rules: list[WrittenRule] = []
    servers: dict[str, WrittenServer] = {}
    hooks: list[Hook] = []
    checks: dict[str, WrittenCheck] = {}
    values: dict[Layer, tuple[str, dict[str, Any]]] = {}
    values["editor"] = (EDITOR, _accepted(editor or {}, "editor", EDITOR, problems))
    for layer, path in settings_files(roots, administrator):
        kept = _accepted(_table(path, problems), layer, str(path), problems)
        rules += _rules(kept, layer, str(path))
        _add_servers(servers, kept, layer, str(path), problems)
        for it in cast("tuple[CheckOptions, ...]", kept.get("check", ())):
            checks.setdefault(it.name, WrittenCheck(it, layer, str(path)))
        if layer != "workspace":
            hooks += hooks_of(kept, layer, str(path))
            values[layer] = (str(path), {key: it for key, it in kept.items() if key not in _TOGETHER})
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    values["environment"] = (
        "the environment",
        _accepted(_variables(), "environment", "the environment", problems),
    )
    values["call"] = ("the call", _accepted(given, "call", "the call", problems))
    options = Options(**_merged(values, problems))
    return Loaded(
        options, tuple(rules), tuple(problems),
        servers=tuple(servers[name] for name in sorted(servers)),
        hooks=tuple(hooks),
        checks=tuple(checks.values()),
        fixed_limits=frozenset(_limits(values["administrator"])),
    )  # fmt: skip


def _merged(values: Mapping[Layer, tuple[str, dict[str, Any]]], problems: list[Problem]) -> dict[str, Any]:
    """Return the value of each option: the administrator's, else that of the call, the environment, the user."""
    fixed = values["administrator"][1]
    merged: dict[str, Any] = {}
    for where, name in (
        (values[layer][0], name)
        for layer in ("user", "editor")
        for name in _limits(values[layer]).keys() & _limits(values["administrator"]).keys()
    ):
        problems.append(Problem(where, "limits", f"{values['administrator'][0]} sets {name} for everybody"))
    for layer in ("user", "editor", "environment", "call"):
        where, kept = values[layer]
        for key, value in kept.items():
            if key == "limits":
                continue
            if key in fixed:
                problems.append(Problem(where, key, f"{values['administrator'][0]} sets this for everybody"))
            else:
                merged[key] = value
    return (
        merged
        | fixed
        | {"limits": _limits(values["user"]) | _limits(values["editor"]) | _limits(values["administrator"])}
    )


def _limits(layer: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the limits that a layer sets, each by itself: the machine's file may fix one and leave the others."""
    found = layer[1].get("limits")
    return found.model_dump(include=found.model_fields_set) if isinstance(found, LimitOptions) else {}


def _rules(kept: Mapping[str, Any], layer: Layer, path: str) -> list[WrittenRule]:
    return [
        WrittenRule(verdict, text, layer, path)
        for verdict in RULES
        for text in cast("tuple[str, ...]", kept.get(verdict, ()))
    ]


def _add_servers(
    servers: dict[str, WrittenServer],
    kept: Mapping[str, Any],
    layer: Layer,
    path: str,
    problems: list[Problem],
) -> None:
    """Add what a file says of servers; files come with the highest tier first, and its word on a name is the last."""
    for name, options in cast("dict[str, ServerOptions]", kept.get("mcp", {})).items():
        if name in servers:
            problems.append(
                Problem(path, "mcp", f"{name} is left out: {servers[name].file} has one of that name")
            )
        elif layer in ("administrator", "user", "workspace"):
            servers[name] = WrittenServer(name, options, layer, path)


def _variables() -> dict[str, Any]:
    base_url = os.environ.get("POSTIL_BASE_URL") or os.environ.get("ANTHROPIC_BASE_URL")
    found = {
        "base_url": base_url,
        "model": os.environ.get("POSTIL_MODEL"),
        "guardrails": os.environ.get("POSTIL_GUARDRAILS"),
    }
    return {key: value for key, value in found.items() if value}


def _accepted(table: Mapping[str, Any], layer: Layer, where: str, problems: list[Problem]) -> dict[str, Any]:
    kept, faults = accepted(table, layer)
    problems += (_problem(it, where) for it in faults)
    return kept


def _problem(fault: Fault, where: str) -> Problem:
    return Problem(
        where, str(fault.where[0]) if fault.where else "", fault.message, fault.blocks, fault.where
    )


def _table(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error}", blocks=True))
        return {}
