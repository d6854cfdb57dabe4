"""A chat document that is opened while its session works: what waits for a person stands there, a sub-agent's question as well."""

from __future__ import annotations

import pytest

from postil.workspace.files.uris import uri_to_path
from tests.protocol.test_chat_document import begun, ended, offered
from tests.support.lsp_world import World
from tests.support.sub_agents import MAIN, TASK, calls, delegate, does


async def test_the_question_of_a_sub_agent_stands_in_a_document_that_is_opened_later(world: World) -> None:
    await world.play(
        does(MAIN, delegate("d1")),
        does(TASK, calls("shell", "s1", command="touch made")),
        does(TASK, "Found."),
        does(MAIN, "Done."),
    )
    editor = await world.editor("neovim", ours=False)
    editor.open(world.file("a.py", "x = 1\n"))
    begun = await editor.command("postil.server.session.prompt", {"text": "Do it."})
    await editor.until(editor.questions)
    made = await editor.command("postil.server.chat.new", {"sessionId": begun["sessionId"], "show": False})
    path = uri_to_path(made["uri"])
    assert path is not None
    buffer = editor.open(path)
    await editor.until(lambda: "- answer: waiting" in buffer.text)
    assert buffer.text.count("    touch made\n") == buffer.text.count("### Question ") == 1
    await editor.run(await offered(editor, buffer, "Postil: Allow once"))
    await ended(editor, buffer)
    assert "- answer: allowed once, by you in Neovim, " in buffer.text
    assert "waiting" not in buffer.text
    assert buffer.text.count("### Question ") == 1
    assert "\nDone.\n" in buffer.text
    assert (world.root / "made").exists()


@pytest.mark.parametrize(
    ("preset", "words"), [("lsp-mode", ["Postil: The answer is in the chat."]), ("neovim", [])]
)
async def test_what_the_document_says_is_no_message_as_well(
    world: World, preset: str, words: list[str]
) -> None:
    """One line says that it is there; none where a key would have to be pressed for that."""
    await world.play("One.\n\nTwo.\n\nThree.", "Four.")
    editor, buffer, sent = await begun(world, "Talk of @nothing.py.\n", preset)
    await ended(editor, buffer)
    said = lambda: [it.message for it in editor.client.messages]  # noqa: E731
    editor.close(buffer)
    await editor.command("postil.server.session.prompt", {"sessionId": sent["sessionId"], "text": "More."})
    await editor.until(lambda: "Postil: Four." in said())
    assert said() == [*words, "Postil: Four."]


async def test_an_answer_that_is_on_its_way_when_its_document_is_opened_is_there_once_and_whole(
    world: World,
) -> None:
    words = "".join(f"Word {number}.\n\n" for number in range(60))
    await world.play({"text": words, "chunk": 7, "delay": {"each": 0.02}})
    editor = await world.editor("neovim", ours=False)
    editor.open(world.file("a.py", "x = 1\n"))
    begun = await editor.command("postil.server.session.prompt", {"text": "Talk."})
    await editor.until(lambda: any("Writing" in str(it) for it in editor.heard.progress))
    made = await editor.command("postil.server.chat.new", {"sessionId": begun["sessionId"], "show": False})
    path = uri_to_path(made["uri"])
    assert path is not None
    buffer = editor.open(path)
    await editor.until(lambda: "Word 9." in buffer.text)
    assert "turn 1: end turn" not in buffer.text
    await ended(editor, buffer)
    assert buffer.text.partition("## Postil\n")[2].partition("<!--")[0] == words
