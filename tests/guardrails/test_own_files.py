"""What guardrails say of hooks, skills and slash commands of one's own: what is faulty is noted, and breaks nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.guardrails.test_sabotage import found
from tests.support.installation import Installation
from tests.support.sabotaged import Place, hook

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("work", "config", "home"):
        (tmp_path / name).mkdir()
    return Place(tmp_path, Installation(tmp_path / "installation"))


def notes(out: str, name: str) -> list[str]:
    """Return what is noted of an invariant that holds."""
    (one,) = [it for it in json.loads(out)["invariants"] if it["name"] == name]
    return [f"{it['where']}: {it['what']}" for it in one["findings"] if it["weak"]]


def test_hooks_that_answer_break_nothing_and_only_those_before_calls_run(place: Place) -> None:
    ran = place.folder / "ran"
    hook(place, f"cat >/dev/null; echo pre >> {ran}; exit 2")
    before = (place.folder / "config" / "settings.toml").read_text()
    hook(place, f"echo stop >> {ran}", moment="Stop")
    after = (place.folder / "config" / "settings.toml").read_text().replace('matcher = "Bash"\n', "")
    place.settings(before + after)
    _, out, err = place.run("guardrails", "--json")
    assert "hooks" not in found(json.loads(out)), out + err
    assert ran.read_text() == "pre\n", "no other invariant runs one"
    hook(place, "true")
    place.settings((place.folder / "config" / "settings.toml").read_text().replace("Bash", "Bsh"))
    status, out, err = place.run("guardrails", "--json", "--only", "hooks")
    assert status == 0, out + err
    assert notes(out, "hooks")[0].endswith("the hook `true` is about no tool that there is: Bsh")
    place.settings((place.folder / "config" / "settings.toml").read_text().replace("Bsh", "use_tool"))
    _, out, _ = place.run("guardrails", "--json", "--only", "hooks")
    assert notes(out, "hooks")[0].endswith("is about no tool that there is: use_tool"), (
        "but what is used by it"
    )


def test_of_several_that_are_named_all_are_tried(place: Place) -> None:
    hook(place, "exit 7")
    assert place.run("guardrails", "--only", "hooks")[0] == 1
    status, out, _ = place.run("guardrails", "--json", "--only", "hooks", "--only", "skills")
    assert status == 1
    assert set(found(json.loads(out))) == {"hooks"}
    status, _, err = place.run("guardrails", "--only", "skills", "--accept")
    assert status == 2
    assert "Leave out --only, or --accept." in err
    assert place.run("guardrails", "--only", "hooks")[0] == 1, "nothing was accepted"


def test_a_workspaces_hooks_are_run_only_where_they_count(place: Place) -> None:
    settings = place.root / ".postil" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text('[[hooks.PreToolUse]]\nhooks = [{ command = "sh look.sh" }]\n')
    (place.root / "look.sh").write_text("echo nonsense\n")
    assert place.run("guardrails", "--json", "--only", "hooks", "--trust", "no")[0] == 0
    status, out, err = place.run("guardrails", "--json", "--only", "hooks", "--trust", "yes")
    assert status == 1, err
    (said,) = found(json.loads(out))["hooks"]
    assert said.startswith(f"{settings}: the hook `sh look.sh` gives no answer that counts: what it printed")
    (place.root / "look.sh").write_text("exit 4\n")
    status, out, _ = place.run("guardrails", "--json", "--only", "hooks", "--trust", "yes")
    assert status == 0, "it may need more than what is there of the workspace"
    assert "it failed with status 4" in notes(out, "hooks")[0]
    (place.root / "look.sh").write_text("exit 0\n")
    assert place.run("guardrails", "--json", "--only", "hooks", "--trust", "yes")[0] == 0


def test_faulty_skills_and_commands_are_named_and_break_nothing(place: Place) -> None:
    skill = place.folder / "home/.agents/skills/docs/SKILL.md"
    command = place.root / ".claude/commands/fix.md"
    for path, text in ((skill, "---\nname: docs\n---\nx\n"), (command, "---\nagent: 3\n---\nFix.\n")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    status, out, err = place.run("guardrails", "--json", "--only", "skills", "--trust", "no")
    assert status == 0, err
    (of_skill,) = notes(out, "skills")
    assert of_skill.startswith(f"{skill}:1: this skill cannot be used: `description` is missing")
    _, out, _ = place.run("guardrails", "--json", "--only", "skills", "--trust", "yes")
    _, of_command = notes(out, "skills")
    assert of_command.startswith(f"{command}:2: this slash command cannot be used: `agent` is no name")
    command.write_text("---\nagent: nobody\n---\nFix.\n")
    _, out, _ = place.run("guardrails", "--json", "--only", "skills", "--trust", "yes")
    _, of_command = notes(out, "skills")
    assert of_command.startswith(
        f"{command}:2: this slash command cannot be used: There is no agent type 'nobody'"
    )
