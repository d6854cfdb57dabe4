"""A session that is begun in VS Code, closed there, and continued in Neovim: one session, one record, both editors by name."""

from __future__ import annotations

import re

from postil.core.events import (
    PermissionDecided,
    PromptReceived,
    SessionClosed,
    SessionCreated,
    SessionResumed,
)
from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_chat_document import ended, offered, send, write
from tests.support.lsp_world import World


async def test_a_session_of_vs_code_goes_on_in_neovim(world: World) -> None:
    asks = {"tool": "shell", "input": {"command": "touch made"}}
    await world.play(
        {"when": {"after": "prompt"}, "text": "I look.", **asks},
        {"when": {"after": "results"}, "text": "Done in the view."},
        {"when": {"after": "prompt"}, "text": "I look again.", **asks},
        {"when": {"after": "results"}, "text": "Done in the document."},
    )
    code = await world.editor("vscode")  # with the extension's own words in `initialize`
    code.open(world.file("a.py", "x = 1\n"))
    begun = await code.request("postil/session/prompt", {"text": "Make it."})
    session_id = begun["sessionId"]
    await code.answer("Allow once")
    await code.event("TurnEnded")
    assert await code.leave() == 0

    nvim = await world.editor("neovim", ours=False)
    (row,) = (await nvim.command("postil.server.session.list", {}))["sessions"]
    assert (row["sessionId"], row["turns"]) == (session_id, 1)
    made = await nvim.command("postil.server.chat.new", {"sessionId": session_id, "show": False})
    path = uri_to_path(made["uri"])
    assert path is not None
    buffer = nvim.open(path)
    assert buffer.text.startswith(f"# Make it.\n<!-- postil {session_id}")
    assert "## You\nMake it.\n\n## Postil\nI look.\n" in buffer.text
    assert "### Question 1: run this command?\n    touch made\n" in buffer.text
    assert re.search(r"^- answer: allowed once, by you in VS Code, \d\d:\d\d$", buffer.text, re.MULTILINE)
    assert "\nDone in the view.\n" in buffer.text

    write(nvim, buffer, "Once more.\n")
    assert (await send(nvim, buffer))["sessionId"] == session_id
    await nvim.run(await offered(nvim, buffer, "Postil: Allow once"))
    await ended(nvim, buffer, 2)
    assert re.search(r"^- answer: allowed once, by you in Neovim, \d\d:\d\d$", buffer.text, re.MULTILINE)
    assert buffer.text.count("by you in VS Code") == 1
    told = str(world.model.requests[-1].body["messages"])
    assert told.index("Make it.") < told.index("Done in the view.") < told.index("Once more.")

    (journal,) = world.state.glob("workspaces/*/sessions/*/journal.jsonl")
    assert journal.parent.name == session_id
    events = world.journal(session_id)
    faces = [
        (type(it).__name__, it.face) for it in events if isinstance(it, PromptReceived | PermissionDecided)
    ]
    assert faces == [
        ("PromptReceived", "lsp:VS Code"),
        ("PermissionDecided", "lsp:VS Code"),
        ("PromptReceived", "lsp:Neovim"),
        ("PermissionDecided", "lsp:Neovim"),
    ]
    assert [it.face for it in events if isinstance(it, SessionResumed)] == ["lsp:Neovim"]
    assert sum(isinstance(it, SessionCreated) for it in events) == 1
    assert any(isinstance(it, SessionClosed) for it in events)
