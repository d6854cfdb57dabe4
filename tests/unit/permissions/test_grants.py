"""Grants for a workspace: kept whole, and a file that is damaged grants nothing."""

from __future__ import annotations

import json
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
