"""Options from their layers: defaults, the user's file, the workspace's file, the environment, the call."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import ValidationError

from postil.config.options import Options, restraining, tightening
from postil.core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a settings file that was not used, and why."""

    path: str
    option: str
    message: str
    blocks: bool = False
    """Whether it may hide a rule that tightens, so that nothing can be decided before it is mended."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The options in force, the rules that came with the workspace, and what was wrong."""

    options: Options
    workspace_ask: tuple[str, ...] = ()
    workspace_deny: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

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


def load(roots: tuple[Path, ...], overrides: Mapping[str, Any] | None = None) -> Loaded:
    """Return the options for a workspace. A bad option keeps its default and is reported; nothing is raised."""
    problems: list[Problem] = []
    user_file = user_config_dir() / "settings.toml"
    values = _valid(_table(user_file, problems), str(user_file), problems)
    base_url = os.environ.get("POSTIL_BASE_URL") or os.environ.get("ANTHROPIC_BASE_URL")
    if base_url:
        values["base_url"] = base_url
    if model := os.environ.get("POSTIL_MODEL"):
        values["model"] = model
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    values |= _valid(given, "the call", problems)
    ask, deny = _workspace_rules(roots, problems)
    return Loaded(Options(**values), ask, deny, tuple(problems))


def _workspace_rules(
    roots: tuple[Path, ...], problems: list[Problem]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ask: list[str] = []
    deny: list[str] = []
    for root in roots:
        path = root / ".postil" / "settings.toml"
        table = _table(path, problems)
        for key in table.keys() - tightening:
            message = "a workspace's file may only tighten; set this in your own settings"
            problems.append(Problem(str(path), key, message))
        kept = _valid({key: table[key] for key in table.keys() & tightening}, str(path), problems)
        ask += kept.get("ask", ())
        deny += kept.get("deny", ())
    return tuple(ask), tuple(deny)


def _table(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error}", blocks=True))
        return {}


def _valid(table: Mapping[str, Any], where: str, problems: list[Problem]) -> dict[str, Any]:
    """Return the options of `table` that are valid, each judged alone, so that one mistake costs one option."""
    kept: dict[str, Any] = {}
    for key, value in table.items():
        if key not in Options.model_fields:
            problems.append(Problem(where, key, "no such option"))
            continue
        try:
            kept[key] = getattr(Options.model_validate({key: value}), key)
        except ValidationError as error:
            problems.append(Problem(where, key, error.errors()[0]["msg"], blocks=key in restraining))
    return kept
