"""Approvals of servers: a definition and the files of the workspace that it names are agreed to together."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from postil.config.server_options import ServerOptions, WrittenServer
from postil.permissions.servers import Approvals, ApprovalStore

Layer = Literal["administrator", "user", "workspace"]


def written(layer: Layer, *command: str) -> WrittenServer:
    return WrittenServer("box", ServerOptions(command=command or ("sh", "run.sh")), layer, "settings.toml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/run.sh").write_text("one")
    return tmp_path / "work"


def approvals(root: Path, it: WrittenServer, *, trusted: bool = True) -> Approvals:
    made = Approvals(
        ApprovalStore(root.parent / "servers.json"), lambda: trusted, lambda: 1.0, (it,), (root,)
    )
    made.look_now(("box",))
    return made


async def test_a_script_that_changed_is_asked_about_as_a_definition_that_did(root: Path) -> None:
    it = written("workspace")
    here = approvals(root, it)
    assert here.files(it) == ["run.sh"]
    assert here.refusal(it) == "nobody has allowed what this workspace says of it"
    await here.decide(it, "test", start=True)
    agreed = here.fingerprint(it)
    assert (here.refusal(it), here.asks(it)) == ("", False)
    assert approvals(root, it).refusal(it) == "", "in the next process too"
    (root / "run.sh").write_text("two")
    assert here.refusal(it) == "", "nobody has looked"
    await here.look(("box",))
    assert here.refusal(it) == "run.sh, which its command names, has changed since you decided about it"
    assert (here.asks(it), here.changed(it)) == (True, "run.sh")
    assert approvals(root, it).refusal(it).startswith("run.sh, which its command names, has changed")
    assert here.fingerprint(it) != agreed
    (root / "run.sh").write_text("one")
    await here.look(("box",))
    assert (here.refusal(it), here.asks(it)) == ("", False)


async def test_what_is_kept_is_what_was_shown_and_not_what_is_there_by_then(root: Path) -> None:
    it = written("workspace")
    here = approvals(root, it)
    (root / "run.sh").write_text("two")
    await here.decide(it, "test", start=True)
    await here.look(("box",))
    assert here.asks(it)


async def test_a_definition_without_files_keeps_its_word(root: Path) -> None:
    it = written("workspace", "uvx", "mcp-server-time")
    here = approvals(root, it)
    assert here.fingerprint(it) == it.fingerprint
    await here.decide(it, "test", start=False)
    assert here.refusal(it) == "you have left it off"
    other = written("workspace", "uvx", "mcp-server-git")
    assert (
        approvals(root, other).refusal(other)
        == "what this workspace says of it has changed since you decided about it"
    )


async def test_a_persons_own_server_is_held_to_its_script_as_it_was_when_settings_were_read(
    root: Path,
) -> None:
    it = written("user")
    here = approvals(root, it)
    assert (here.refusal(it), here.asks(it)) == ("", False)
    (root / "run.sh").write_text("two")
    await here.look(("box",))
    assert here.refusal(it) == "run.sh, which its command names, has changed since Postil read your settings"
    assert here.asks(it)
    await here.decide(it, "test", start=True)
    assert (here.refusal(it), here.asks(it)) == ("", False)
    (root / "run.sh").unlink()
    await here.look(("box",))
    assert here.asks(it)
    (root / "run.sh").write_text("three")
    assert approvals(root, it).refusal(it) == "", "a process that begins now has read it as it is"


async def test_a_script_that_came_later_is_another_one(root: Path) -> None:
    it = written("user", "sh", "later.sh")
    here = approvals(root, it)
    assert here.refusal(it) == ""
    (root / "later.sh").write_text("x")
    await here.look(("box",))
    assert here.refusal(it).startswith("later.sh, which its command names, has changed")


def test_a_persons_own_server_does_not_run_what_lies_in_a_folder_that_nobody_trusts(root: Path) -> None:
    it = written("user")
    assert (
        approvals(root, it, trusted=False).refusal(it)
        == "the workspace is not trusted, and its command names run.sh of it"
    )
    plain = written("user", "uvx", "mcp-server-time")
    assert approvals(root, plain, trusted=False).refusal(plain) == ""


def test_what_nobody_looked_at_is_not_started(root: Path) -> None:
    here = approvals(root, written("user"))
    other = WrittenServer("other", ServerOptions(command=("true",)), "user", "settings.toml")
    assert here.refusal(other) == "nobody has looked at the files that it names"


def test_where_no_word_counts_nothing_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: ApprovalStore) -> None:
        raise AssertionError("the approvals were read")

    monkeypatch.setattr(ApprovalStore, "load", load)
    it = written("user", "uvx", "mcp-server-time")
    assert approvals(root, it).refusal(it) == ""
