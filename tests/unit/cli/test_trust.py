"""`postil trust`, as a person uses it."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.unit.cli.asked import Place, place

MAKE = {"tool": "shell", "input": {"command": "sh -c 'echo made'"}}


@pytest.fixture
def here(tmp_path: Path) -> Place:
    made = place(tmp_path)
    made.say_here("trust", "forget")
    return made


def test_status_allow_list_deny_forget(here: Place) -> None:
    unknown = here.say_here("trust", "status")
    assert unknown.status == 1
    assert unknown.out.splitlines() == [
        f"{here.work} is not known to be trusted.",
        "Restricted: reading works; git and what your rules would allow are asked about, and nothing that it configures runs.",
        "To trust it: postil trust allow, or postil ask --trust for one run.",
    ]
    assert here.say_here("trust", "list").out == "No folder is trusted or restricted yet.\n"
    allowed = here.say_here("trust", "allow")
    assert (allowed.status, allowed.out.splitlines()[0]) == (0, f"Trusted: {here.work}.")
    assert here.say_here("trust", "status").out == f"{here.work} is trusted, as you said.\n"
    listed = here.say_here("trust", "list")
    assert listed.out.startswith(f"trusted     {here.work}, since ")
    [row] = [json.loads(it) for it in here.say_here("trust", "list", "--json").out.splitlines()]
    assert (row["path"], row["verdict"], row["below"], row["holds"]) == (
        str(here.work),
        "trusted",
        False,
        True,
    )
    denied = here.say_here("trust", "deny")
    assert "Restricted: " in denied.out
    status = here.say_here("trust", "status")
    assert (status.status, status.out.splitlines()[0]) == (1, f"{here.work} is restricted, as you said.")
    assert "To trust it" not in status.out
    assert here.say_here("trust", "forget").out == f"Forgotten: {here.work}.\n"
    again = here.say_here("trust", "forget")
    assert (again.status, again.err) == (
        2,
        f"postil: Nothing is kept of {here.work}. `postil trust list` names what is.\n",
    )


def test_a_folder_that_was_replaced_is_shown_as_such_and_can_be_forgotten(here: Place) -> None:
    here.say_here("trust", "allow", str(here.work))
    shutil.rmtree(here.work)
    here.work.mkdir()
    assert "another folder has taken its place" in here.say_here("trust", "status").out
    assert "no longer that folder, so it does not count" in here.say_here("trust", "list").out
    shutil.rmtree(here.work)
    here.work.mkdir()
    assert here.say_here("trust", "forget", str(here.work)).status == 0


def test_below(here: Place) -> None:
    inner = here.work / "inner"
    inner.mkdir()
    here.say_here("trust", "allow")
    assert here.say_here("trust", "status", "inner").status == 1
    said = here.say_here("trust", "allow", "--below")
    assert said.out == f"Trusted: {here.work}, and every folder below it.\n"
    assert here.say_here("trust", "status", "inner").status == 0


def test_a_home_is_trusted_only_when_it_is_said_twice(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here.home))
    for folder in (str(here.home), "/"):
        said = here.say_here("trust", "allow", folder)
        assert said.status == 2
        assert "was not trusted" in said.err
        assert "say --yes" in said.err
    said = here.say_here("trust", "allow", "--yes", str(here.home))
    assert said.status == 0
    assert "It is your home folder" in said.err


@pytest.mark.parametrize("action", ["status", "allow", "deny"])
def test_no_folder_is_an_error_of_usage(here: Place, action: str) -> None:
    for named in ("none", ""):
        assert here.say_here("trust", action, named).status == 2


async def test_ask_is_restricted_until_somebody_says_otherwise(here: Place) -> None:
    allow = ("ask", "--allow", "Bash(sh -c 'echo made')")
    said = await here.ask([MAKE, "Ok."], *allow, "Make it.")
    assert said.status == 3, said.all
    assert f"postil: {here.work} is not known to be trusted. Less runs unasked there" in said.err
    shown = await asyncio.to_thread(here.say, "audit", "show", "latest")
    assert "mode default, workspace not trusted" in shown.out
    once = await here.ask([MAKE, "Ok."], *allow, "--trust", "Make it.")
    assert (once.status, once.err) == (0, "")
    shown = await asyncio.to_thread(here.say, "audit", "show", "latest")
    assert "mode default, workspace trusted" in shown.out
    assert "workspace trusted (session start)" in here.say_here("sessions", "show", "latest").out
    again = await here.ask([MAKE, "Ok."], *allow, "Make it.")
    assert again.status == 3, "it was for one run"
    here.say_here("trust", "allow")
    for_good = await here.ask([MAKE, "Ok."], *allow, "Make it.")
    assert (for_good.status, for_good.err) == (0, "")


def test_why_tells_of_trust(here: Place) -> None:
    config = here.home / "config"
    config.mkdir(exist_ok=True)
    (config / "settings.toml").write_text('allow = ["Bash(make)"]\n')
    for command in ("git status", "make"):
        said = here.say_here("permissions", "why", command)
        assert said.out.startswith("is asked about: ")
        assert "this workspace is not trusted" in said.out
    here.say_here("trust", "allow")
    for command in ("git status", "make"):
        assert here.say_here("permissions", "why", command).out.startswith("runs unasked: ")
