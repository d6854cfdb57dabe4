"""A person who types without a pause while the agent edits the same document: nothing of either is lost, and edits land."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import cycle

from tests.support.lsp_client import Json
from tests.support.lsp_editor import ApplyHabit, Buffer, Editor, fits, reply_then_change
from tests.support.lsp_world import World

PLACES = 4
KEYS_FOR_EACH = 25
"""Keys that cross one and the same edit: at ten in a second, more than two seconds of bad luck."""
TEXT = "".join(f"place {n}: old\nkept τ{n}\n" for n in range(PLACES)) + "typed:"
AFTER = TEXT.replace(": old", ": new\nmore")
LETTERS = "abcλ🎈 "


def edit(old: str, new: str) -> Json:
    return {"tool": "edit", "input": {"path": "notes.txt", "edits": [{"old": old, "new": new}]}}


async def begin(world: World, habit: ApplyHabit, *replies: Json | str) -> tuple[Editor, Buffer]:
    """Let the agent edit a document in an editor of such habits, until its turn has ended."""
    path = world.file("notes.txt", TEXT)
    await world.play(*replies)
    editor = await world.editor("vscode")
    editor.habit = habit
    buffer = editor.open(path)
    session = await editor.request("postil/session/new", {"mode": "accept-edits"})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Edit."})
    await editor.event("TurnEnded")
    return editor, buffer


def crossing(keys: Iterator[str], times: int, typed: Callable[[Editor, Buffer, str], None]) -> ApplyHabit:
    """Refuse each edit so many times, as VS Code does, because a key came in between; then make it."""
    left = [times]

    async def habit(editor: Editor, params: Json) -> Json:
        (buffer,) = editor.buffers.values()
        if left[0]:
            left[0] -= 1
            typed(editor, buffer, next(keys))
            assert not fits(editor, params)
            return {"applied": False, "failureReason": "notes.txt has changed in the meantime"}
        left[0] = times
        return await reply_then_change(editor, params)

    return habit


def at_the_end(editor: Editor, buffer: Buffer, key: str) -> None:
    editor.type(buffer, len(buffer.text), key)


async def test_edits_land_beside_keys_that_cross_every_one_of_them(world: World) -> None:
    keys = (LETTERS * 100)[: PLACES * KEYS_FOR_EACH]
    wishes = [edit(f"place {n}: old", f"place {n}: new\nmore") for n in range(PLACES)]
    habit = crossing(iter(keys), KEYS_FOR_EACH, at_the_end)
    editor, buffer = await begin(world, habit, *wishes, "Done.")
    assert buffer.text == AFTER + keys
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["completed"] * PLACES
    assert len(editor.events("CallStarted")) == PLACES, (
        "what is decided and on record once is not decided again"
    )
    versions = [it["edit"]["documentChanges"][0]["textDocument"]["version"] for it in editor.heard.edits]
    assert len(versions) == len(set(versions)) == PLACES * (KEYS_FOR_EACH + 1)


async def test_what_landed_beside_typing_is_taken_back_without_it(world: World) -> None:
    keys = "abc"
    habit = crossing(cycle(keys), len(keys), at_the_end)
    wishes = [edit("place 0: old", "place 0: new"), edit("place 3: old\n", "")]
    editor, buffer = await begin(world, habit, *wishes, "Done.")
    assert buffer.text.count(keys) == 2
    editor.habit = reply_then_change
    (ended,) = editor.events("TurnEnded")
    (session,) = (await editor.request("postil/session/list", {}))["sessions"]
    target = {"sessionId": session["sessionId"], "turnId": ended["turn_id"]}
    plan = await editor.command("postil.server.session.preview", target)
    await editor.command("postil.server.session.rewind", target | {"plan": plan["plan"]})
    assert buffer.text == TEXT + keys * 2


async def test_keys_in_the_place_of_an_edit_stay_and_are_told_to_the_agent(world: World) -> None:
    def in_its_place(editor: Editor, buffer: Buffer, key: str) -> None:
        editor.type(buffer, buffer.text.index("old\nkept τ1"), key)

    editor, buffer = await begin(
        world,
        crossing(iter("x"), 1, in_its_place),
        {"when": {"after": "prompt"}, **edit("place 1: old", "place 1: new")},
        {"when": {"failed": True}, "text": "Done."},
    )
    assert buffer.text == TEXT.replace("place 1: old", "place 1: xold")
    assert len(editor.heard.edits) == 1


async def test_typing_before_the_edit_is_sent_moves_it_along(world: World) -> None:
    """It is asked about, answered, and typed elsewhere before the editor hears of it: what was approved is what is made."""
    path = world.file("notes.txt", TEXT)
    await world.play(edit("place 2: old", "place 2: new"), "Done.")
    editor = await world.editor("vscode")
    told = asyncio.Event()

    async def habit(editor: Editor, params: Json) -> Json:
        if not told.is_set():
            told.set()
            (buffer,) = editor.buffers.values()
            editor.type(buffer, 0, "first\n")
            editor.type(buffer, len(buffer.text), " last")
            return {"applied": False}
        return await reply_then_change(editor, params)

    editor.habit = habit
    buffer = editor.open(path)
    session = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Edit."})
    await editor.answer()
    await editor.event("TurnEnded")
    assert buffer.text == "first\n" + TEXT.replace("place 2: old", "place 2: new") + " last"
    assert len(editor.events("PermissionAsked")) == 1
