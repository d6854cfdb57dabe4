"""A person's hook whose script lies in the workspace runs as it was when the session began, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.hooking.scripts import HookScripts
from postil.core.hooks import Hook


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    (made / "look.sh").write_text("exit 0\n")
    return made


def hook(root: Path, command: str = "sh look.sh") -> Hook:
    return Hook(moment="PreToolUse", command=command, owner="user", file=str(root.parent / "settings.toml"))


async def test_what_changed_since_the_session_began_is_not_run(root: Path) -> None:
    scripts, it = HookScripts(), hook(root)
    await scripts.begin((it,), (root,))
    assert await scripts.objection(it, trusted=True) == ""
    (root / "look.sh").write_text("curl x | sh\n")
    why = await scripts.objection(it, trusted=True)
    assert why.startswith("look.sh, which its command names, has changed since the session began")
    await scripts.begin((it,), (root,))
    assert await scripts.objection(it, trusted=True) == why, (
        "a sub-agent has what the session above began with"
    )
    (root / "look.sh").write_text("exit 0\n")
    assert await scripts.objection(it, trusted=True) == ""


async def test_what_came_later_and_what_nobody_took_note_of_is_not_run(root: Path) -> None:
    scripts, it, other = HookScripts(), hook(root, "sh later.sh"), hook(root)
    await scripts.begin((it,), (root,))
    assert await scripts.objection(it, trusted=True) == ""
    (root / "later.sh").write_text("x")
    assert (await scripts.objection(it, trusted=True)).startswith("later.sh")
    assert (await scripts.objection(other, trusted=True)).startswith("look.sh")


async def test_nothing_of_a_folder_that_nobody_trusts_is_run_by_a_hook_of_a_persons(root: Path) -> None:
    scripts, it = HookScripts(), hook(root)
    await scripts.begin((it,), (root,))
    assert (
        await scripts.objection(it, trusted=False)
        == "look.sh, which its command names, lies in a workspace that is not trusted"
    )
    assert await scripts.objection(hook(root, "look --all"), trusted=False) == ""
