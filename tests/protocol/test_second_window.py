"""Two windows on one session: one writes it, the other reads it, and takes it over when the first lets go."""

import re
import time
from typing import Any

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

FAILED = -32803
PLAY: tuple[Json | str, ...] = (
    {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "echo ran >> ran"}},
    {"when": {"tool": "shell"}, "text": "It ran."},
)


async def ask(world: World) -> tuple[Editor, str]:
    """Begin a turn in a first window that comes to a question."""
    path = world.file("app.py", "x = 1\n")
    await world.play(*(it | {"times": "any"} for it in PLAY if isinstance(it, dict)))
    editor = await world.editor()
    editor.open(path)
    turn = await editor.request("postil/session/prompt", {"text": "Go."})
    await editor.question()
    return editor, turn["sessionId"]


async def attach(editor: Editor, session_id: str, after: int = 0) -> Any:
    return await editor.request("postil/session/attach", {"sessionId": session_id, "after": after})


def kinds(updates: list[Json]) -> list[str]:
    """The durable events among updates or attached events."""
    return [it["event"]["type"] for it in updates if it["seq"] is not None]


async def test_a_second_window_reads_along_and_writes_nothing(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    second.open(world.root / "app.py")
    attached = await attach(second, session_id)
    assert (attached["readOnly"], attached["suspended"]) == (True, False)
    assert re.fullmatch(
        rf"This session is open in another window \(process {first.process.pid} since \d\d:\d\d\)\. "
        r"You can read it here\.",
        attached["note"],
    )
    asked = kinds(attached["events"])
    assert asked[0] == "SessionCreated"
    assert asked[-1] == "PermissionAsked"
    assert attached["seq"] == len(asked)

    (question,) = [it["event"]["question"]["id"] for it in attached["events"] if "question" in it["event"]]
    params: Json = {"sessionId": session_id}
    for method, more in {
        "prompt": {"text": "Me too."},
        "answer": {"questionId": question, "optionId": "allow_once"},
        "cancel": {},
        "resume": {},
    }.items():
        code, message = await second.fails(f"postil/session/{method}", params | more)
        assert (code, f"process {first.process.pid} since" in message) == (FAILED, True)
        assert message.endswith("Close it there to go on with it here; until then it can be read here.")

    await first.answer()
    await first.event("TurnEnded")
    await second.event("TurnEnded")
    told = [it["seq"] for it in second.heard.updates if it["sessionId"] == session_id]
    assert told == list(range(attached["seq"] + 1, told[-1] + 1)), "each once, in order, without a gap"
    assert kinds(second.heard.updates) == kinds(first.heard.updates)[attached["seq"] :]
    assert (world.root / "ran").read_text() == "ran\n"
    assert not second.heard.created, "what runs elsewhere shows no progress here, and so no way to stop it"
    assert not second.questions()


async def test_it_opens_for_writing_when_the_other_window_lets_go(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    before = await attach(second, session_id)
    assert before["readOnly"] is True
    assert (await attach(second, session_id, before["seq"]))["events"] == []
    owner = (await second.request("postil/session/owner", {"sessionId": session_id}))["owner"]
    assert (owner["pid"], owner["host"], owner["here"]) == (first.process.pid, "", False)
    assert abs(owner["since"] - time.time()) < 3600
    own = (await first.request("postil/session/owner", {"sessionId": session_id}))["owner"]
    assert own["here"] is True

    assert await first.leave() == 0
    await second.event("SessionClosed")
    assert await second.request("postil/session/owner", {"sessionId": session_id}) == {"owner": None}
    after = await attach(second, session_id, before["seq"])
    assert (after["readOnly"], after["suspended"]) == (False, True)
    assert kinds(after["events"]) == ["SessionClosed", "SessionResumed"]
    second.open(world.root / "app.py")
    await second.request("postil/session/resume", {"sessionId": session_id})
    await second.answer()
    assert (await second.event("TurnEnded"))["reason"] == "end_turn"
    told = [it["seq"] for it in second.heard.updates if it["seq"] is not None]
    assert sorted(set(told)) == told, "nothing is told twice, whoever wrote it"


async def test_a_prompt_without_a_session_begins_one_of_its_own(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    await attach(second, session_id)
    second.open(world.root / "app.py")
    turn = await second.request("postil/session/prompt", {"text": "Go."})
    assert turn["sessionId"] != session_id
    await second.answer()
    await second.event("TurnEnded")
    await first.answer()
    await first.event("TurnEnded")
    assert (world.root / "ran").read_text() == "ran\nran\n"


async def test_closing_what_is_only_read_closes_it_here_alone(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    await attach(second, session_id)
    await second.request("postil/session/close", {"sessionId": session_id})
    known = len(second.heard.updates)
    await first.answer()
    await first.event("TurnEnded")
    again = await attach(second, session_id)
    assert "TurnEnded" in kinds(again["events"])
    assert len(second.heard.updates) == known
