"""Slash commands: what is one, what a prompt file says, where such files come from, and which of several counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postil.agent.commanding.collection import PromptFiles
from postil.agent.commanding.giving import type_wanted
from postil.agent.commanding.listing import command_rows
from postil.agent.commanding.prompt_file import MOST_WORDS, expanded, read_prompt
from postil.agent.commanding.written import SlashCommand, slash_command, unfinished
from postil.agent.types.collection import AgentTypes
from postil.tools.skills.library import Library


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("/review", SlashCommand("review")),
        ("  /review  src/a.py \nand b ", SlashCommand("review", "src/a.py \nand b")),
        ("/Fix-it_2 x", SlashCommand("Fix-it_2", "x")),
        ("/etc/passwd is what?", None),
        ("/review: now", None),
        ("see /review", None),
        ("/", None),
        ("// x", None),
        ("/-x", None),
        (f"/{'a' * 65}", None),
    ],
)
def test_what_a_slash_command_is(text: str, want: SlashCommand | None) -> None:
    assert slash_command(text) == want


@pytest.mark.parametrize(
    ("text", "typed"),
    [("/", ""), (" /re", "re"), ("/review ", None), ("a /re", None), ("/a/b", None), ("", None)],
)
def test_what_is_being_written(text: str, typed: str | None) -> None:
    assert unfinished(text) == typed


@pytest.mark.parametrize(
    ("body", "arguments", "want"),
    [
        ("Review $ARGUMENTS.", "a b", "Review a b."),
        ("From $1 to $2, not $3!", "'x y' z", "From x y to z, not !"),
        ("$10 and $ARGUMENTSX and ${1}", "a", "$10 and $ARGUMENTSX and ${1}"),
        (r"Costs \$1, \$ARGUMENTS", "a", "Costs $1, $ARGUMENTS"),
        ("$1 $2", "it's $1", "it's $1"),
        ("Only words.", "more", "Only words."),
    ],
)
def test_places_are_filled_once(body: str, arguments: str, want: str) -> None:
    assert expanded(body, arguments) == want


@given(st.text(), st.text())
def test_any_words_can_be_put_in(body: str, arguments: str) -> None:
    expanded(body, arguments)
    assert expanded("$ARGUMENTS", arguments) == arguments


def test_a_whole_one_and_a_plain_one() -> None:
    found = read_prompt(
        "---\ndescription: Reviews.\nargument-hint: [path]\nagent: review\n---\n# Look\n\nat $1\n", "r"
    )
    assert (found.description, found.hint, found.agent, found.body) == (
        "Reviews.", "[path]", "review", "# Look\n\nat $1",
    )  # fmt: skip
    assert found.flaws == []
    plain = read_prompt("\n# Say hello\nHello.\n", "hello")
    assert (plain.description, plain.body, plain.flaws) == ("Say hello", "# Say hello\nHello.", [])


@pytest.mark.parametrize(
    ("text", "stem", "line", "severity", "words"),
    [
        ("---\ndescription: a: b\n---\nx\n", "r", 2, "error", "not YAML"),
        ("---\ndescription: a\n", "r", 1, "error", "front matter between"),
        ("---\nagent: a\nagent: b\n---\nx\n", "r", 3, "error", "`agent` is there twice"),
        ("---\nagent: [review]\n---\nx\n", "r", 2, "error", "no name of an agent type"),
        ("---\nagent:\n  a: b\n---\nx\n", "r", 2, "error", "`agent` is no text"),
        ("---\n- a\n---\nx\n", "r", 2, "error", "no list of fields"),
        ("---\nmodel: big\n---\nx\n", "r", 2, "warning", "`model` is no field"),
        ("---\nallowed-tools: Bash(*)\n---\nx\n", "r", 2, "warning", "`allowed-tools` is no field"),
        ("", "r", 1, "error", "no words"),
        ("x" * (MOST_WORDS + 1), "r", 1, "error", "is the most"),
        ("x", "a b", 1, "error", "file's name"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    text: str, stem: str, line: int, severity: str, words: str
) -> None:
    found = read_prompt(text, stem)
    assert any((it.line, it.severity) == (line, severity) and words in it.message for it in found.flaws)
    assert (found.fault is None) is (severity == "warning")


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for each in (text, f"---\n{text}\n---\nx"):
        found = read_prompt(each, "r")
        assert found.fault is not None or found.body


def write(folder: Path, name: str, text: str = "Do it.\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.md"
    file.write_text(text)
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.fixture
def files(tmp_path: Path, root: Path) -> PromptFiles:
    return PromptFiles(tmp_path / "config", (root,), lambda path: path.name == "kept.md")


def test_the_users_counts_first_and_a_workspaces_only_with_trust(
    tmp_path: Path, root: Path, files: PromptFiles
) -> None:
    own = write(tmp_path / "config/commands", "review", "Mine.\n")
    theirs = write(root / ".postil/commands", "review", "Theirs.\n")
    build = write(root / ".postil/commands", "build")
    again = write(root / ".claude/commands", "build")
    kept = write(root / ".claude/commands", "kept")
    states = {it.path: it.state for it in files.inventory(trusted=True)}
    assert states == {
        str(own): "",
        str(theirs): f"{own} has the same name and counts before it",
        str(build): "",
        str(again): f"{build} has the same name and counts before it",
        str(kept): "A rule keeps it from the agent",
    }
    untrusted = files.inventory(trusted=False)
    assert [it.state for it in untrusted if it.owner == "workspace"] == ["the workspace is not trusted"] * 4
    assert all(not it.file.body for it in untrusted if it.owner == "workspace"), "none of them is read"
    found = files.find("review", trusted=False)
    assert found is not None
    assert found.file.body == "Mine."
    assert files.find("nothing", trusted=True) is None


def test_a_faulty_file_of_the_users_is_not_another_one(
    tmp_path: Path, root: Path, files: PromptFiles
) -> None:
    write(tmp_path / "config/commands", "review", "---\nagent: 3\n---\nMine.\n")
    write(root / ".postil/commands", "review", "Theirs.\n")
    found = files.find("review", trusted=True)
    assert found is not None
    assert found.state == "line 2: `agent` is no name of an agent type; `postil agents` lists them"


def test_one_for_an_agent_type_that_is_not_there_is_off_with_its_line(tmp_path: Path, root: Path) -> None:
    types = AgentTypes(tmp_path / "config", [root], ["read"], lambda: True)
    write(tmp_path / "config/commands", "look", "---\ndescription: d\nagent: nope\n---\nLook.\n")
    write(tmp_path / "config/commands", "own", "---\nagent: looker\n---\nLook.\n")
    files = PromptFiles(tmp_path / "config", (root,), no_type=types.why_not)
    found = {it.file.name: it for it in files.inventory(trusted=True)}
    assert found["look"].state.startswith("line 3: There is no agent type 'nope'. The types are ")
    assert [it.line for it in found["look"].file.flaws if it.severity == "error"] == [3]
    assert "looker" in found["own"].state
    front = "name: looker\ntitle: L\nwhen: w\ntools: [read]\nmode: as-chosen\n"
    write(tmp_path / "config/agents", "looker", f"---\n{front}---\nLook.\n")
    now = {it.file.name: it.state for it in files.inventory(trusted=True)}
    assert now["own"] == ""
    assert now["look"] != ""


def test_what_is_no_file_of_the_workspace_is_not_read(tmp_path: Path, root: Path, files: PromptFiles) -> None:
    folder = root / ".postil/commands"
    outside = write(tmp_path / "elsewhere", "secret", "Secret.\n")
    folder.mkdir(parents=True)
    (folder / "link.md").symlink_to(outside)
    os.mkfifo(folder / "pipe.md")
    (folder / "bytes.md").write_bytes(b"\xff\xfe")
    (folder / "dir.md").mkdir()
    found = {it.file.name: it.state for it in files.inventory(trusted=True)}
    assert found["link"] == "It leads out of the workspace"
    assert found["bytes"] == "it is not UTF-8"
    assert all(found.values())
    assert set(found) == {"link", "pipe", "bytes", "dir"}


def test_the_type_that_a_command_is_for(tmp_path: Path, root: Path, files: PromptFiles) -> None:
    write(tmp_path / "config/commands", "look", "---\nagent: explore\n---\nLook.\n")
    write(root / ".postil/commands", "plan-it", "---\nagent: plan\n---\nPlan.\n")
    assert type_wanted("/look here", files, trusted=False) == "explore"
    assert type_wanted("/plan-it", files, trusted=True) == "plan"
    assert type_wanted("/plan-it", files, trusted=False) is None
    assert type_wanted("look", files, trusted=True) is None
    assert type_wanted("/look", None, trusted=True) is None


def test_nothing_of_a_workspace_takes_the_place_of_a_persons(
    tmp_path: Path, root: Path, files: PromptFiles
) -> None:
    own = write(tmp_path / "config/commands", "docs")
    write(root / ".postil/commands", "write-skill")
    write(root / ".postil/commands", "build")
    for place, name in ((tmp_path / "home", "docs"), (root, "build"), (root, "check")):
        folder = place / ".agents/skills" / name
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(f"---\nname: {name}\ndescription: d\n---\nx\n")
    library = Library([root], tmp_path / "home", "key")
    rows = command_rows(files.inventory(trusted=True), library.inventory(trusted=True))
    assert [(it.name, it.kind, it.owner) for it in rows if it.state == "in force"] == [
        ("docs", "prompt", "user"),
        ("agent-architecture", "skill", "built-in"),
        ("write-skill", "skill", "built-in"),
        ("build", "prompt", "workspace"),
        ("check", "skill", "workspace"),
    ]
    off = {(it.name, it.kind): it.why for it in rows if it.state == "off"}
    assert off["docs", "skill"] == f"{own} has the same name and counts before it"
    assert set(off) == {("docs", "skill"), ("write-skill", "prompt"), ("build", "skill")}
