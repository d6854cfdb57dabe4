"""What the agent can do here, in the editor: the command, the request, and a page that stays true."""

import asyncio
from typing import Any

from lsprotocol import types

from postil.tools.registry import Registry
from postil.workspace.files.uris import uri_to_path
from tests.support.lsp_editor import Buffer
from tests.support.lsp_world import World
from tests.support.trusted import trusted


async def test_the_page_lists_what_is_in_force_and_follows_the_session(world: World) -> None:
    trusted(world.root, world.state)
    await world.play({"text": "Hello.", "times": "any"})
    editor = await world.editor("vscode")
    opened: list[Buffer] = []

    def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        path = uri_to_path(params.uri)
        assert path is not None
        opened.append(editor.open(path))
        return types.ShowDocumentResult(success=True)

    editor.serve(types.WINDOW_SHOW_DOCUMENT, show)
    listed: dict[str, Any] = await editor.command("postil.server.overview", {})
    (buffer,) = opened
    assert buffer.uri == listed["uri"]
    tools = {it["name"]: it for it in listed["contributions"] if it["kind"] == "tool"}
    assert tuple(tools) == Registry.collect().names
    assert tools["write"]["rule"]["verdict"] == "ask"
    assert tools["write"]["icon"] == "new-file"
    text = buffer.path.read_text("utf-8")
    assert text.startswith("# What this agent can do here\n")
    assert "- **write**: Write a file\n    - loaded; builtin, Postil\n" in text

    new = await editor.request("postil/session/new", {})
    session = {"sessionId": new["sessionId"]}
    asked = await editor.request("postil/overview", {"show": False, **session})
    assert asked["uri"] == listed["uri"]
    await editor.command("postil.server.session.mode", {**session, "mode": "plan"})
    async with asyncio.timeout(40):
        while "allow: reading inside the workspace" not in text or "deny: denied by Edit" not in text:
            await editor.command("postil.server.session.list", {})
            text = buffer.path.read_text("utf-8")
