"""The built-in skill agent-architecture: its front matter, its references, and that it names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from postil.tools.evidence.row import PRINCIPLES
from postil.tools.registry import Registry

FOLDER = Path(__file__).parents[3] / "server/postil/tools/skills/builtin/agent-architecture"
FIELDS = {"name", "description", "allowed-tools"}
ELSEWHERE = {"report_finding"}
"""Tools that the skill names and that are not of every build."""


def front() -> dict[str, str]:
    return yaml.safe_load((FOLDER / "SKILL.md").read_text("utf-8").split("---\n")[1])


def body() -> str:
    return (FOLDER / "SKILL.md").read_text("utf-8").split("---\n", 2)[2]


def test_its_front_matter_is_that_of_a_skill() -> None:
    fields = front()
    assert set(fields) == FIELDS
    assert fields["name"] == FOLDER.name
    assert 100 < len(fields["description"]) <= 1_024
    assert body().count("\n") < 100, "what is needed seldom stands in references"


def test_it_may_use_tools_that_there_are_and_none_that_runs_or_edits() -> None:
    tools = set(front()["allowed-tools"].split())
    assert tools - ELSEWHERE <= {it.name for it in Registry.collect().specs()}
    assert not tools & {"shell", "edit", "delete", "move", "fetch"}
    named = {it for it in re.findall(r"`([a-z]+_[a-z_]+)`", body()) if it != "find_tools"}
    assert named <= tools


def test_its_references_are_the_files_beside_it() -> None:
    named = set(re.findall(r"`(references/[\w-]+\.md)`", body()))
    assert named == {
        it.relative_to(FOLDER).as_posix() for it in FOLDER.rglob("*.md") if it.name != "SKILL.md"
    }


def test_every_principle_is_explained_under_the_name_that_rows_have() -> None:
    text = (FOLDER / "references" / "principles.md").read_text("utf-8")
    headings = re.findall(r"^## .*\(`([a-z-]+)`\)$", text, re.MULTILINE)
    assert headings == list(PRINCIPLES)
    for part in text.split("\n## ")[1:-1]:
        assert "\n- Fault: " in part
        assert "\n- Mend: " in part


@pytest.mark.parametrize("heading", ["Do first", "Principles", "Findings", "What to remove", "Not known"])
def test_every_report_says_what_to_remove_and_what_is_not_known(heading: str) -> None:
    assert f"    ## {heading}\n" in (FOLDER / "references" / "report.md").read_text("utf-8")
    if heading == "What to remove":
        assert "Every report has this part" in body()


def test_design_ends_with_what_was_left_out() -> None:
    text = (FOLDER / "references" / "design.md").read_text("utf-8")
    assert "**Left out**" in text
    assert "propose that and stop" in text
