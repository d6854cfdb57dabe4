"""`postil skills` and `postil commands`: the skills and slash commands of a user and a workspace, whether each counts, and why not."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from postil.agent.commanding.collection import FoundPrompt, PromptFiles
from postil.agent.commanding.listing import CommandRow, command_rows
from postil.cli.agents import types_of
from postil.cli.finding import plainly, workspace
from postil.cli.whose import WHOSE
from postil.config.load import load, user_config_dir
from postil.core.revealing import one_line
from postil.journal.layout import state_directory
from postil.permissions.keeping_back import kept_back
from postil.permissions.modes import mode
from postil.permissions.policy import Policy, fixed_rules
from postil.permissions.trust import TrustStore
from postil.tools.registry import Registry
from postil.tools.skills.front_matter import Flaw
from postil.tools.skills.library import Found, Library
from postil.workspace.buffers.overlay import NoEditor
from postil.workspace.local import LocalWorkspace

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class There:
    """What there is for one workspace, as a session there would find it."""

    skills: Sequence[Found]
    prompts: Sequence[FoundPrompt]


def skills(options: argparse.Namespace) -> int:
    """Print the skills; return 1 where a file cannot be used."""
    with plainly():
        found = there_at(workspace(options.workspace)).skills
    rows = [_skill(it) for it in found]
    for row in rows:
        if options.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            _print(row, row["name"])
    return int(any(_faulty(it.flaws) for it in found))


def commands(options: argparse.Namespace) -> int:
    """Print the slash commands; return 1 where a file cannot be used."""
    with plainly():
        there = there_at(workspace(options.workspace))
    rows = [_command(it, there) for it in command_rows(there.prompts, there.skills)]
    for row in rows:
        if options.json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            _print(row, f"/{row['name']} {row['hint']}".rstrip())
    return int(any(_faulty(it.file.flaws) for it in there.prompts))


def there_at(root: Path) -> There:
    """Return the skills and the prompt files of a workspace. Raises ConfigurationError."""
    trusted = TrustStore(state_directory()).standing(root).trusted
    keeps_back = _keeps_back(root)
    library = Library([root], Path(os.path.realpath(Path.home())), "", keeps_back)
    types = types_of(root, Registry.collect(), trusted=trusted)
    prompts = PromptFiles(user_config_dir(), (root,), keeps_back, types.why_not)
    return There(library.inventory(trusted=trusted), prompts.inventory(trusted=trusted))


def _keeps_back(root: Path) -> Callable[[Path], bool]:
    """Return what tells of one file whether it is kept from the agent there."""
    loaded = load((root,))
    judge = kept_back(
        Path(root.anchor), Policy((*mode(loaded.options.mode).rules, *fixed_rules(loaded)), (root,))
    )
    place = LocalWorkspace((root,), NoEditor())
    return lambda path: (judge is not None and judge(path)) or place.ignores(path)


def _skill(found: Found) -> dict[str, Any]:
    row = found.row
    return {
        "type": "skill",
        "name": row.name,
        "description": row.description,
        "source": row.owner,
        "file": row.path,
        "state": "off" if found.state else "deferred",
        "why": found.state,
        "leaves_out_all_but": list(found.allowed) if found.allowed is not None else None,
        "flaws": [asdict(it) for it in found.flaws],
    }


def _command(row: CommandRow, there: There) -> dict[str, Any]:
    flaws = next((it.file.flaws for it in there.prompts if it.path == row.path), ())
    found = {key: value for key, value in asdict(row).items() if key not in ("owner", "path")}
    found["state"] = "off" if row.state == "off" else "deferred"
    return {
        "type": "slash command",
        **found,
        "source": row.owner,
        "file": row.path,
        "flaws": [asdict(it) for it in flaws],
    }


def _print(row: dict[str, Any], title: str) -> None:
    kind = f"{row['kind']}, " if "kind" in row else ""
    off = f", off: {one_line(row['why'], _LONGEST)}" if row["state"] == "off" else ""
    print(f"{title} ({kind}{WHOSE[row['source']]}{off})")
    if row["description"]:
        print(f"    {row['description']}")
    if row.get("agent"):
        print(f"    in sessions of the agent type {row['agent']}")
    if row.get("leaves_out_all_but") is not None:
        print(f"    leaves out every tool but {', '.join(row['leaves_out_all_but']) or 'a few'}")
    print(f"    file {one_line(row['file'], _LONGEST)}")
    for it in row["flaws"]:
        print(f"    {it['severity']} in line {it['line']}: {one_line(it['message'], _LONGEST)}")


def _faulty(flaws: Sequence[Flaw]) -> bool:
    return any(it.severity == "error" for it in flaws)
