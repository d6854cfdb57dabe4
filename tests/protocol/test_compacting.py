"""A conversation is compacted from an editor: by a command, with progress, and a document of what was kept."""

from __future__ import annotations

import re

from postil.core.events import Compacted
from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_memory import turn
from tests.support.lsp_world import World

ASKS = {"system": "getting too long"}
LATER = [
    {"tool": "recall", "input": {"queries": ["Read all files"]}},
    {"tool": "recall", "input": {"load": "result/3.1"}},
    "Yes.",
]
READS = [{"tool": "read", "input": {"path": f"f{number}.py"}} for number in range(12)]


async def test_a_command_compacts_and_a_document_says_what_was_kept(world: World) -> None:
    for number in range(12):
        world.file(f"f{number}.py", f"x = {number}\n" * 200)
    await world.play(*READS, "All read.", {"when": ASKS, "text": "### Found\n\n- twelve files"}, *LATER)
    editor = await world.editor()
    session_id = await turn(editor, "Read all files.")
    await editor.command("postil.server.session.compact", {"sessionId": session_id})
    await editor.event("Compacted")
    result = await editor.command("postil.server.session.kept", {"sessionId": session_id})
    path = uri_to_path(result["uri"])
    assert path is not None
    text = path.read_text("utf-8")
    assert text.startswith("# Compacted: ")
    assert "Read all files." in text
    assert "- twelve files" in text
    assert "- read f0.py" in text
    assert "(`result/3.1`)" in text
    await turn(editor, "Is that all?", session_id)
    sent = str(world.model.requests[-1].body["messages"])
    assert "- twelve files" in sent
    assert "x = 1\\n" not in sent
    assert "x = 0\\n" in sent, "a result of the beginning is loaded as it was"
    assert re.search(rf"{session_id}( \(piece \d+\))?: Read all files\.", sent), "what was left out is found"
    (done,) = [it for it in world.journal(session_id) if isinstance(it, Compacted)]
    assert done.after < done.before


async def test_what_is_short_is_not_compacted(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    session_id = await turn(editor, "Hello?")
    for command in ("compact", "kept"):
        wanted = {"command": f"postil.server.session.{command}", "arguments": [{"sessionId": session_id}]}
        _, message = await editor.fails("workspace/executeCommand", wanted)
        assert "compact" in message
