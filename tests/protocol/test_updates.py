"""What a client of ours is sent: every durable event once and in order, from its own first one, and deltas merged."""

import asyncio
from itertools import pairwise
from typing import Any, cast

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

LONG = " ".join(f"word{number}" for number in range(2_000))


def seqs(editor: Editor, session_id: str) -> list[int]:
    """Return the sequence numbers of a session's updates, as they came."""
    mine = [it for it in editor.heard.updates if it["sessionId"] == session_id]
    return [it["seq"] for it in mine if it["seq"] is not None]


def check_order(updates: list[Json]) -> None:
    """Each durable event follows the last; each passing one says after which it came."""
    durable = [it["seq"] for it in updates if it["seq"] is not None]
    assert all(after == before + 1 for before, after in pairwise(durable))
    last = durable[0] - 1
    for update in updates:
        assert update["after"] == (update["seq"] or last)
        last = update["after"]


async def prompt(editor: Editor, text: str, session_id: str | None = None) -> str:
    """Send a prompt; returns its session."""
    params = {"text": text} | ({"sessionId": session_id} if session_id else {})
    result: Any = await editor.request("postil/session/prompt", params)
    return result["sessionId"]


async def test_updates_begin_with_the_first_event_and_miss_none(world: World) -> None:
    await world.play({"text": LONG, "chunk": 20, "times": "any"})
    editor = await world.editor()
    session_id = await prompt(editor, "Tell me.")
    await editor.event("TurnEnded")
    check_order(editor.heard.updates)
    assert seqs(editor, session_id)[0] == 1
    kinds = [it["type"] for it in editor.events()]
    assert kinds[:6] == [
        "SessionCreated",
        "AgentTypeInForce",
        "ConfigurationInForce",
        "SkillsInForce",
        "PromptReceived",
        "Routed",
    ]
    deltas = editor.events("TextDelta")
    assert "".join(it["text"] for it in deltas) == LONG
    assert len(deltas) < len(LONG) // 20 // 4


async def test_a_session_that_was_asked_for_is_sent_from_its_first_event(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {"mode": "plan"})
    await prompt(editor, "Hello?", session["sessionId"])
    await editor.event("TurnEnded")
    check_order(editor.heard.updates)
    assert seqs(editor, session["sessionId"])[0] == 1
    assert session["seq"] == 4


async def test_prompts_at_once_share_a_session_and_wait_their_turn(world: World) -> None:
    await world.play({"text": "Yes.", "times": "any"})
    editor = await world.editor()
    sessions = await asyncio.gather(*(prompt(editor, f"Question {number}") for number in range(3)))
    assert len(set(sessions)) == 1
    await editor.event("TurnEnded", 3)
    check_order(editor.heard.updates)
    asked = [it["text"] for it in editor.events("PromptReceived")]
    assert sorted(asked) == [f"Question {number}" for number in range(3)]
    assert [it["turn_id"] for it in editor.events("TurnEnded")] == [
        it["turn_id"] for it in editor.events("PromptReceived")
    ]


async def test_sessions_beside_each_other_are_in_order_each(world: World) -> None:
    await world.play({"text": LONG, "chunk": 200, "times": "any"})
    editor = await world.editor()
    ids = [(await editor.request("postil/session/new", {}))["sessionId"] for _ in range(3)]
    await asyncio.gather(*(prompt(editor, "Go.", it) for it in ids))
    await editor.event("TurnEnded", 3)
    for session_id in ids:
        check_order([it for it in editor.heard.updates if it["sessionId"] == session_id])


async def test_attach_returns_what_comes_after_and_updates_go_on_from_there(world: World) -> None:
    await world.play({"text": "Yes.", "times": "any"})
    first = await world.editor()
    session_id = await prompt(first, "One.")
    await first.event("TurnEnded")
    last = seqs(first, session_id)[-1]
    assert await first.leave() == 0

    editor = await world.editor()
    attached = await editor.request("postil/session/attach", {"sessionId": session_id, "after": last})
    kinds = [it["event"]["type"] for it in attached["events"]]
    assert kinds == ["SessionClosed", "SessionResumed"]
    assert [it["seq"] for it in attached["events"]] == [last + 1, last + 2]
    assert (attached["seq"], attached["suspended"]) == (last + 2, False)
    again = await editor.request("postil/session/attach", {"sessionId": session_id, "after": 10_000})
    assert (again["seq"], again["events"]) == (last + 2, [])
    whole = await editor.request("postil/session/attach", {"sessionId": session_id})
    assert [it["seq"] for it in whole["events"]] == list(range(1, last + 3))

    await prompt(editor, "Two.", session_id)
    await editor.event("TurnEnded")
    check_order(editor.heard.updates)
    assert seqs(editor, session_id)[0] == last + 3


async def test_attaching_in_the_middle_of_a_turn_leaves_no_gap(world: World) -> None:
    """Again and again while events come: what is returned and what follows fit together each time."""
    world.file("a.py", "x = 1\n")
    steps: list[Json] = [
        {"tool": "read", "input": {"path": "a.py", "offset": 1, "limit": 1 + number}} for number in range(8)
    ]
    await world.play(*steps, "Done.")
    editor = await world.editor()
    session_id = await prompt(editor, "Read.")
    known: list[int] = []
    ended = False
    while not ended:
        attached = await editor.request(
            "postil/session/attach", {"sessionId": session_id, "after": len(known)}
        )
        known += [it["seq"] for it in attached["events"]]
        assert known == list(range(1, attached["seq"] + 1))
        kinds = [it["event"]["type"] for it in [*attached["events"], *editor.heard.updates]]
        ended = "TurnEnded" in kinds
    got = set(known) | set(seqs(editor, session_id))
    assert got == set(range(1, max(got) + 1))
    assert len(seqs(editor, session_id)) == len(set(seqs(editor, session_id)))
    assert seqs(editor, session_id) == sorted(seqs(editor, session_id))


async def test_what_was_said_before_somebody_attaches_is_there_once_and_whole(world: World) -> None:
    """Again and again in the middle of replies: the record, what is passed with it and what follows are all of it, each time."""
    spoken = "".join(f"Word {number}. " for number in range(60))
    thought = "Think of it. " * 20
    step: Json = {
        "blocks": [{"thinking": thought}, {"text": spoken}, {"tool": "read", "input": {"path": "a.py"}}]
    }
    paced: Json = {"chunk": 7, "delay": {"each": 0.02}}
    world.file("a.py", "x = 1\n")
    await world.play(step | paced, {"text": spoken, **paced})
    editor = await world.editor()
    session_id = await prompt(editor, "Talk.")
    views: list[View] = []

    def ended() -> bool:
        answered = [it["event"]["type"] for view in views for it in view.result["events"]]
        return "TurnEnded" in answered or bool(editor.events("TurnEnded"))

    while not ended():
        views.append(await looked(editor, session_id))
        await editor.until(lambda: len(editor.heard.updates) > views[-1].answered_at + 3 or ended())
    in_the_middle = 0
    for view in views:
        told = [*view.result["events"], *view.result["passing"]]
        check_said([*told, *editor.heard.updates[view.answered_at :]], thought, spoken)
        in_the_middle += bool(view.result["passing"])
    assert in_the_middle > 5
    if seqs(editor, session_id) == list(range(1, len(world.journal(session_id)) + 1)):
        # Who follows without having asked misses nothing either, unless an event came to them in an answer alone.
        check_said(editor.heard.updates, thought, spoken)


def check_said(updates: list[Json], thought: str, spoken: str) -> None:
    """Of each reply a beginning was heard, without holes and nothing twice; its end may be left to the whole reply, which is sent then."""
    steps: dict[int, dict[str, str]] = {}
    for update in updates:
        event = update["event"]
        if event["type"] in ("TextDelta", "ThinkingDelta"):
            step = steps.setdefault(event["step"], {"TextDelta": "", "ThinkingDelta": ""})
            step[event["type"]] += event["text"]
    for number, heard in steps.items():
        assert spoken.startswith(heard["TextDelta"])
        assert thought.startswith(heard["ThinkingDelta"])
        assert not heard["TextDelta"] or number > 1 or heard["ThinkingDelta"] == thought


class View:
    """One look at a session: what was answered, and how many updates had come by then."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.answered_at = 0
        self.result: Json = {}

    def answered(self) -> None:
        """Take note of when the answer came."""
        self.answered_at = len(self._editor.heard.updates)


async def looked(editor: Editor, session_id: str) -> View:
    """Attach once more, as a view that has just been loaded does."""
    view, client = View(editor), cast("Any", editor.client)
    params = {"sessionId": session_id, "after": 0}
    view.result = await client.protocol.send_raw("postil/session/attach", params, view.answered)
    return view


async def test_a_client_that_stops_reading_catches_up(world: World) -> None:
    world.file("big.txt", "a line of some length\n" * 1_300)
    steps: list[Json] = [
        {
            "blocks": [
                {"text": LONG},
                {"tool": "read", "input": {"path": "big.txt", "limit": 1_300 - number}},
            ],
            "chunk": 2_000,
        }
        for number in range(40)
    ]
    world.settings('[limits]\nsession = "none"\n')
    await world.play(*steps, "Done.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    stdout: Any = editor.process.stdout
    stdout._transport.pause_reading()
    waiting = asyncio.ensure_future(prompt(editor, "Read.", session["sessionId"]))
    await world.model.until(lambda it: it.received == 41 and it.open == 0)
    stdout._transport.resume_reading()
    await waiting
    await editor.event("TurnEnded")
    assert seqs(editor, session["sessionId"]) == list(range(1, len(world.journal(session["sessionId"])) + 1))
    check_order(editor.heard.updates)
    assert len(editor.events("ModelReplied")) == 41
    for step in range(1, 41):  # of each reply a beginning, without holes
        pieces = [it["text"] for it in editor.events("TextDelta") if it["step"] == step]
        assert LONG.startswith("".join(pieces))


async def test_an_editor_without_a_client_of_ours_gets_no_updates(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor("neovim", ours=False)
    session = await editor.command("postil.server.session.new", {})
    await editor.command("postil.server.session.prompt", {"text": "Hello?", **session})
    await editor.until(lambda: editor.client.messages)
    assert editor.heard.updates == []


async def test_versions_that_do_not_fit_are_said_so(world: World) -> None:
    await world.play("Hello.")
    params = {"experimental": {"postil": {"protocol": 99}}}
    editor = await world.editor("vscode", capabilities=params)
    (message,) = await editor.until(lambda: editor.client.messages)
    assert message.message == (
        "The editor's Postil client speaks protocol 99 and this server 1. Update the server."
    )
