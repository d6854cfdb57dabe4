"""Unsaved documents that are a command's business: those of the workspace, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from postil.core.ports import Workspace
from postil.tools.unsaved import in_roots, own_in_roots

ROOT = Path("/project")
OURS, ELSEWHERE = ROOT / "a.py", Path("/home/ada/.config/editor/settings.json")


class Documents:
    """A workspace of which only open documents are asked."""

    roots = (ROOT,)

    async def unsaved(self) -> list[Path]:
        return [OURS, ELSEWHERE]

    async def own_unsaved(self) -> list[Path]:
        return [ELSEWHERE, OURS]


async def test_documents_outside_the_workspace_are_left_out() -> None:
    workspace = cast(Workspace, cast(object, Documents()))
    assert await in_roots(workspace) == (OURS,)
    assert await own_in_roots(workspace) == (OURS,)
