"""`postil permissions`: whose each rule is, and the examples beside rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.config import load
from tests.unit.cli.asked import Place, place


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A workspace, and a machine with an administrator of its own."""
    monkeypatch.setattr(load, "ADMINISTRATOR_FILE", tmp_path / "machine" / "settings.toml")
    return place(tmp_path)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_list_says_whose_each_rule_is_and_where_it_stands(here: Place) -> None:
    machine = write(here.home / "machine/settings.toml", 'deny = ["Bash(git push:*)"]')
    own = write(here.home / "config/settings.toml", 'mode = "accept-edits"\nallow = ["Bash(npm test)"]')
    theirs = write(here.work / ".postil/settings.toml", 'ask = ["Edit(docs/**)"]')
    assert here.say_here("permissions", "list").out.splitlines()[4:] == [
        "In your own settings",
        "  allow Bash(npm test)",
        f"    in {own}, never used",
        "Other rules",
        "  allow Edit  mode",
        f"  deny  Bash(git push:*)  administrator, {machine}",
        f"  ask   Edit(docs/**)  workspace, {theirs}",
    ]


def test_list_says_which_rules_do_not_count_and_shows_the_rest(here: Place) -> None:
    own = write(
        here.home / "config/settings.toml",
        'allow = ["Bash(git:*", "Foo(x)", "Bash(npm test)"]\ndeny = ["Bash(curl:*)"]',
    )
    said = here.say_here("permissions", "list")
    lines = said.out.splitlines()
    assert said.status == 1
    assert "  allow Bash(npm test)" in lines
    assert f"  deny  Bash(curl:*)  user, {own}" in lines
    broken = lines[lines.index("These do not count, and Postil does not start until they are mended") :]
    assert [it.strip() for it in broken[1::2]] == ["allow Bash(git:*", "allow Foo(x)"]
    assert all(str(own) in it for it in broken[2::2])
    assert not any("Foo" in it or "Bash(git:*" in it for it in lines[: -len(broken)])


def test_what_an_administrator_denies_nobody_allows(here: Place) -> None:
    write(here.home / "machine/settings.toml", 'deny = ["Bash(git push:*)"]\nallow = ["Bash(make lint)"]')
    write(here.home / "config/settings.toml", 'allow = ["Bash", "Bash(git push:*)"]')
    why = here.say_here("permissions", "why", "git push").out
    assert why.startswith("never runs: denied by Bash(git push:*) (administrator)\n")
    write(here.home / "config/settings.toml", "")
    assert here.say_here("permissions", "why", "make lint").out.startswith(
        "runs unasked: allowed by Bash(make lint) (administrator)\n"
    )


def test_a_machine_file_that_cannot_be_read_lets_nothing_be_decided(here: Place) -> None:
    path = write(here.home / "machine/settings.toml", 'deny = ["Bash"')
    said = here.say_here("permissions", "why", "ls")
    assert said.status == 1
    assert f"{path}: cannot be read" in said.err


def test_examples_that_hold(here: Place) -> None:
    text = 'allow = ["Edit(src/**)"]\n[[test]]\nrule = "Edit(src/**)"\nmatch = ["src/a"]\nnot_match = ["a"]\n'
    write(here.home / "config/settings.toml", text)
    said = here.say_here("permissions", "test")
    assert (said.status, said.out) == (0, "2 examples tried in 1 file: 0 problems.\n")


def test_mistakes_are_told_with_their_places(here: Place) -> None:
    own = write(here.home / "config/settings.toml", 'allow = [\n  "Edit(src/**)",\n  "Bush(x)"\n]\n')
    theirs = write(here.work / ".postil/settings.toml", 'allow = ["Edit"]\ndeny = ["Edit(src/**)"]\n')
    said = here.say_here("permissions", "test")
    assert said.status == 1
    assert said.out.splitlines() == [
        f"{own}:2:3: warning: Edit(src/**) never decides: denied by Edit(src/**) (workspace) of {theirs}",
        f"{own}:3:3: error: 'Bush(x)': no rules of kind 'Bush'. The kinds are Bash, Edit, Mcp, Read, Skill, WebFetch",
        f"{theirs}:1:1: error: allow: a workspace's file may only tighten; set this in your own settings",
        "0 examples tried in 2 files: 3 problems.",
    ]


def test_a_file_that_is_not_in_force_is_looked_at_by_itself(here: Place) -> None:
    write(here.home / "config/settings.toml", 'deny = ["Edit"]')
    write(here.work / "draft.toml", 'allow = ["Edit(src/**)"]')
    write(here.work / ".postil/settings.toml", 'allow = ["Edit"]')
    assert (
        here.say_here("permissions", "test", "draft.toml").out == "0 examples tried in 1 file: 0 problems.\n"
    )
    assert here.say_here("permissions", "test", ".postil/settings.toml").status == 1
    missing = here.say_here("permissions", "test", "none.toml")
    assert (missing.status, "none.toml cannot be read" in missing.err) == (2, True)


def test_one_mistake_hides_no_other_rule_and_no_other_file(here: Place) -> None:
    write(
        here.work / "a.toml",
        'allow = ["Bash(npm:test)", 5, "Bush(x)"]\n[[test]]\nrule = "Bash(npm:test)"\nnot_match = ["npm test"]\n',
    )
    (here.work / "b.toml").write_bytes(b'allow = ["\xff"]')
    said = here.say_here("permissions", "test", "b.toml", "a.toml")
    assert said.status == 1
    assert said.out.splitlines() == [
        "b.toml: error: it is not UTF-8, from byte 11 on; nothing of it counts",
        "a.toml:1:10: warning: Bash(npm:test) means a program whose name is npm:test; Bash(npm test:*) means npm with the word test",
        "a.toml:1:28: error: allow: 5 is no rule; a rule is a text in quotes",
        "a.toml:1:31: error: 'Bush(x)': no rules of kind 'Bush'. The kinds are Bash, Edit, Mcp, Read, Skill, WebFetch",
        "1 example tried in 2 files: 4 problems.",
    ]
