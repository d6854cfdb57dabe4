"""Grants for a workspace: kept whole, and a file that is damaged grants nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from postil.permissions.grants import GrantStore, StoredGrant


def grant(grant_id: str, rule: str) -> StoredGrant:
    return StoredGrant(id=grant_id, rule=rule, at=1.0, session_id="s1")


def test_grants_are_kept_and_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "grants.json"
    store = GrantStore(path)
    assert store.rules() == ()
    store.add(grant("g1", "Bash(make)"))
    store.add(grant("g2", "Edit(./a.py)"))
    store.add(grant("g3", "Bash(make)"))
    again = GrantStore(path)
    assert [it.id for it in again.load()] == ["g2", "g3"]
    assert {(it.text, it.verdict) for it in again.rules()} == {
        ("Bash(make)", "allow"),
        ("Edit(./a.py)", "allow"),
    }
    again.remove("g3")
    again.remove("g3")
    assert [it.id for it in store.load()] == ["g2"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"grants": 1}', '{"grants": [1]}', '{"grants": [{"id": "x"}]}', "\x00"]
)
def test_a_damaged_file_grants_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "grants.json"
    path.write_text(text)
    assert GrantStore(path).rules() == ()


def test_a_rule_that_is_none_grants_nothing(tmp_path: Path) -> None:
    path = tmp_path / "grants.json"
    grants = [grant("g1", "Everything(*)").model_dump(), grant("g2", "Bash(make)").model_dump()]
    path.write_text(json.dumps({"grants": grants}))
    assert [it.text for it in GrantStore(path).rules()] == ["Bash(make)"]


WINDOW = """
import sys
from pathlib import Path
from postil.permissions.grants import GrantStore, StoredGrant

store, me = GrantStore(Path(sys.argv[1])), sys.argv[2]
for number in range(12):
    name = f"{me}-{number}"
    store.add(StoredGrant(id=name, rule=f"Bash(run {name})", at=1.0, session_id="s"))
    if number % 2:
        assert store.remove(name) is not None
        assert store.remove(name) is None
"""


def test_windows_give_and_take_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    """One changes the file at a time, on what is there then: no grant comes back, and none is lost."""
    path = tmp_path / "grants.json"
    windows = [subprocess.Popen([sys.executable, "-c", WINDOW, str(path), str(it)]) for it in range(4)]
    assert [it.wait() for it in windows] == [0] * 4
    left = {it.id for it in GrantStore(path).load()}
    assert left == {f"{window}-{number}" for window in range(4) for number in range(0, 12, 2)}


def test_what_another_process_changes_is_seen(tmp_path: Path) -> None:
    here, there = GrantStore(tmp_path / "grants.json"), GrantStore(tmp_path / "grants.json")
    assert here.rules() == ()
    there.add(grant("g1", "Bash(make)"))
    assert [it.text for it in here.rules()] == ["Bash(make)"]
    assert there.remove("g1") == grant("g1", "Bash(make)")
    assert here.rules() == ()
    assert here.remove("g1") is None


def test_to_revoke_where_nothing_was_given_makes_no_file(tmp_path: Path) -> None:
    assert GrantStore(tmp_path / "none" / "grants.json").remove("g1") is None
    assert list(tmp_path.iterdir()) == []
