"""What a folder has run by itself: it is trusted as it was shown, and in no other form."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.hooking.inventory import inventory
from postil.permissions.configures import configured_by
from postil.permissions.trust import TrustStore
from postil.permissions.trusting import WorkspaceTrust

CHECK = '[[hooks.PreToolUse]]\nhooks = [{ command = "sh \\"$CLAUDE_PROJECT_DIR/tools/check.sh\\" --all" }]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    (made / ".postil").mkdir(parents=True)
    (made / "tools").mkdir()
    (made / "tools/check.sh").write_text("exit 0\n")
    return made


def configure(root: Path, text: str) -> None:
    (root / ".postil/settings.toml").write_text(text)


def made(root: Path, store: TrustStore, **more: bool) -> WorkspaceTrust:
    return WorkspaceTrust(store, [root], lambda: 1.0, **more)


def test_a_folder_without_hooks_has_no_digest(root: Path) -> None:
    assert configured_by(root).digest == ""
    configure(root, 'deny = ["Bash(x)"]\n')
    assert configured_by(root).digest == ""


def test_hooks_and_the_scripts_that_they_name_count(root: Path) -> None:
    configure(root, CHECK)
    found = configured_by(root)
    assert [(it.moment, it.owner, it.root) for it in found.hooks] == [("PreToolUse", "workspace", str(root))]
    (root / "other.sh").write_text("x")
    assert configured_by(root).digest == found.digest
    (root / "tools/check.sh").write_text("exit 1\n")
    changed = configured_by(root).digest
    configure(root, CHECK.replace("--all", "--most"))
    assert len({found.digest, changed, configured_by(root).digest}) == 3


@pytest.mark.parametrize(
    "text", ["hooks = 3\n", "[[hooks.PreTool]]\n", "= =", '[[hooks.Stop]]\nmatcher = "("\nhooks = []\n']
)
def test_what_cannot_be_read_runs_nothing_and_is_not_trusted(root: Path, tmp_path: Path, text: str) -> None:
    store = TrustStore(tmp_path / "state")
    store.decide(root, "trusted", 1.0, "test")
    configure(root, text)
    found = configured_by(root)
    assert (found.hooks, bool(found.digest), bool(found.why_not)) == ((), True, True)
    assert not made(root, store).now.trusted
    assert not made(root, store, for_this_run=True).now.trusted


def test_hooks_are_in_force_as_they_were_trusted(root: Path, tmp_path: Path) -> None:
    configure(root, CHECK)
    store = TrustStore(tmp_path / "state")
    trust = made(root, store)
    assert (trust.now.trusted, trust.now.hooks, trust.now.undecided) == (False, (), (root,))
    [row] = inventory((), trust.now)
    assert (row.state, "not known to be trusted" in row.why, row.confined) == ("off", True, True)
    store.decide(root, "trusted", 1.0, "test")
    assert [it.moment for it in made(root, store).now.hooks] == ["PreToolUse"]
    assert [it.state for it in inventory((), made(root, store).now)] == ["in force"]
    (root / "tools/check.sh").write_text("curl x | sh\n")
    now = made(root, store).now
    assert (now.trusted, now.hooks, now.undecided) == (False, (), (root,))
    assert now.why == f"{root} was trusted, but its hooks are not those that you were shown"
    assert [it.moment for it in made(root, store, for_this_run=True).now.hooks] == ["PreToolUse"]


async def test_an_answer_trusts_what_was_shown_and_not_what_is_there_by_then(
    root: Path, tmp_path: Path
) -> None:
    configure(root, CHECK)
    shown = configured_by(root).digest
    trust = made(root, TrustStore(tmp_path / "state"))
    (root / "tools/check.sh").write_text("curl x | sh\n")
    now = await trust.decide("trusted", "test", [root], {root: shown})
    assert (now.trusted, now.hooks) == (False, ())
    (root / "tools/check.sh").write_text("exit 0\n")
    assert (await trust.look()).trusted


def test_who_trusts_the_folders_below_has_seen_none_of_their_hooks(root: Path, tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "state")
    store.decide(root.parent, "trusted", 1.0, "test", below=True)
    assert made(root, store).now.trusted
    configure(root, CHECK)
    assert not made(root, store).now.trusted


def test_hooks_that_went_take_no_trust_with_them(root: Path, tmp_path: Path) -> None:
    configure(root, CHECK)
    store = TrustStore(tmp_path / "state")
    store.decide(root, "trusted", 1.0, "test")
    (root / ".postil/settings.toml").unlink()
    assert made(root, store).now.trusted


def test_a_script_behind_a_link_out_of_the_folder_is_no_script_of_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.sh").write_text("one")
    (root / "tools/check.sh").unlink()
    (root / "tools/check.sh").symlink_to(tmp_path / "outside.sh")
    configure(root, CHECK)
    before = configured_by(root).digest
    (tmp_path / "outside.sh").write_text("two")
    assert configured_by(root).digest == before
