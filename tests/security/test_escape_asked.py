"""A command that was allowed changes the workspace and nothing else: what is protected there stays, be it there or not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from postil.core.effects import Command
from postil.core.outlook import Outlook
from postil.workspace.commands.working import Working
from postil.workspace.files.paths import protected_files, protected_folders
from postil.workspace.sandbox.asked import Place, for_working
from postil.workspace.sandbox.choice import works
from postil.workspace.sandbox.covers import Covers
from postil.workspace.sandbox.guarding import Guard
from postil.workspace.sandbox.mechanism import Mechanism, Unconfined
from postil.workspace.sandbox.repositories import repository_of
from postil.workspace.sandbox.survey import survey
from tests.security import probes
from tests.security.test_escape import MECHANISMS, WANTED, Run, Start, World, attempt, listening

PLACES = (
    "home/work", "tmp/work", "home/state/work", "other/work", "ws/.vscode/work", "ws/.git/hooks/work", "ws/sub/.claude/work", "ws/.postil/work",
)  # fmt: skip
SECRETS = (
    "home/.ssh/id_ed25519",
    "home/state/journal",
    "home/.netrc",
    "home/.aws/credentials",
    "home/.cargo/credentials.toml",
    "tmp/other",
)
WITHIN_ITSELF = {"udp", "netlink", "message_queue"}
"""What it may do, as it reaches no further than its own namespaces; whether anything was reached is looked at as well."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    made.root.mkdir()
    subprocess.run(["git", "init", "-q", str(made.root)], check=True)
    made.prepare(PLACES, SECRETS)
    for name in (".vscode", ".claude", ".config/zed"):
        (made.home / name).mkdir(parents=True, exist_ok=True)
    (made.root / "work").mkdir()
    (made.root / ".npmrc").write_text("whole")
    names = [*protected_folders(), *protected_files(), ".git/commondir", ".git/config.worktree"]
    made.absent = [made.root / it for it in names if not os.path.lexists(made.root / it)]
    with listening(made, monkeypatch):
        yield made


def asked(mechanism: Mechanism) -> Start:
    """Return how a command is started that was allowed."""

    def start(world: World, words: list[str]) -> Run:
        own = world.state / "run"
        working = Working(own, [world.root], [world.state], lambda: mechanism)
        programs = ((words[0], words[0]),)
        if mechanism.lets_work:
            prepared = working.prepare(
                words, Command("", world.root, 50.0, outlook=Outlook(programs=programs))
            )
            return Run(prepared.launch, lambda: prepared.around.ended("", 0))
        # What could not keep it is never chosen; given it all the same, it must keep it.
        (own / "tmp").mkdir(parents=True)
        place = Place((world.root,), world.home, own / "tmp", (world.state,))
        found, repository = survey(place.roots), repository_of(world.root)
        within = for_working(place, [Path(words[0]).parents[1]], found, [repository])
        launch = mechanism.launch(words, world.root, working.environment(outside=False), within)
        guard = Guard(place.roots, within, found, repository.watched, Covers(own / "covers"))
        return Run(launch, lambda: guard.ended("", 0))

    return start


@pytest.mark.parametrize("title", WANTED)
def test_nothing_but_the_workspace_is_changed(title: str, world: World) -> None:
    mechanism = MECHANISMS[title]
    assert works(mechanism), f"{title} does not work here"
    kept = {
        it: it.read_bytes()
        for it in (world.root / ".git/config", world.root / ".npmrc", world.root / ".git/HEAD")
    }
    before = {it.name for it in world.root.iterdir()}
    through, said = attempt(asked(mechanism), world)
    through -= WITHIN_ITSELF
    through |= {f"made {it}" for it in world.absent if os.path.lexists(it)}
    through |= {f"changed {it}" for it, data in kept.items() if it.read_bytes() != data}
    print(f"\nescape attempts of an allowed command against {title}: {len(through)} of {len(said)} succeed")
    assert len(said) >= 500
    assert not through, {it: said.get(it) for it in through}
    left = {it.name for it in world.root.iterdir()} - before - {"plan.json"}
    assert all(".set-aside" in it for it in left), left
    assert not list((world.state / "run/covers").glob("*.json"))


def test_it_changes_the_workspace(world: World) -> None:
    """Else nothing of this would be worth anything."""
    for name in probes.CHANGES:
        (world.root / "work" / name / "empty").mkdir(parents=True)
        (world.root / "work" / name / "a").write_text("whole")
    world.places = [world.root / "work"]
    world.absent = []
    before = world.seen()
    _, said = attempt(asked(MECHANISMS["bubblewrap"]), world)
    changed = {name.split()[0] for name, seen in world.seen().items() if seen != before[name]}
    refused = {
        it: why
        for it, why in said.items()
        if it.split()[0] not in changed and it.partition(" ")[2] in map(str, world.places)
    }
    assert {
        "write",
        "create",
        "rename",
        "unlink",
        "mkdir",
        "chmod",
        "utime",
        "symlink",
        "hardlink",
        "mkfifo",
    } <= changed, refused
    assert not {"set_user_id_bit", "mknod", "mount", "flags"} & changed


def test_without_a_sandbox_it_could(world: World) -> None:
    through, said = attempt(asked(Unconfined()), world)
    assert len(through) > len(said) * 0.3
    assert {"signal", "tcp was reached", "unix was reached"} <= through
