"""Where types are found, whose count, and that no name leads to another type than was meant."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from postil.agent.types.collection import AgentTypes
from postil.core.errors import UsageError
from tests.support.few_tools import registry

BUILT_IN = ["build", "explore", "guide", "plan", "review", "verify"]


@dataclass
class Place:
    folder: Path
    trusted: bool = True

    @property
    def types(self) -> AgentTypes:
        return AgentTypes(self.folder / "config", [self.root], registry.names, lambda: self.trusted)

    @property
    def root(self) -> Path:
        return self.folder / "work"

    def write(self, where: str, name: str, tools: str = "[read]", **more: str) -> Path:
        """Write a type into `config` or `work/.postil`."""
        path = self.folder / where / "agents" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        extra = "".join(f"{key}: {value}\n" for key, value in more.items())
        front = f"name: {name}\ntitle: T\nwhen: Now.\ntools: {tools}\nmode: plan\n{extra}"
        path.write_text(f"---\n{front}---\nYour task: {where}.\n")
        return path

    def faults(self) -> list[tuple[str, str]]:
        return [(it.source, it.message) for it in self.types.collect().faults]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "work").mkdir()
    return Place(tmp_path)


OWN, THEIRS = "config", "work/.postil"


def test_each_folder_by_name_postils_own_first(place: Place) -> None:
    for where, name in [(OWN, "zeta"), (OWN, "alpha"), (THEIRS, "gamma")]:
        place.write(where, name)
    found = place.types.collect()
    assert [it.name for it in found.types] == [*BUILT_IN, "alpha", "zeta", "gamma"]
    assert [it.source for it in found.types][-3:] == ["user", "user", "workspace"]
    assert found.faults == ()


def test_a_workspaces_types_count_only_while_it_is_trusted(place: Place) -> None:
    place.write(THEIRS, "theirs")
    place.write(THEIRS, "build")
    place.trusted = False
    assert [it.name for it in place.types.collect().types] == BUILT_IN
    assert place.faults() == [], "nothing of it is read"
    with pytest.raises(UsageError, match="The types of this workspace count once it is trusted"):
        place.types.find("theirs")
    place.trusted = True
    assert place.types.find("theirs").source == "workspace"


def test_no_file_takes_the_name_of_a_built_in_type(place: Place) -> None:
    place.write(THEIRS, "build", "['*']")
    assert place.faults() == [
        ("workspace", "a built-in type has the name build already; give the file and the type another one")
    ]
    assert place.types.find("build").source == "built_in"
    place.write(OWN, "explore")
    with pytest.raises(UsageError, match=r"explore\.md:1: a built-in type has the name"):
        place.types.find("explore")


def test_a_workspaces_type_never_stands_in_for_the_users(place: Place) -> None:
    place.write(OWN, "careful", "[red]")
    place.write(THEIRS, "careful", "['*']")
    with pytest.raises(UsageError, match=r"config/agents/careful\.md:5: there is no tool 'red'"):
        place.types.find("careful")
    place.write(OWN, "careful")
    assert place.types.find("careful").source == "user"
    assert [source for source, _ in place.faults()] == ["workspace"]


def test_a_faulty_type_is_an_error_and_never_another_type(place: Place) -> None:
    place.write(THEIRS, "loose", "['*']", allow="[Edit]")
    with pytest.raises(UsageError, match="allow: there is no such field"):
        place.types.find("loose")
    with pytest.raises(UsageError, match=r"There is no agent type 'gone'. The types are build, explore"):
        place.types.find("gone")


def test_what_lies_in_a_workspace_is_read_through_no_link(place: Place, tmp_path: Path) -> None:
    real = place.write(OWN, "linked").rename(tmp_path / "linked.md")
    folder = place.root / ".postil" / "agents"
    folder.mkdir(parents=True)
    (folder / "linked.md").symlink_to(real)
    os.mkfifo(folder / "pipe.md")
    (folder / "large.md").write_text("x" * 70_000)
    (folder / "bytes.md").write_bytes(b"---\n\xff")
    found = place.types.collect()
    assert [it.name for it in found.types] == BUILT_IN
    assert [Path(it.file).name for it in found.faults] == ["bytes.md", "large.md", "linked.md", "pipe.md"]


def test_the_users_folder_may_be_a_link(place: Place, tmp_path: Path) -> None:
    place.write("dotfiles", "mine")
    (tmp_path / "config").symlink_to(tmp_path / "dotfiles")
    assert place.types.find("mine").source == "user"


def test_a_text_is_judged_as_the_file_that_it_would_be(place: Place) -> None:
    path = place.write(THEIRS, "theirs")
    place.trusted = False
    assert place.types.faults_of(path, path.read_text()) == []
    (fault,) = place.types.faults_of(path, path.read_text().replace("plan", "fast")) or []
    assert (fault.line, fault.source) == (6, "workspace")
    named = path.with_name("build.md")
    (fault,) = place.types.faults_of(named, path.read_text().replace("theirs", "build")) or []
    assert fault.message.startswith("a built-in type has this name already")
    assert place.types.faults_of(place.root / "agents" / "x.md", "anything") is None
    assert place.types.faults_of(path.with_suffix(".txt"), "anything") is None


@pytest.mark.parametrize("name", ["explore", "guide", "review", "verify"])
def test_what_looks_into_or_judges_work_has_no_skills(name: str, tmp_path: Path) -> None:
    assert "skill" in registry.names
    assert not {"skill", "*"} & set(Place(tmp_path).types.builtin(name).spec.tools)
