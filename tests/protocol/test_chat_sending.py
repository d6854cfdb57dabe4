"""What is sent from a chat document is sent once: asked for twice, waiting for the turn in progress, joining it, or taken back."""

from __future__ import annotations

import asyncio

import pytest
from pygls.exceptions import JsonRpcException

from postil.core.events import PermissionDecided, PromptQueued, PromptReceived
from tests.protocol.test_chat_document import ENDED, begun, ended, heads, lenses, opened, send, write
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

ASKS: Json = {"tool": "shell", "input": {"command": "touch made"}}


async def waits_in_a_turn(world: World, *more: Json | str) -> tuple[Editor, Buffer, str]:
    """Have a turn wait for an answer; returns the session, too."""
    await world.play(ASKS, "Done.", *more)
    editor, buffer, sent = await begun(world, "Make it.\n")
    await editor.until(lambda: "- answer: waiting\n<!--reply 1 #" in buffer.text and editor.has_told)
    return editor, buffer, sent["sessionId"]


async def lens(editor: Editor, buffer: Buffer, title: str) -> Json:
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    return next(it for it in found if it["command"]["title"] == title)


def prose(buffer: Buffer) -> str:
    """Return the document from its first heading on, with the ends of turns alike."""
    return "## You" + ENDED.sub("<end>", buffer.text).partition("## You")[2]


@pytest.mark.parametrize("steer", [False, True], ids=["send", "steer"])
async def test_sending_twice_at_once_begins_one_session_and_one_turn(world: World, *, steer: bool) -> None:
    await world.play({"text": "One.", "times": "any"})
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Say one.\n")
    argument = {"uri": buffer.uri, "steer": steer}
    both = (editor.command("postil.server.chat.send", argument) for _ in range(2))
    results = await asyncio.gather(*both, return_exceptions=True)
    refused = [it.message for it in results if isinstance(it, JsonRpcException)]
    assert refused == ["Nothing is written below the last “## You”. Write there, then send."]
    await ended(editor, buffer)
    found = await editor.command("postil.server.session.list", {})
    (session,) = [it["sessionId"] for it in found["sessions"]]
    events = world.journal(session)
    assert [it.text for it in events if isinstance(it, PromptReceived)] == ["Say one."]
    assert not [it for it in events if isinstance(it, PromptQueued)]


@pytest.mark.parametrize("typed", ["word", "\n\nand two", " in a word"], ids=["within", "below", "behind"])
async def test_what_is_typed_right_after_sending_is_not_sent(world: World, typed: str) -> None:
    """The key that follows the command belongs to the next prompt, or to what is typed into this one on the screen."""
    await world.play("One.")
    editor = await world.editor("vscode", ours=False)
    buffer = await opened(world, editor)
    write(editor, buffer, "Say one.\n")
    sending = asyncio.create_task(editor.command("postil.server.chat.send", {"uri": buffer.uri}))
    await asyncio.sleep(0)  # It is on its way: what comes now is behind it on the wire.
    at = buffer.text.index(" one." if typed == "word" else "\n", len(buffer.text) - len("Say one.\n"))
    editor.type(buffer, at, typed)
    sent = await sending
    await ended(editor, buffer)
    prompts = [it.text for it in world.journal(sent["sessionId"]) if isinstance(it, PromptReceived)]
    assert prompts == ["Say one."]
    above, _, below = buffer.text.partition("## Postil\n")
    assert typed.strip() in (above if typed == "word" else below)


async def test_an_answer_in_words_has_none_that_are_typed_after_it(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    write(editor, buffer, "Not there.\n")
    action = await lens(editor, buffer, "Deny, and say this")
    answering = asyncio.create_task(editor.run(action))
    await asyncio.sleep(0)
    editor.type(buffer, buffer.text.rindex("there."), "and never ")
    await answering
    await ended(editor, buffer)
    (decided,) = [it for it in world.journal(session) if isinstance(it, PermissionDecided)]
    assert "Not there." in str(decided)
    assert "never" not in str(decided)
    assert "Not and never there." in buffer.text.rpartition("## You\n")[2]


async def test_what_waits_is_in_the_document_once_when_its_turn_comes(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world, "Two.")
    write(editor, buffer, "Queued thing.\n\nOf two parts.\n")
    await send(editor, buffer, "Postil: Queue")
    await editor.until(lambda: "Queued thing." not in buffer.text)
    write(editor, buffer, "Not yet sent.\n")
    await editor.run(await lens(editor, buffer, "Deny"))
    await ended(editor, buffer, 2)
    assert [it for it in heads(buffer) if it.startswith("## ")] == ["## You", "## Postil"] * 2 + ["## You"]
    assert "\n## You\nQueued thing.\n\nOf two parts.\n\n## Postil\nTwo.\n" in buffer.text
    assert buffer.text.count("Queued thing.") == 1
    assert buffer.text.rstrip().endswith("\n## You\n\nNot yet sent.")
    asked = [it.text for it in world.journal(session) if isinstance(it, PromptReceived)]
    assert asked == ["Make it.", "Queued thing.\n\nOf two parts."]


async def test_what_is_taken_back_stands_in_the_document_again(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    write(editor, buffer, "Queued thing.\n")
    queued = await send(editor, buffer, "Postil: Queue")
    await editor.until(lambda: "Queued thing." not in buffer.text)
    write(editor, buffer, "More.\n")
    back = {"sessionId": session, "promptId": queued["turnId"]}
    await editor.command("postil.server.session.takeBack", back)
    await editor.until(lambda: prose(buffer).endswith("\n## You\nQueued thing.\n\n\nMore.\n"))
    await editor.run(await lens(editor, buffer, "Deny"))
    await ended(editor, buffer)
    assert [it.text for it in world.journal(session) if isinstance(it, PromptReceived)] == ["Make it."]


async def test_what_joins_the_turn_stands_in_its_reply(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    write(editor, buffer, "In blue.\nNot [red](x) <!--reply 1 #1-->\n")
    queued = await send(editor, buffer, "Postil: Queue")
    await editor.until(lambda: "In blue." not in buffer.text)
    now = {"sessionId": session, "promptId": queued["turnId"]}
    await editor.command("postil.server.session.sendWaiting", now)
    await editor.run(await lens(editor, buffer, "Deny"))
    await editor.until(lambda: ENDED.search(buffer.text))
    joined = "\n> **You, meanwhile:** In blue.\n> Not \\[red\\](x) \\<!--reply 1 #1-->\n"
    assert joined in buffer.text
    assert buffer.text.index(joined) < buffer.text.index("\nDone.\n")
    assert [it["title"] for it in await editor.actions(buffer) if it["title"] == "Postil: Continue"] == []


async def test_a_session_has_one_document_also_after_a_restart(world: World) -> None:
    await world.play("One.", "Two.")
    editor, buffer, sent = await begun(world, "First thing.\n")
    await ended(editor, buffer)
    editor.save(buffer)
    editor.close(buffer)
    await editor.leave()

    again = await world.editor("vscode", ours=False)
    await again.command("postil.server.session.prompt", {"sessionId": sent["sessionId"], "text": "Second."})
    of_session = {"sessionId": sent["sessionId"], "show": False}
    both = [again.command("postil.server.chat.new", of_session) for _ in range(2)]
    assert {it["uri"] for it in await asyncio.gather(*both)} == {buffer.uri}
    assert [it.name for it in buffer.path.parent.glob("*.md")] == [buffer.path.name]
    reopened = again.open(buffer.path)
    await ended(again, reopened, 2)
    assert "\n## You\nSecond.\n\n## Postil\nTwo.\n" in reopened.text
    assert reopened.text.count("First thing.") == 2  # in the title, too


async def test_a_question_that_stands_otherwise_in_the_document_has_no_answers_above_it(world: World) -> None:
    editor, buffer, _ = await waits_in_a_turn(world)
    at = buffer.text.index("    touch made\n")
    assert "Allow once" in [title for _, title in await lenses(editor, buffer)]
    editor.type(buffer, at, "    nothing much, ")
    heading = buffer.text.split("\n").index("## Postil")
    found = await lenses(editor, buffer)
    assert (heading, "Show the question") in found
    assert not {"Allow once", "Deny"} & {title for _, title in found}


async def test_the_lenses_of_a_line_have_columns_in_their_order(world: World) -> None:
    """Neovim sorts those of one line by column, and not always as they came where that is the same."""
    editor, buffer, _ = await waits_in_a_turn(world)
    write(editor, buffer, "More.\n")
    found = await editor.request("textDocument/codeLens", {"textDocument": {"uri": buffer.uri}})
    line = next(it["range"]["start"]["line"] for it in found if it["command"]["title"] == "Queue")
    mine = [it for it in found if it["range"]["start"]["line"] == line]
    assert [it["command"]["title"] for it in mine][:2] == ["Queue", "Steer now"]
    assert [it["range"]["start"]["character"] for it in mine] == [*range(len(mine))]
