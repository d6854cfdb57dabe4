"""A limit in an editor without a client of ours: the turn halts before the call, and the lightbulb raises the limit, also after a kill."""

from __future__ import annotations

from postil.core.events import CallFinished, ModelCalled, ModelReplied, TurnEnded
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

RAISE = "Raise the limit and continue"
LIMITS = "[limits]\nsession_tokens = 4_000\n"


async def open_one(world: World) -> tuple[Editor, Buffer]:
    path = world.file("app.py", "x = 1\n")
    editor = await world.editor("neovim", ours=False)
    return editor, editor.open(path)


async def halted(world: World, *replies: object) -> tuple[Editor, Buffer, str]:
    """Ask for something that the session's limit has no room for; return the session's id too."""
    world.settings(LIMITS)
    await world.play(*replies)  # type: ignore[arg-type]
    editor, buffer = await open_one(world)
    session = await editor.request("postil/session/new", {"mode": "accept-edits"})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Go."})
    return editor, buffer, session["sessionId"]


async def test_the_lightbulb_raises_a_limit_and_the_turn_goes_on(world: World) -> None:
    write = {"tool": "write", "input": {"path": "made.txt", "content": "made\n"}}
    editor, buffer, session_id = await halted(world, write, "Done.")
    _, diagnostic = await editor.question()
    first = diagnostic["message"].split("\n")[0]
    assert first.startswith(
        "Postil halted before the next call, at 0 of this session's 4,000 tokens: It needs about "
    )
    assert (
        "4,000 of this session's 4,000 tokens are left. Nothing is lost; the turn goes on from here." in first
    )
    assert world.model.received == 0, "before the call"
    titles = [it["title"] for it in await editor.actions(buffer, 0)]
    assert [it for it in titles if "Raise" in it or "End turn" in it] == [
        f"Postil: {RAISE}",
        "Postil: End turn",
    ]
    await editor.answer(RAISE)
    await editor.question()
    assert world.model.received == 1
    assert (world.root / "made.txt").exists()
    await editor.answer(RAISE)
    await editor.until(lambda: editor.client.messages)
    events = world.journal(session_id)
    ends = [it.reason for it in events if isinstance(it, TurnEnded)]
    assert ends == ["end_turn"]
    assert len([it for it in events if isinstance(it, CallFinished)]) == 1
    assert len([it for it in events if isinstance(it, ModelCalled)]) == 2


async def test_a_halt_survives_a_kill(world: World) -> None:
    first, _, session_id = await halted(world, "Done.")
    await first.question()
    await first.kill()
    editor, buffer = await open_one(world)
    await editor.request("postil/session/attach", {"sessionId": session_id, "after": 0})
    await editor.question()
    assert world.model.received == 0
    await editor.answer(RAISE)
    await editor.until(lambda: editor.client.messages)
    assert [it.reason for it in world.journal(session_id) if isinstance(it, TurnEnded)] == ["end_turn"]
    assert world.model.received == 1
    assert not [it for it in await editor.actions(buffer, 0) if "Raise" in it["title"]]


async def test_ending_the_turn_makes_no_call(world: World) -> None:
    editor, _, session_id = await halted(world, "Done.")
    await editor.question()
    await editor.answer("End turn")
    await editor.until(lambda: any(isinstance(it, TurnEnded) for it in world.journal(session_id)))
    (end,) = [it for it in world.journal(session_id) if isinstance(it, TurnEnded)]
    assert end.reason == "budget_exhausted"
    assert end.message.startswith("It needs about ")
    assert world.model.received == 0


async def test_progress_says_what_the_next_call_may_cost_and_what_was_used(world: World) -> None:
    await world.play({"tool": "list", "input": {}}, "Done.")
    editor, _ = await open_one(world)
    await editor.command("postil.server.session.prompt", {"text": "Look."})
    await editor.until(lambda: editor.client.messages)
    shown = [str(it) for it in editor.heard.progress]
    (second,) = [it for it in shown if "step 2 · next about $" in it and "Thinking" in it]
    assert ", at most $" in second
    assert " of $2.00 · " in second
    assert "cache " in second
    (session_id,) = [it.parent.name for it in world.state.glob("workspaces/*/sessions/*/journal.jsonl")]
    replies = [it for it in world.journal(session_id) if isinstance(it, ModelReplied)]
    assert all(it.cost for it in replies)
