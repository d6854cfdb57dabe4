"""A client that offers no capability at all: the whole way from a prompt to taking all of it back, and each fallback."""

from __future__ import annotations

import pytest

from postil.core.events import PromptReceived
from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_bare_client import NOTHING
from tests.protocol.test_chat_document import FRESH, write
from tests.support import fallbacks
from tests.support.able_client import everything, without
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World
from tests.support.spine import walk


def said(editor: Editor) -> list[str]:
    return [it.message for it in editor.client.messages]


async def bare(world: World) -> Editor:
    """Connect a client that offers nothing."""
    return await world.editor("bare", ours=False, capabilities=NOTHING)


async def test_the_whole_way_with_everything(world: World) -> None:
    assert fallbacks.missing(await walk(world, everything(ours=True))) == set()


@pytest.mark.parametrize("field", fallbacks.abilities())
async def test_the_whole_way_without(world: World, field: str) -> None:
    """A client that has all the others. One of Postil's own has a view of its own and asks for words, so the others are tried without that."""
    able = everything(ours=field == "takes_updates")
    seen = fallbacks.missing(await walk(world, without(able, field)))
    assert seen == {*fallbacks.FALLBACKS[field].looks, "updating"}


async def test_the_whole_way_without_anything(world: World) -> None:
    it = await walk(world, NOTHING)
    assert fallbacks.missing(it) == {*fallbacks.LOOKS}
    assert it.editor.asked.methods == it.editor.asked.shown == [], (
        "nothing is asked of a client that did not offer it"
    )
    assert (
        it.editor.registered
        == it.editor.heard.created
        == it.editor.heard.saves
        == it.editor.heard.checks
        == []
    )


async def test_what_was_sent_and_stands_there_still_is_not_sent_twice(world: World) -> None:
    await world.play("One.", "Two.", "Three.")
    editor = await bare(world)
    made = await editor.command("postil.server.chat.new", {"show": False})
    chat = uri_to_path(made["uri"])
    assert chat is not None
    buffer = editor.open(chat)
    send: Json = {"command": "postil.server.chat.send", "arguments": [{"uri": buffer.uri}]}
    already = (
        "That was sent already. This editor takes no edits, so it stands there still: "
        "change it, or write the next prompt in its place."
    )
    write(editor, buffer, "Say one.\n")
    sent = await editor.run(send)
    await editor.until(lambda: any(it.startswith("Postil: One.") for it in said(editor)))
    code, message = await editor.fails("workspace/executeCommand", send)
    assert (code, message) == (-32803, already)
    write(editor, buffer, "And two.\n")
    again = await editor.run(send)
    assert again["sessionId"] == sent["sessionId"]
    assert again["turnId"] != sent["turnId"]
    await editor.until(lambda: any(it.startswith("Postil: Two.") for it in said(editor)))
    replaced(editor, buffer, "/mode plan\n")
    await editor.run(send)
    assert (await editor.fails("workspace/executeCommand", send))[1] == already
    # What was sent before the last one is a prompt of its own.
    replaced(editor, buffer, "Say one.\n")
    await editor.run(send)
    await editor.until(lambda: any(it.startswith("Postil: Three.") for it in said(editor)))
    prompts = [it.text for it in world.journal(sent["sessionId"]) if isinstance(it, PromptReceived)]
    assert prompts == ["Say one.", "Say one.\nAnd two.", "Say one."]


async def test_a_document_without_a_header_goes_on_with_its_session_after_a_restart(world: World) -> None:
    """Nothing says in it which session it is, since nothing could be written there: the record knows what was sent from where."""
    await world.play("One.", "Two.", "Three.")
    editor = await bare(world)
    chat = uri_to_path((await editor.command("postil.server.chat.new", {"show": False}))["uri"])
    assert chat is not None
    buffer = editor.open(chat)
    send: Json = {"command": "postil.server.chat.send", "arguments": [{"uri": buffer.uri}]}
    write(editor, buffer, "Say one.\n")
    sent = await editor.run(send)
    await editor.until(lambda: any(it.startswith("Postil: One.") for it in said(editor)))
    editor.save(buffer)
    await editor.leave()

    again = await bare(world)
    buffer = again.open(chat)
    assert (await again.fails("workspace/executeCommand", send))[1].startswith("That was sent already.")
    write(again, buffer, "And two.\n")
    assert (await again.run(send))["sessionId"] == sent["sessionId"]
    await again.until(lambda: any(it.startswith("Postil: Two.") for it in said(again)))
    assert "One." in str(world.model.requests[-1].body)
    prompts = [it.text for it in world.journal(sent["sessionId"]) if isinstance(it, PromptReceived)]
    assert prompts == ["Say one.", "Say one.\nAnd two."]

    # Another one that is made in its place is no document of that session.
    again.close(buffer)
    chat.unlink()
    other = uri_to_path((await again.command("postil.server.chat.new", {"show": False}))["uri"])
    assert other is not None
    assert other != chat
    buffer = again.open(other)
    write(again, buffer, "Say three.\n")
    new = await again.command("postil.server.chat.send", {"uri": buffer.uri})
    assert new["sessionId"] != sent["sessionId"]


def replaced(editor: Editor, buffer: Buffer, draft: str) -> None:
    """Write another draft in the place of the one that stands there."""
    start = {"line": FRESH.count("\n"), "character": 0}
    end = {"line": buffer.text.count("\n"), "character": 0}
    editor.change(buffer, [{"range": {"start": start, "end": end}, "newText": draft}])()


def test_every_capability_has_a_fallback_that_is_tried() -> None:
    assert [*fallbacks.FALLBACKS] == fallbacks.abilities()
    assert sorted({look for it in fallbacks.FALLBACKS.values() for look in it.looks}) == sorted(
        fallbacks.LOOKS
    )
    assert fallbacks.SAID.isdisjoint(fallbacks.abilities())


def test_the_page_of_the_docs_is_fresh() -> None:
    assert fallbacks.PAGE.read_text("utf-8") == fallbacks.page(), "run `make gen`"
