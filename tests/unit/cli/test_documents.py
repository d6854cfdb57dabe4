"""Documents written by hand name what the code has, and all of it."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from postil.cli.data import KEPT
from postil.cli.main import run
from postil.config.options import Options
from postil.core.events import durable_types, ephemeral_types
from postil.journal.layout import crash_log, state_directory
from postil.journal.spending import FOLDER as SPENDING
from postil.lsp.methods import METHODS
from postil.permissions.rule import parse
from postil.permissions.trust import FOLDER as TRUST
from tests.architecture.sources import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md"))


def test_the_vocabulary_has_every_event() -> None:
    page = (DOCS / "vocabulary.md").read_text(encoding="utf-8")
    durable, ephemeral = (
        {it for row in re.findall(column, page, re.MULTILINE) for it in re.findall(r"`(\w+)`", row)}
        for column in (r"^\| [a-z ]+ \| (`[A-Z].*?) \| .*\|$", r"^\| [a-z ]+ \| `[A-Z].*? \| (.*)\|$")
    )
    assert durable == {it.__name__ for it in durable_types}
    assert ephemeral == {it.__name__ for it in ephemeral_types}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_paths_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`((?:server|tests|clients|docs)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    assert [it for it in named if not (ROOT / it).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_methods_commands_and_settings_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = {row.method for row in METHODS} | {row.command for row in METHODS} | _settings()
    named = re.findall(r"\bpostil/session/\w+\b|\bpostil\.server\.[\w.]*\w", text)
    assert sorted(set(named) - known - {"postil/session/update"}) == []


def _settings() -> set[str]:
    """Return the settings that the extension for VS Code has."""
    manifest = json.loads((ROOT / "clients/vscode/package.json").read_bytes())
    return {name for section in manifest["contributes"]["configuration"] for name in section["properties"]}


def test_the_path_of_a_request_names_files_that_exist() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z]+/[\w/]+\.py)`", page)
    assert named
    assert [
        it for it in named if not (ROOT / it).exists() and not (ROOT / "server" / "postil" / it).exists()
    ] == []


def test_commands_in_documents_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    """`postil data path` prints the folder that everything is kept in, and `delete` knows its parts."""
    assert run(["data", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(state_directory())
    state = state_directory()
    assert {crash_log(state, 1).relative_to(state).parts[0], "workspaces", SPENDING, TRUST} == set(KEPT)


def test_settings_in_documents_are_valid() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    block = "\n".join(re.findall(r"^    (.*)$", page, re.MULTILINE))
    options = Options.model_validate(tomllib.loads(block))
    rules = [*options.allow, *re.findall(r"`((?:Read|Edit|Bash)\([^)`]*\))`", page)]
    rules += json.loads(re.findall(r"deny = (\[.*?\])", (DOCS / "privacy.md").read_text(encoding="utf-8"))[0])
    assert len(rules) > 4
    for rule in rules:
        parse(rule, "allow", "user")
