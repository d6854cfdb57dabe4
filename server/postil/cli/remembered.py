"""`postil memory` about a workspace: lists what is remembered, searches it, shows it, forgets it, and indexes it again."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from postil.agent.remembering import Remembering
from postil.app import Setting, build
from postil.cli.figures import counted
from postil.cli.finding import layout, workspace
from postil.cli.transcript import when
from postil.config.load import load
from postil.core.errors import UsageError
from postil.core.revealing import one_line
from postil.workspace.buffers.overlay import NoEditor

MOST_QUERIES = 4
_TITLE = 70
_Work = Callable[[Remembering, argparse.Namespace], Awaitable[int]]


def remembered(options: argparse.Namespace) -> int:
    """Do what was asked with what is remembered of the workspace."""
    actions: dict[str, _Work] = {
        "list": _list, "search": _search, "show": _show, "forget": _forget, "reindex": _reindex,
    }  # fmt: skip
    root = workspace(options.workspace)
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}.")
    if options.action == "search" and not 0 < len(options.query) <= MOST_QUERIES:
        raise UsageError("Name one to four wordings of what you look for.", "Quote one of several words.")
    if layout().workspace(root) is None and not (root / ".postil" / "memory").is_dir():
        return _nothing(root, options)
    return asyncio.run(_with_memory(root, actions[options.action], options))


def _nothing(root: Path, options: argparse.Namespace) -> int:
    if options.action in ("show", "forget"):
        raise _unknown(options.id)
    sys.stderr.write(f"Nothing is remembered of {root}.\n")
    return 0


async def _with_memory(root: Path, work: _Work, options: argparse.Namespace) -> int:
    app = await asyncio.to_thread(
        lambda: build(load((root,)), Setting((root,), NoEditor(), interactive=False))
    )
    try:
        return await work(app.memory, options)
    finally:
        await app.close("done")


async def _list(memory: Remembering, options: argparse.Namespace) -> int:
    for it in await memory.all():
        if options.json:
            print(
                json.dumps(
                    {"id": it.id, "title": it.title, "path": it.path and str(it.path), "at": it.changed}
                )
            )
        else:
            print(f"{it.id}  {when(it.changed)}  {one_line(it.title or '(no prompt)', _TITLE)}")
    return 0


async def _search(memory: Remembering, options: argparse.Namespace) -> int:
    # A person waits for all of it; the agent would not.
    await memory.refresh()
    search = await memory.search(options.query, options.k)
    for it in search.found:
        if options.json:
            print(json.dumps({"id": it.id, "title": it.title, "excerpt": it.excerpt, "piece": it.piece}))
        else:
            print(f"{it.id}  {one_line(it.title, _TITLE)}\n    {it.excerpt}")
    if not search.found:
        sys.stderr.write("Nothing in memory matches.\n")
    return 0 if search.found else 1


async def _show(memory: Remembering, options: argparse.Namespace) -> int:
    text = await memory.text(options.id)
    if text is None:
        raise await _missing(memory, options.id)
    print(text)
    return 0


async def _forget(memory: Remembering, options: argparse.Namespace) -> int:
    if not await memory.forget(options.id):
        raise await _missing(memory, options.id)
    if memory.note(options.id) is not None:
        print(f"Deleted the note {options.id}. What sessions said of it stays with them.")
    else:
        print(f"Forgot {options.id}. The session is still there: `postil sessions delete` deletes it.")
    return 0


async def _reindex(memory: Remembering, _: argparse.Namespace) -> int:
    documents = await memory.reindex()
    print(f"Indexed again: {counted(documents, 'document')}, notes and sessions.")
    return 0


async def _missing(memory: Remembering, remembered_id: str) -> UsageError:
    """Return the error for an id that nothing has; whoever gave a note's topic alone is told its id."""
    near = [it.id for it in await memory.all() if it.path is not None and it.id.endswith(f"/{remembered_id}")]
    return _unknown(remembered_id, f"There is {' and '.join(near)}." if near else "")


def _unknown(remembered_id: str, mend: str = "") -> UsageError:
    return UsageError(
        f"Nothing is remembered as {one_line(remembered_id)}.",
        mend or "`postil memory list` shows what there is.",
    )
