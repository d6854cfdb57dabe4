"""A session gets a name: seen by the one who follows it and in the list, open or not, from any editor."""

from __future__ import annotations

from postil.core.events import SessionClosed, SessionRenamed
from postil.core.titles import LONGEST
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World


async def titles(editor: Editor) -> dict[str, str]:
    rows = (await editor.request("postil/session/list", {}))["sessions"]
    return {it["sessionId"]: it["title"] for it in rows}


async def test_the_session_in_view_is_renamed(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    begun = await editor.request("postil/session/prompt", {"text": "Say hello."})
    await editor.event("TurnEnded")
    only = {"sessionId": begun["sessionId"]}
    renamed = await editor.request("postil/session/rename", only | {"title": "  A\n greeting "})
    assert renamed == only | {"title": "A greeting"}
    told = await editor.event("SessionRenamed")
    assert (told["title"], told["face"]) == ("A greeting", "lsp:VS Code")
    assert await titles(editor) == {begun["sessionId"]: "A greeting"}
    await editor.request("postil/session/rename", only | {"title": "A greeting"})
    assert len([it for it in world.journal(begun["sessionId"]) if isinstance(it, SessionRenamed)]) == 1
    for title, says in (("  ", "needs a word"), ("x" * (LONGEST + 1), "at most 80")):
        code, message = await editor.fails("postil/session/rename", only | {"title": title})
        assert (code, says in message) == (-32803, True), message
    assert await titles(editor) == {begun["sessionId"]: "A greeting"}


async def test_one_that_is_not_open_is_renamed_and_the_one_in_use_stays_that(world: World) -> None:
    await world.play("One.", "Two.")
    editor = await world.editor()
    first = await editor.request("postil/session/prompt", {"text": "First."})
    await editor.event("TurnEnded")
    await editor.request("postil/session/close", {"sessionId": first["sessionId"]})
    second = await editor.request("postil/session/new", {})
    await editor.request("postil/session/rename", {"sessionId": first["sessionId"], "title": "The first one"})
    assert isinstance(world.journal(first["sessionId"])[-1], SessionClosed)
    rows = (await editor.request("postil/session/list", {}))["sessions"]
    row = next(it for it in rows if it["sessionId"] == first["sessionId"])
    assert (row["title"], row["open"], row["status"]) == ("The first one", False, "clean")
    asked = await editor.request("postil/session/prompt", {"text": "Second."})
    assert asked["sessionId"] == second["sessionId"]
    code, message = await editor.fails("postil/session/rename", {"sessionId": "nobody", "title": "x"})
    assert code == -32803, message


async def test_an_editor_without_a_client_of_ours_renames_the_session_in_use(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor("neovim", ours=False)
    begun = await editor.command("postil.server.session.new", {})
    renamed = await editor.command("postil.server.session.rename", {"title": "By hand"})
    assert renamed == {"sessionId": begun["sessionId"], "title": "By hand"}


async def test_one_that_another_window_has_open_is_renamed_there(world: World) -> None:
    await world.play("Hello.")
    one, other = await world.editor(), await world.editor()
    begun = await one.request("postil/session/prompt", {"text": "Say hello."})
    await one.event("TurnEnded")
    only = {"sessionId": begun["sessionId"]}
    _, message = await other.fails("postil/session/rename", only | {"title": "From elsewhere"})
    assert "open in" in message, message
    await one.request("postil/session/rename", only | {"title": "From here"})
    assert await titles(other) == {begun["sessionId"]: "From here"}
