"""`postil skills`, `postil commands` and slash commands in `postil ask`, as people see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.asking import desk
from tests.support.trusted import trusted
from tests.unit.cli.command import Said, postil

SKILL = "---\nname: {0}\ndescription: Does {0}.\n{1}---\nDo it.\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def listed(said: Said, what: str) -> dict[str, Any]:
    rows = [json.loads(it) for it in said.out.splitlines()]
    assert {it["type"] for it in rows} == {what}
    return {it["file"]: it for it in rows}


def test_skills_are_listed_with_what_is_wrong(tmp_path: Path) -> None:
    root = tmp_path / "work"
    own = write(tmp_path / ".agents/skills/docs/SKILL.md", SKILL.format("docs", "allowed-tools: read\n"))
    theirs = write(root / ".agents/skills/build/SKILL.md", SKILL.format("build", "colour: red\n"))
    env = {"HOME": str(tmp_path)}
    said = postil("skills", home=tmp_path, env=env, cwd=root)
    lines = said.out.splitlines()
    at = lines.index("docs (yours)")
    assert lines[at + 1 : at + 4] == [
        "    Does docs.",
        "    leaves out every tool but read",
        f"    file {own}",
    ]
    assert "build (of the workspace, off: the workspace is not trusted)" in lines
    assert any(it.startswith("write-skill (built in)") for it in lines)
    assert said.status == 0
    assert not (tmp_path / "state").exists(), "looking leaves nothing behind"
    trusted(root, tmp_path / "state")
    rows = listed(postil("skills", "--json", home=tmp_path, env=env, cwd=root), "skill")
    assert (rows[str(theirs)]["state"], rows[str(theirs)]["flaws"][0]["line"]) == ("deferred", 4)
    assert rows[str(own)]["leaves_out_all_but"] == ["read"]
    write(theirs, "Nothing.\n")
    assert postil("skills", home=tmp_path, env=env, cwd=root).status == 1


def test_what_rules_keep_from_the_agent_does_not_count(tmp_path: Path) -> None:
    root = tmp_path / "work"
    kept = write(root / ".agents/skills/build/SKILL.md", SKILL.format("build", ""))
    ignored = write(root / ".claude/commands/go.md", "Go.\n")
    write(root / ".postilignore", ".claude/commands\n")
    write(tmp_path / "config/settings.toml", 'deny = ["Read(.agents/**)"]\n')
    trusted(root, tmp_path / "state")
    rows = listed(postil("commands", "--json", home=tmp_path, cwd=root), "slash command")
    assert {rows[str(it)]["why"] for it in (kept, ignored)} == {"A rule keeps it from the agent"}


def test_commands_are_listed(tmp_path: Path) -> None:
    root = tmp_path / "work"
    root.mkdir()
    own = write(
        tmp_path / "config/commands/look.md", "---\nargument-hint: <file>\nagent: explore\n---\nLook.\n"
    )
    said = postil("commands", home=tmp_path, cwd=root)
    lines = said.out.splitlines()
    assert lines[:4] == [
        "/look <file> (prompt, yours)",
        "    Look.",
        "    in sessions of the agent type explore",
        f"    file {own}",
    ]
    assert any(it.startswith("/write-skill (skill, built in)") for it in lines)
    assert said.status == 0
    write(own, "---\nagent: 3\n---\nLook.\n")
    faulty = postil("commands", home=tmp_path, cwd=root)
    assert faulty.status == 1
    assert (
        "    error in line 2: `agent` is no name of an agent type; `postil agents` lists them." in faulty.out
    )


async def test_asking_with_one_begins_a_session_of_its_type(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Seen.", "Seen."]) as place:
        write(place.state / "config/commands/look.md", "---\nagent: explore\n---\nLook at $1.\n")
        answered = await place.ask("/look a.txt")
        assert answered.status == 0
        assert [it["name"] for it in answered.events("AgentTypeInForce")] == ["explore"]
        [prompt] = answered.events("PromptReceived")
        assert prompt["context"][0]["text"] == "Look at a.txt."
        sent = json.dumps(place.server.requests[-1].body)
        assert "Look at a.txt." in sent
        refused = await place.ask("--agent", "build", "/look a.txt")
        assert refused.status != 0
        assert "agent type explore, and this one is of build" in refused.err
