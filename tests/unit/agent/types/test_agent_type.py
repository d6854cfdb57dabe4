"""Files of agent types: what makes one, and that everything else is a fault with its line and never a type."""

from __future__ import annotations

import pytest

from postil.agent.types.agent_type import MOST_WORDS, AgentType, read_type
from postil.agent.types.collection import BUILTIN
from tests.support.few_tools import registry

GOOD = """---
name: docs
title: Documents
when: For documents alone.
tools: [read, edit]
mode: no-edits
limits:
  steps: 30
  session: 0.5
---
Your task: the documents.
"""


def read(text: str, stem: str = "docs") -> AgentType | list[tuple[int, str]]:
    found = read_type(text, stem, f"/there/{stem}.md", "user", registry.names)
    return found if isinstance(found, AgentType) else [(it.line, it.message) for it in found]


def test_a_file_that_is_right_is_a_type() -> None:
    found = read(GOOD)
    assert isinstance(found, AgentType)
    on_record = found.on_record()
    assert (on_record.name, on_record.source, on_record.file) == ("docs", "user", "/there/docs.md")
    assert (on_record.tools, on_record.mode, found.held) == (("read", "edit"), "no-edits", "no-edits")
    assert on_record.held == found.held
    assert (on_record.limits.steps, on_record.limits.session, on_record.limits.turn) == (30, 0.5, None)
    assert on_record.prompt == "Your task: the documents."


@pytest.mark.parametrize("field", ["name", "title", "when", "tools", "mode"])
def test_no_field_has_a_default_that_could_be_too_much(field: str) -> None:
    without = "\n".join(it for it in GOOD.split("\n") if not it.startswith(f"{field}:"))
    found = read(without)
    assert isinstance(found, list)
    [(line, said)] = found
    assert (line, said.partition(";")[0]) == (1, f"{field}: it is missing")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("mode: no-edits", "mode: no-edits\nmodel: big", 7, "model: there is no such field"),
        ("  steps: 30", "  step: 30", 8, "limits.step: there is no such field"),
        ("  steps: 30", "  steps: 0", 8, "limits.steps: "),
        ("  session: 0.5", "  session: .inf", 9, "limits.session: "),
        ("[read, edit]", "[read, fly]", 5, "there is no tool 'fly'"),
        ("[read, edit]", "read", 5, "tools: "),
        ("[read, edit]", "[read]\ntools: ['*']", 6, "`tools` is there twice"),
        ("mode: no-edits", "mode: accept-edits", 6, "mode accept-edits allows, and a type can only narrow"),
        ("mode: no-edits", "mode: anything", 6, "No mode 'anything'"),
        ("mode: no-edits", "mode: off", 6, "mode: "),
        ("name: docs", "name: other", 2, "it is named 'other' in a file docs.md"),
        ("name: docs", "name: Docs", 2, "name: "),
        ("title: Documents", "title: ''", 3, "title: "),
        ("Your task: the documents.", "", 2, "there are no words for the model"),
        ("Your task: the documents.", "x" * (MOST_WORDS + 1), 2, f"{MOST_WORDS:,} is the most"),
        ("---\nname", "name", 1, "does not open with front matter"),
        ("tools: [read, edit]", "tools: [read", 6, "the front matter is not YAML"),
        ("title: Documents", "title: &a {x: *a}", 3, "title: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(old: str, new: str, line: int, says: str) -> None:
    found = read(GOOD.replace(old, new, 1))
    assert isinstance(found, list)
    assert found[0][0] == line, found
    assert says in found[0][1]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = read(GOOD.replace("[read, edit]", "[fly, swim]").replace("no-edits", "accept-edits"))
    assert isinstance(found, list)
    assert [line for line, _ in found] == [5, 5, 6]
    found = read(
        GOOD.replace("  steps: 30", "  steps: many").replace("read, edit", "read, 7, fly").replace("no-", "")
    )
    assert isinstance(found, list)
    assert found == [
        (5, "tools.1: it is 7, and must be the name of a tool"),
        (8, "limits.steps: it is 'many', and must be a whole number, 1 at least"),
        (5, "there is no tool 'fly'; `postil tools` lists them"),
        (6, found[3][1]),
    ]
    assert "No mode 'edits'" in found[3][1]


@pytest.mark.parametrize("written", ['"*"', "['*']"])
def test_every_tool_is_a_star_or_a_list_of_one(written: str) -> None:
    found = read(GOOD.replace("[read, edit]", written))
    assert isinstance(found, AgentType)
    assert found.spec.tools == ("*",)


def test_the_wrong_shape_of_a_field_is_told_in_our_own_words() -> None:
    found = read(GOOD.replace("[read, edit]", "read").replace("title: Documents", "title: [a]"))
    assert found == [
        (3, "title: it is a list, and must be a text of 1 to 60 characters"),
        (5, "tools: it is 'read', and must be a list of names of tools, as in [read, grep], or \"*\" for every tool"),
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(BUILTIN.glob("*.md")), ids=lambda it: it.stem)
def test_what_is_built_in_is_right(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    found = read_type(path.read_text("utf-8"), path.stem, str(path), "built_in", registry.names)
    assert isinstance(found, AgentType), found
    assert found.file == "", "no path of one machine in the record of a built-in type"
