"""Every way to answer, and what is none: closing, looking, an error; a null answer to a message is a denial."""

import asyncio
from collections.abc import Callable

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

COMMAND = "sh -c 'echo ran >> ran'"
SHELL: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": COMMAND}}
DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
TITLES = ["Allow once", "Deny", "Show the question"]


class Messages:
    """The messages with buttons that an editor is shown, and what a person presses."""

    def __init__(self, editor: Editor, press: Callable[[list[str]], object]) -> None:
        self.shown: list[Json] = []
        self._press = press
        self._heard = editor.client.heard
        editor.serve(types.WINDOW_SHOW_MESSAGE_REQUEST, self._show)

    async def _show(self, params: types.ShowMessageRequestParams) -> object:
        titles = [it.title for it in params.actions or ()]
        self.shown.append({"message": params.message, "titles": titles})
        self._heard.set()
        pressed = self._press(titles)
        if isinstance(pressed, asyncio.Event):
            await pressed.wait()
            return None
        if isinstance(pressed, Exception):
            raise pressed
        return types.MessageActionItem(str(pressed)) if pressed is not None else None


def notify(world: World, how: str) -> None:
    folder = world.root.parent / "settings"
    folder.mkdir()
    (folder / "settings.toml").write_text(f'questions_notify = "{how}"\n')
    world.env["POSTIL_CONFIG_DIR"] = str(folder)


async def prompted(world: World, preset: str = "neovim", **more: Json) -> tuple[Editor, Buffer]:
    await world.play(SHELL, DONE)
    editor = await world.editor(preset, ours=False, **more)
    return editor, editor.open(world.file("a.py", "x = 1\n"))


async def ask(editor: Editor) -> str:
    turn = await editor.command("postil.server.session.prompt", {"text": "Do it."})
    return str(turn["sessionId"])


def decisions(world: World, session_id: str) -> list[tuple[str, str]]:
    events = world.journal(session_id)
    return [(it.decision, it.by) for it in events if it.type == "PermissionDecided"]


@pytest.mark.parametrize(
    ("pressed", "want"), [("Allow once", "allow"), ("Deny", "deny"), (None, "deny"), ("?", "deny")]
)
async def test_a_message_is_asked_where_the_user_asks_for_it_and_null_denies(
    world: World, pressed: str | None, want: str
) -> None:
    notify(world, "request")
    editor, _ = await prompted(world)
    messages = Messages(editor, lambda _: pressed)
    session_id = await ask(editor)
    await editor.until(lambda: editor.client.messages)
    assert decisions(world, session_id) == [(want, "person")]
    assert (world.root / "ran").exists() is (want == "allow")
    text = "Postil asks to run a command. It is shown in full at its place. Closing this denies."
    assert messages.shown == [{"message": text, "titles": TITLES}], (
        "nothing of the command stands in a message"
    )


async def test_by_itself_nothing_is_asked_by_message(world: World) -> None:
    editor, _ = await prompted(world)
    messages = Messages(editor, lambda _: None)
    await ask(editor)
    await editor.answer("Deny")
    await editor.until(lambda: editor.client.messages)
    assert messages.shown == []
    assert [it.message for it in editor.client.messages] == ["Postil: Done."]


async def test_a_message_that_only_tells(world: World) -> None:
    notify(world, "message")
    editor, _ = await prompted(world)
    await ask(editor)
    await editor.until(lambda: editor.client.messages)
    assert editor.client.messages[0].message == "Postil asks to run a command. Answer by its code actions."
    await editor.answer("Deny")
    await editor.until(lambda: len(editor.client.messages) == 2)


async def test_showing_the_question_or_an_error_leaves_it_open(world: World) -> None:
    notify(world, "request")
    for pressed in ("Show the question", JsonRpcException("no", -32601)):
        editor, buffer = await prompted(world)
        shown: list[types.ShowDocumentParams] = []

        def show(params: types.ShowDocumentParams, shown: list[types.ShowDocumentParams] = shown) -> object:
            shown.append(params)
            return types.ShowDocumentResult(success=True)

        editor.serve(types.WINDOW_SHOW_DOCUMENT, show)
        messages = Messages(editor, lambda _, pressed=pressed: pressed)
        session_id = await ask(editor)
        await editor.question()
        if isinstance(pressed, str):
            await editor.until(lambda shown=shown: shown)
            assert (shown[0].uri, shown[0].take_focus) == (buffer.uri, True)
        await editor.until(lambda messages=messages: messages.shown)
        await editor.command("postil.server.session.list", {})
        assert decisions(world, session_id) == []
        await editor.answer("Deny")
        await editor.until(lambda editor=editor: editor.client.messages)
        assert decisions(world, session_id) == [("deny", "person")]
        assert await editor.leave() == 0


async def test_a_code_action_and_a_message_race_and_the_first_counts(world: World) -> None:
    """The message is taken back: what it would answer when it is closed after that counts for nothing."""
    notify(world, "request")
    editor, _ = await prompted(world)
    closing = asyncio.Event()
    messages = Messages(editor, lambda _: closing)
    session_id = await ask(editor)
    await editor.until(lambda: messages.shown)
    await editor.answer("Allow once")
    closing.set()
    await editor.until(lambda: editor.client.messages)
    assert decisions(world, session_id) == [("allow", "person")]
    assert (world.root / "ran").read_text() == "ran\n"


async def test_two_answers_at_once_from_two_documents(world: World) -> None:
    editor, buffer = await prompted(world)
    other = editor.open(world.file("b.py", "y = 1\n"))
    session_id = await ask(editor)
    await editor.question()
    offered = [await editor.actions(it) for it in (buffer, other)]
    (allow,) = [it for it in offered[0] if it["title"] == "Postil: Allow once"]
    (deny,) = [it for it in offered[1] if it["title"] == "Postil: Deny"]
    outcomes = await asyncio.gather(editor.run(allow), editor.run(deny), return_exceptions=True)
    lost = [it for it in outcomes if isinstance(it, JsonRpcException)]
    assert [it.message for it in lost] == [
        "That question is not open: it was answered, or its turn has ended."
    ]
    await editor.until(lambda: editor.client.messages)
    (decided,) = decisions(world, session_id)
    assert decided[0] == ("allow" if outcomes.index(lost[0]) == 1 else "deny")
    assert (world.root / "ran").exists() is (decided[0] == "allow")


async def test_closing_what_a_question_stands_in_answers_nothing(world: World) -> None:
    editor, buffer = await prompted(world)
    session_id = await ask(editor)
    await editor.question()
    editor.close(buffer)
    await editor.until(lambda: not editor.questions())
    assert decisions(world, session_id) == []
    again = editor.open(world.root / "a.py")
    assert (await editor.question())[0] is again
    await editor.answer("Deny")
    await editor.until(lambda: editor.client.messages)
    assert decisions(world, session_id) == [("deny", "person")]


async def test_the_question_is_shown_from_another_document(world: World) -> None:
    for shows in (True, False):
        editor, buffer = await prompted(world)
        other = editor.open(world.file("b.py", "y = 1\n"))
        point = {"line": 0, "character": 0}
        place: Json = {"uri": buffer.uri, "range": {"start": point, "end": point}}
        await editor.command("postil.server.ask", place | {"text": "Do it."})
        await editor.question()
        seen: list[str] = []

        def show(params: types.ShowDocumentParams, seen: list[str] = seen, shows: bool = shows) -> object:
            seen.append(params.uri)
            return types.ShowDocumentResult(success=shows)

        editor.serve(types.WINDOW_SHOW_DOCUMENT, show)
        (action,) = [it for it in await editor.actions(other) if it["title"] == "Postil: Show the question"]
        await editor.run(action)
        assert seen == [buffer.uri]
        told = [it.message for it in editor.client.messages]
        assert told == ([] if shows else [f"Postil: The question is at line 1 of {buffer.uri}."])
        assert not [it for it in await editor.actions(buffer) if "Show the question" in it["title"]]
        await editor.answer("Deny")
        await editor.until(
            lambda editor=editor, shows=shows: len(editor.client.messages) == (1 if shows else 2)
        )
        assert await editor.leave() == 0


async def test_a_client_that_asks_for_words_is_offered_to_say_why(world: World) -> None:
    await world.play(SHELL, DONE)
    editor = await world.editor(
        "neovim", ours=False, capabilities={"experimental": {"postil": {"words": True}}}
    )
    buffer = editor.open(world.file("a.py", "x = 1\n"))
    session_id = await ask(editor)
    await editor.question()
    (why,) = [it for it in await editor.actions(buffer) if "Deny and say why…" in str(it["title"])]
    argument = why["arguments"][0] if "arguments" in why else why["command"]["arguments"][0]
    await editor.command("postil.server.session.answer", argument | {"text": "Use make."})
    await editor.until(lambda: editor.client.messages)
    (decided,) = [it for it in world.journal(session_id) if it.type == "PermissionDecided"]
    assert (decided.decision, decided.why) == ("deny", "denied: Use make.")
    assert "The user denied this: Use make." in str(world.model.requests[-1].body["messages"])
