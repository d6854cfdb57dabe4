"""`postil permissions list`, `revoke` and `why`: the grants with how they were used, why a command is asked about, and taking grants back."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from postil.core import events as ev
from postil.journal.layout import Layout
from postil.journal.store import SessionStore
from postil.permissions.grants import GrantStore, StoredGrant
from postil.workspace.files.real_disk import RealDisk
from tests.support import golden_parts as make
from tests.support.trusted import trusted
from tests.unit.cli.command import Said, postil

ALWAYS, ONCE = "Bash(make check)", "Bash(tox)"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a workspace in which a grant was given for good and used, and another for a session."""
    root, state = tmp_path / "ws", tmp_path / "state"
    root.mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text(
        'allow = ["Edit(notes/**)"]\ndeny = ["Read(secrets/**)"]\n'
    )
    folder = Layout(RealDisk(), state).make_workspace(root)
    kept = StoredGrant(
        id="grant_a", rule=ALWAYS, at=86_400.0 * 3, session_id="s1", face="cli", asked="make check"
    )
    GrantStore(folder / "grants.json").add(kept)
    asyncio.run(session(root, state))
    return tmp_path


async def session(root: Path, state: Path) -> None:
    given: list[ev.Durable] = [
        ev.SessionCreated(session_id="s1", roots=(str(root),), face="lsp", postil="0"),
        make.configuration("default", "session start"),
        make.prompt("t1", "Check it."),
        make.asked("t1", "c1", "q1", "tox"),
        make.decided("t1", "c1", by="person", rule="", why="allowed", question_id="q1", face="lsp"),
        ev.GrantAdded(grant_id="grant_b", rule=ONCE, scope="session", question_id="q1"),
        *(make.decided("t1", f"u{number}", rule=ALWAYS, why="") for number in range(2)),
        make.ended("t1"),
        ev.SessionClosed(reason="closed"),
    ]
    journal = await SessionStore(state).create(root, "s1")
    for event in given:
        await journal.append(event, sync=False)
    await journal.close()


def permissions(home: Path, *arguments: str) -> Said:
    return postil("permissions", *arguments, home=home, cwd=home / "ws")


def test_the_list_says_where_each_grant_came_from_and_how_it_was_used(home: Path) -> None:
    said = permissions(home, "list")
    assert said.status == 0
    lines = said.out.splitlines()
    assert [it for it in lines if not it.startswith(" ")] == [
        "Always in this workspace",
        "For one session",
        "In your own settings",
        "Other rules",
    ]
    place = lines.index(f"  allow {ALWAYS}")
    want = rf"    given 1970-01-04 00:00 \(\d+ months ago\) by you in the terminal, used 2 times, last {TIME}  \(revoke: grant_a\)"
    assert re.fullmatch(want, lines[place + 1]), lines
    assert lines[place + 2] == "    when asked about make check, in the session Check it."
    place = lines.index(f"  allow {ONCE}")
    assert re.fullmatch(
        rf"    given {TIME} .* by you in the editor, never used  \(revoke: grant_b\)", lines[place + 1]
    )
    assert lines[lines.index("  allow Edit(notes/**)") + 1].endswith("settings.toml, never used")
    assert lines[-1] == f"  deny  Read(secrets/**)  user, {home}/config/settings.toml"


def test_grants_are_taken_back_by_their_rule_or_id_and_once(home: Path) -> None:
    for wanted, rule in (("grant_a", ALWAYS), (ONCE, ONCE)):
        said = permissions(home, "revoke", wanted)
        assert (said.status, said.out) == (0, f"Revoked: {rule}\n")
        again = permissions(home, "revoke", wanted)
        assert again.status == 2
        assert again.err.startswith(f"postil: There is no grant '{wanted}'.")
    assert permissions(home, "list").out.count("  none\n") == 2


def test_where_nothing_was_given_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    said = permissions(tmp_path, "list")
    assert (said.status, said.out.count("  none\n")) == (0, 4)
    assert not list(tmp_path.rglob("grants.*"))


def test_why_shows_what_allows_each_part_and_what_does_not_count(home: Path) -> None:
    trusted(home / "ws", home / "state")
    (home / "config" / "settings.toml").write_text(
        'allow = ["Bash(npm test:*)"]\nask = ["Bash(git push:*)"]\n'
    )
    assert permissions(home, "why", "npm test && git push").out.splitlines() == [
        "is asked about by Bash(git push:*) (user)",
        "  npm test",
        "    allowed by Bash(npm test:*)",
        "  git push",
        "    git: git push may change something",
        "  does not count: allow Bash(npm test:*) (user)",
    ]
    assert permissions(home, "why", "npm test\u202e").out.startswith("is asked about: ")
    assert "\\u202e" in permissions(home, "why", "npm test\u202e").out
