"""A configuration that changed is tried before the first turn that would use it: known, new, broken, accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postil.agent import changed_harness
from postil.agent.changed_harness import ChangedHarness
from postil.agent.runner import TRYING
from postil.core.errors import ConfigurationError
from postil.permissions.harness import HarnessFiles
from postil.permissions.known_harness import KnownHarnesses
from tests.support.asking import Desk, desk, run

TRIED = "Trying your changed configuration first…"
ON = {"POSTIL_GUARDRAILS": "changes"}
pytestmark = pytest.mark.timeout(300)  # it tries the whole configuration several times


def known(place: Desk) -> list[dict[str, Any]]:
    """Return what is kept of configurations that were tried."""
    file = place.state / "guardrails.json"
    return json.loads(file.read_text())["known"] if file.exists() else []


async def test_what_is_as_it_was_delivered_is_not_tried(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."]) as place:
        answered = await place.ask("Go.", POSTIL_GUARDRAILS="changes")
        assert (answered.status, known(place)) == (0, [])


async def test_a_new_configuration_is_tried_once_and_known_from_then_on(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello.", "Hello."]) as place:
        place.settings('deny = ["Edit(docs/**)"]\n')
        assert (await place.ask("Go.", POSTIL_GUARDRAILS="changes")).status == 0
        (first,) = known(place)
        assert first["standing"] == "holds"
        assert (await place.ask("Go.", POSTIL_GUARDRAILS="changes")).status == 0
        assert known(place) == [first]


async def test_the_terminal_says_why_nothing_happens_meanwhile_and_json_says_it_as_an_event(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, ["Hello."] * 4) as place:
        words = ("ask", "--workspace", str(place.workspace), "Go.")
        place.settings("max_steps = 50\n")
        for told in ([TRIED], []):
            answered = await run(*words, cwd=tmp_path, env=place.environment | ON)
            assert answered.status == 0
            assert [it for it in answered.err.splitlines() if "configuration" in it] == told
            assert "configuration" not in answered.out
        place.settings("max_steps = 51\n")
        events = await place.ask("Go.", POSTIL_GUARDRAILS="changes")
        assert "configuration" not in events.err
        assert TRYING in {it["detail"] for it in events.events("StageChanged")}


async def test_with_a_broken_one_no_turn_begins_until_it_is_mended_or_accepted(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello.", "Hello."]) as place:
        place.settings('allow = ["Bash"]\n')
        answered = await place.ask("Go.", POSTIL_GUARDRAILS="changes")
        assert answered.status == 1
        assert answered.end.reason == "failed"
        assert "The configuration is new, and not safe: " in answered.end.message
        assert "`sudo rm -rf build` would run unasked: Bash allows it." in answered.end.message
        assert "Nothing was begun." in answered.end.message
        assert f"postil guardrails --workspace {place.workspace} --accept" in answered.end.mend
        assert (place.server.received, known(place)) == (0, [])

        accepted = await run(
            "guardrails", "--workspace", str(place.workspace), "--accept", cwd=tmp_path, env=place.environment
        )
        assert accepted.status == 0
        assert "You accept that: turns begin with this configuration, until it changes." in accepted.out
        assert {it["standing"] for it in known(place)} == {"accepted"}
        assert (await place.ask("Go.", POSTIL_GUARDRAILS="changes")).status == 0

        place.settings('allow = ["Bash", "Edit"]\n')
        assert (await place.ask("Go.", POSTIL_GUARDRAILS="changes")).status == 1, (
            "another one is not what was accepted"
        )


async def test_nothing_of_the_workspace_is_imported_for_that(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."], trusts=True) as place:
        for name in ("json.py", "postil.py", "sitecustomize.py"):
            (place.workspace / name).write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\n")
        place.settings("max_steps = 50\n")
        words = ("ask", "--workspace", str(place.workspace), "Go.")
        answered = await run(*words, cwd=tmp_path, env=place.environment | ON)
        assert answered.status == 0
        assert known(place)
        assert not (tmp_path / "imported").exists()


async def test_what_is_known_starts_nothing_and_what_changed_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(tmp_path / "config"))
    settings = tmp_path / "config" / "settings.toml"
    files, tried = HarnessFiles((tmp_path,), "1"), list[str]()

    def report(arguments: list[str]) -> dict[str, Any]:
        tried.append(digest := files.digest(trusted="yes" in arguments))
        return {"digest": digest, "holds": True, "invariants": []}

    monkeypatch.setattr(changed_harness, "_report", report)
    harness = ChangedHarness(files, tmp_path / "state", lambda: True)
    told: list[str] = []

    async def refusal(of: ChangedHarness) -> ConfigurationError | None:
        return await of.refusal(lambda: told.append("a while"))

    assert (await refusal(harness), tried) == (None, []), "nothing is configured"
    settings.parent.mkdir()
    settings.write_text("max_steps = 50\n")
    for _ in range(3):
        assert await refusal(harness) is None
    assert len(tried) == len(told) == 1, "and that is told where it takes a while"
    types = tmp_path / ".postil" / "agents"
    types.mkdir(parents=True)
    (types / "own.md").write_text("---\n")
    assert await refusal(harness) is None
    assert len(set(tried)) == 2, "a type of a trusted workspace counts"
    KnownHarnesses(tmp_path / "state").add(tried[0], "holds", 1.0)
    again = ChangedHarness(files, tmp_path / "state", lambda: False)
    assert await refusal(again) is None
    assert len(tried) == 2, "without trust it is the one from before, which is known"


@pytest.mark.parametrize("said", [None, {}, {"digest": "another", "holds": True}, {"holds": True}])
async def test_what_cannot_be_tried_is_not_safe(
    said: dict[str, Any] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".postil").mkdir()
    (tmp_path / ".postil" / "settings.toml").write_text('deny = ["Edit"]\n')
    monkeypatch.setattr(changed_harness, "_report", lambda _: said)  # pyright: ignore[reportUnknownArgumentType]
    harness = ChangedHarness(HarnessFiles((tmp_path,), "1"), tmp_path / "state", lambda: False)
    assert await harness.refusal(lambda: None) is not None


@pytest.mark.parametrize("text", ["", "{", '{"known": 1}', '{"known": [{"digest": 1}]}'])
def test_a_file_that_cannot_be_read_knows_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "guardrails.json").write_text(text)
    store = KnownHarnesses(tmp_path)
    assert store.load() == {}
    store.add("one", "accepted", 1.0)
    assert [it.standing for it in store.load().values()] == ["accepted"]


def test_what_hooks_run_and_commands_say_is_part_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, root, home = (tmp_path / it for it in ("config", "work", "home"))
    monkeypatch.setenv("POSTIL_CONFIG_DIR", str(config))
    monkeypatch.setenv("HOME", str(home))
    mine, theirs = tmp_path / "bin" / "mine.sh", root / "tools" / "theirs.sh"
    command, skill = root / ".claude/commands/fix.md", home / ".agents/skills/docs/SKILL.md"
    own, outside = config / "commands/own.md", tmp_path / "bin" / "outside.sh"
    line = '[[hooks.PreToolUse]]\nhooks = [{{ command = "sh {0}" }}]\n'
    written = {
        mine: "exit 0\n",
        theirs: "exit 0\n",
        outside: "exit 0\n",
        command: "Fix.\n",
        own: "Fix.\n",
        skill: "x\n",
        config / "settings.toml": line.format(mine),
        root / ".postil/settings.toml": line.format("$CLAUDE_PROJECT_DIR/tools/theirs.sh")
        + line.format(outside),
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    files = HarnessFiles((root,), "1")

    def known() -> list[tuple[object, str]]:
        return [(files.mark(trusted=it), files.digest(trusted=it)) for it in (False, True)]

    for path, restricted, trusted in (
        (mine, True, True), (own, True, True), (skill, True, True), (theirs, False, True), (command, False, True), (outside, False, False),
    ):  # fmt: skip
        before = known()
        path.write_text("something else\n")
        after = known()
        for at, differs in ((0, restricted), (1, trusted)):
            assert (before[at][0] != after[at][0], before[at][1] != after[at][1]) == (differs, differs), path
