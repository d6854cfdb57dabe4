"""`postil agents` and `postil ask --agent`: types as people see and choose them, and what they are told of files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.asking import Desk, desk
from tests.support.trusted import trusted
from tests.unit.cli.command import postil

READER = "---\nname: reader\ntitle: Reader\nwhen: To read.\ntools: [read]\nmode: plan\nlimits: {steps: 3, session: 0.5}\n---\nRead.\n"
BUILT_IN = ["build", "explore", "guide", "plan", "review", "verify"]


def write(folder: Path, name: str, text: str = READER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)


def test_the_list_says_of_each_type_what_it_may(tmp_path: Path) -> None:
    write(tmp_path / "config" / "agents", "reader")
    said = postil("agents", home=tmp_path)
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0] == "build: Build (built in, the default)"
    at = lines.index("explore: Explore (built in)")
    assert lines[at + 2 : at + 5] == [
        "    tools  diagnostics, glob, grep, list, read, recall, shell, symbols",
        "    mode   plan",
        "    limits 40 steps in a turn",
    ]
    at = lines.index("reader: Reader (yours)")
    assert lines[at + 4] == "    limits 3 steps in a turn, $0.50 in a session"
    assert lines[at + 5] == f"    file   {tmp_path / 'config' / 'agents' / 'reader.md'}"
    assert not (tmp_path / "state").exists(), "looking leaves nothing behind"


def test_limits_are_those_in_force_for_a_type_only_lowers(tmp_path: Path) -> None:
    big = READER.replace("reader", "big").replace(
        "{steps: 3, session: 0.5}", "{steps: 9999, session: 900, turn: 2}"
    )
    write(tmp_path / "config" / "agents", "big", big)
    (tmp_path / "config" / "settings.toml").write_text("max_steps = 50\n[limits]\nsession = 4.0\n")
    lines = postil("agents", home=tmp_path).out.splitlines()
    words = "50 steps in a turn, $2.00 in a turn, $4.00 in a session"
    assert lines[lines.index("big: Reader (yours)") + 4] == f"    limits {words}"
    rows = [json.loads(it) for it in postil("overview", "--json", home=tmp_path).out.splitlines()]
    [told] = [it["effects"] for it in rows if (it["kind"], it["name"]) == ("agent type", "big")]
    assert told == f"the tools read; at most {words}"


def test_the_same_as_data_with_what_is_wrong(tmp_path: Path) -> None:
    theirs = tmp_path / "work" / ".postil" / "agents"
    write(theirs, "reader")
    write(theirs, "wrong", READER.replace("reader", "wrong").replace("[read]", "[read, fly]"))
    arguments = ("agents", "--json", "--workspace", str(tmp_path / "work"))
    restricted = postil(*arguments, home=tmp_path)
    found = [json.loads(it) for it in restricted.out.splitlines()]
    assert (restricted.status, {it["type"] for it in found}) == (0, {"agent type"})
    assert [it["name"] for it in found] == [*BUILT_IN, "reader", "wrong"]
    assert {it["why"] for it in found if it["state"] == "off"} == {"the workspace is not trusted"}
    assert "count once it is trusted" in postil("agents", "--workspace", "work", home=tmp_path).out
    trusted(tmp_path / "work", tmp_path / "state")
    said = postil(*arguments, home=tmp_path)
    found = [json.loads(it) for it in said.out.splitlines()]
    assert (said.status, [it["name"] for it in found]) == (1, [*BUILT_IN, "reader", "wrong"])
    fault = found[-1]
    assert (fault["state"], fault["line"], fault["source"]) == ("off", 5, "workspace")
    build = found[0]
    assert (build["tools"], build["state"]) == (["*"], "loaded")
    assert "edit" in build["pool"]
    people = postil("agents", "--workspace", "work", home=tmp_path)
    assert "wrong (of the workspace, off: there is no tool 'fly'" in people.out
    assert f"    file   {theirs / 'wrong.md'}:5\n" in people.out


def test_the_doctor_says_it_too(tmp_path: Path) -> None:
    write(tmp_path / "config" / "agents", "wrong", READER)
    (tmp_path / "config" / "settings.toml").write_text("agent = 'wrong'\n")
    checks = json.loads(postil("doctor", "--json", home=tmp_path).out)["checks"]
    rows = [it for it in checks if it["name"] == "agent types"]
    assert [(it["state"], it["needed"]) for it in rows] == [("problem", False), ("problem", True)]
    assert "it is named 'reader' in a file wrong.md" in rows[0]["found"]
    assert rows[1]["found"] == "wrong cannot be used"


async def asked(place: Desk, *arguments: str) -> list[str]:
    """Return the type and the tools of the session that was made."""
    answered = await place.ask(*arguments, "Go.")
    assert answered.status == 0, answered.err
    (configuration,) = answered.events("ConfigurationInForce")
    return [configuration["agent_type"], configuration["held"], *configuration["tools"]]


async def test_a_type_is_chosen_for_one_run_or_in_the_settings(tmp_path: Path) -> None:
    async with desk(tmp_path, ["One.", "Two.", "Three."]) as place:
        write(place.state / "config" / "agents", "reader")
        assert (await asked(place))[:2] == ["build", ""]
        assert await asked(place, "--agent", "reader") == ["reader", "plan", "read"]
        place.settings("agent = 'guide'\n")
        assert await asked(place) == ["guide", "plan", "manual"]
        assert [it["name"] for it in place.server.requests[1].body["tools"]] == ["read"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--agent", "gone", "Go."), "There is no agent type 'gone'."),
        (("--agent", "wrong", "Go."), "The agent type 'wrong' cannot be used: "),
        (("--agent", "reader", "--resume", "latest", "Go."), "A session keeps the agent type"),
    ],
)
async def test_a_type_that_cannot_be_had_is_an_error_and_no_session(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    async with desk(tmp_path, ["Never said."]) as place:
        write(place.state / "config" / "agents", "reader")
        write(place.state / "config" / "agents", "wrong")
        answered = await place.ask(*arguments)
        assert (answered.status, answered.out) == (2, "")
        assert says in answered.err
        assert not place.server.requests
        assert not list(place.state.glob("workspaces/*/sessions/*"))


async def test_settings_with_a_type_that_cannot_be_used_never_give_another_one(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Never said."]) as place:
        place.settings("agent = 3\n")
        assert (await place.ask("Go.")).status == 1
        place.settings("agent = 'gone'\n")
        assert (await place.ask("Go.")).status == 2
        assert not place.server.requests


async def test_what_the_type_has_not_is_denied_and_the_status_says_so(tmp_path: Path) -> None:
    script = [{"tool": "write", "input": {"path": "new.py", "content": "x"}}, "I could not."]
    async with desk(tmp_path, script) as place:
        answered = await place.ask("--agent", "explore", "--allow", "Edit", "--mode", "accept-edits", "Go.")
        assert answered.status == 3
        (finished,) = answered.events("CallFinished")
        assert finished["details"] == {"denied_by": "agent_type", "error": "OutsidePool"}
        assert not (place.workspace / "new.py").exists()
