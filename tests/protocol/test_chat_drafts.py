"""What a person types below the last heading of a chat document while what stands there is used, or put back: not a word of it is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postil.core.events import PromptReceived, TurnEnded
from tests.protocol.test_chat_document import begun, ended, lenses, send, write
from tests.protocol.test_chat_sending import lens, waits_in_a_turn
from tests.support.lsp_client import Json
from tests.support.lsp_editor import ApplyHabit, Buffer, Editor, fits, reply_then_change
from tests.support.lsp_world import World
from tests.support.sub_agents import MAIN, TASK, calls, delegate, does

WORDS = "good going, gopher: go on, ago"


def draft(buffer: Buffer) -> str:
    return buffer.text.rpartition("## You\n")[2]


def crossed(typed: Callable[[Editor, Buffer], None], takes: Callable[[Json], bool]) -> ApplyHabit:
    """Refuse the first edit that takes words out, because somebody typed, and make every other."""
    waiting = [typed]

    async def habit(editor: Editor, params: Json) -> Json:
        (change,) = params["edit"]["documentChanges"]
        if waiting and any(takes(it) for it in change["edits"]):
            (buffer,) = editor.buffers.values()
            waiting.pop()(editor, buffer)
            assert not fits(editor, params)
            return {"applied": False}
        return await reply_then_change(editor, params)

    return habit


def takes_out(edit: Json) -> bool:
    place = edit["range"]
    return not edit["newText"] and place["start"] != place["end"]


@pytest.mark.parametrize(
    ("way", "words"),
    [("Queue", "go"), ("Deny, and say this", "go"), ("Queue", "/mode plan")],
    ids=["queue", "answer", "mode"],
)
async def test_words_that_hold_what_was_used_are_left_whole(world: World, way: str, words: str) -> None:
    editor, buffer, _ = await waits_in_a_turn(world)
    write(editor, buffer, f"{words}\n")
    typed = WORDS if words == "go" else f"{words}s, {words}"
    editor.habit = crossed(lambda editor, buffer: write(editor, buffer, typed), takes_out)
    await send(editor, buffer, f"Postil: {way}")
    await editor.until(lambda: draft(buffer).strip() == typed)
    if way.startswith("Deny"):
        await ended(editor, buffer)
    assert draft(buffer).strip() == typed


async def test_what_was_typed_into_is_left_as_it_is(world: World) -> None:
    editor, buffer, _ = await waits_in_a_turn(world)
    write(editor, buffer, "go\n")

    def into(editor: Editor, buffer: Buffer) -> None:
        editor.type(buffer, len(buffer.text) - 1, WORDS.removeprefix("go"))

    editor.habit = crossed(into, takes_out)
    await send(editor, buffer, "Postil: Queue")
    assert draft(buffer).strip() == WORDS


async def test_what_steers_joins_the_turn_and_stops_nothing(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    write(editor, buffer, "In blue.\n")
    await send(editor, buffer, "Postil: Steer now")
    await editor.until(lambda: not draft(buffer).strip())
    assert "- answer: waiting" in buffer.text
    await editor.run(await lens(editor, buffer, "Allow once"))
    await ended(editor, buffer)
    assert buffer.text.index("- ran `touch made`") < buffer.text.index("> **You, meanwhile:** In blue.")
    assert (world.root / "made").exists()
    (turn,) = [it for it in world.journal(session) if isinstance(it, TurnEnded)]
    assert turn.reason == "end_turn"


@pytest.mark.parametrize("typed", ["Look at the logo.", "go", "gone\n\ngo\n\nergo"])
async def test_words_that_are_taken_back_stand_there_once_more(world: World, typed: str) -> None:
    editor, buffer, session = await waits_in_a_turn(world)
    write(editor, buffer, "go\n")
    queued = await send(editor, buffer, "Postil: Queue")
    await editor.until(lambda: not draft(buffer).strip())
    write(editor, buffer, f"{typed}\n")
    editor.habit = crossed(
        lambda editor, buffer: write(editor, buffer, "go on\n"), lambda it: "go" in it["newText"]
    )
    back = {"sessionId": session, "promptId": queued["turnId"]}
    await editor.command("postil.server.session.takeBack", back)
    await editor.until(lambda: draft(buffer) == f"go\n\n\n{typed}\ngo on\n")


async def test_two_open_questions_are_answered_by_their_numbers(world: World) -> None:
    world.trust()
    await world.play(
        does(MAIN, delegate("d1", task="Task 1"), delegate("d2", task="Task 2")),
        does("^Task 1", calls("shell", "c1", command="touch first")),
        does("^Task 2", calls("shell", "c2", command="touch second")),
        {**does(TASK, "Not then."), "times": "any"},
        does(MAIN, "Done."),
    )
    editor, buffer, _ = await begun(world, "Do it.\n")
    await editor.until(lambda: buffer.text.count("- answer: waiting") == 2)
    write(editor, buffer, "Not this one.\n")
    titles = [it for _, it in await lenses(editor, buffer) if "say this" in it]
    assert titles == ["Deny question 1, and say this", "Deny question 2, and say this"]
    await send(editor, buffer, "Postil: Deny question 2, and say this")
    await editor.until(lambda: buffer.text.count("- answer: waiting") == 1)
    second = buffer.text.split("### Question 2")[1].split("###")[0]
    assert "waiting" not in second
    write(editor, buffer, "Nor that.\n")
    await send(editor, buffer, "Postil: Deny, and say this")
    await ended(editor, buffer)


async def test_what_waits_after_a_stop_is_seen_and_can_be_sent_or_taken_back(world: World) -> None:
    editor, buffer, session = await waits_in_a_turn(world, "Two.")
    for words in ("First thing.", "Second thing."):
        write(editor, buffer, f"{words}\n")
        await send(editor, buffer, "Postil: Queue")
        await editor.until(lambda: not draft(buffer).strip())
    assert await waiting(editor, buffer) == [
        "Steer with what waits: First thing.",
        "Take back what waits: First thing.",
        "Steer with what waits: Second thing.",
        "Take back what waits: Second thing.",
    ]
    await send(editor, buffer, "Postil: Stop")
    await ended(editor, buffer)
    assert await waiting(editor, buffer) == [
        "Send what waits: First thing.",
        "Take back what waits: First thing.",
        "Send what waits: Second thing.",
        "Take back what waits: Second thing.",
    ]
    await editor.run(await lens(editor, buffer, "Take back what waits: First thing."))
    await editor.until(lambda: draft(buffer).strip() == "First thing.")
    await editor.run(await lens(editor, buffer, "Send what waits: Second thing."))
    await ended(editor, buffer, 2)
    assert await waiting(editor, buffer) == []
    asked = [it.text for it in world.journal(session) if isinstance(it, PromptReceived)]
    assert asked == ["Make it.", "Second thing."]


async def waiting(editor: Editor, buffer: Buffer) -> list[str]:
    """Return what is offered, at the last heading, for prompts that wait."""
    heading = buffer.text.count("\n", 0, buffer.text.rindex("## You"))
    return [it for line, it in await lenses(editor, buffer) if line == heading and "what waits" in it]
