"""*Try now*: a wait for the next try of the model is told with its reason, and ended by a method or by the lightbulb."""

from __future__ import annotations

from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World
from tests.support.sub_agents import MAIN, TASK, delegate, does

SLOW = {"status": 429, "type": "rate_limit_error", "message": "slow", "retry_after": 50}


async def waiting(world: World, editor: Editor) -> str:
    """Ask, and return the session once its first try has failed."""
    session = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Hello."})
    await editor.until(lambda: world.model.received == 1)
    return str(session["sessionId"])


async def test_a_method_ends_the_wait(world: World) -> None:
    await world.play({"error": SLOW}, "Here.")
    editor = await world.editor()
    session_id = await waiting(world, editor)
    await editor.until(lambda: editor.events("ModelRetrying"))
    (told,) = editor.events("ModelRetrying")
    assert (told["kind"], told["why"], told["seconds"]) == ("rate_limit", "Rate limited", 50)
    assert await editor.request("postil/session/retry", {"sessionId": session_id}) == {"tried": True}
    await editor.until(lambda: editor.events("TurnEnded"))
    assert [it["reason"] for it in editor.events("TurnEnded")] == ["end_turn"]
    assert [it["attempts"] for it in editor.events("ModelReplied")] == [2]
    assert await editor.request("postil/session/retry", {"sessionId": session_id}) == {"tried": False}


async def test_who_comes_while_it_waits_is_told_with_the_seconds_that_are_left(world: World) -> None:
    await world.play({"error": SLOW}, "Here.")
    editor = await world.editor()
    session_id = await waiting(world, editor)
    await editor.until(lambda: editor.events("ModelRetrying"))
    (told,) = editor.events("ModelRetrying")
    attached = await editor.request("postil/session/attach", {"sessionId": session_id})
    (passing,) = attached["passing"]
    assert (passing["sessionId"], passing["seq"], passing["after"]) == (session_id, None, attached["seq"])
    left = passing["event"].pop("seconds")
    assert 0 < left <= told.pop("seconds")
    assert passing["event"] == told
    await editor.request("postil/session/retry", {"sessionId": session_id})
    await editor.until(lambda: editor.events("TurnEnded"))
    assert (await editor.request("postil/session/attach", {"sessionId": session_id}))["passing"] == []


async def test_the_wait_of_a_sub_agent_is_told_with_the_session_it_works_for(world: World) -> None:
    await world.play(
        does(MAIN, delegate("d1", "explore")),
        {"when": {"user": TASK}, "error": SLOW},
        does(TASK, "Found."),
        does(MAIN, "Done."),
    )
    editor = await world.editor()
    session_id = (await editor.request("postil/session/prompt", {"text": "Do it."}))["sessionId"]
    await editor.until(lambda: editor.events("ModelRetrying"))
    (began,) = editor.events("SubagentStarted")
    below = began["session_id"]
    for wanted in (session_id, below):
        attached = await editor.request("postil/session/attach", {"sessionId": wanted})
        (passing,) = attached["passing"]
        assert (passing["sessionId"], passing["event"]["kind"]) == (below, "rate_limit")
    assert await editor.request("postil/session/retry", {"sessionId": below}) == {"tried": True}
    await editor.until(lambda: [it for it in editor.events("TurnEnded") if it["reason"] == "end_turn"])


async def test_any_editor_has_it_in_the_lightbulb_while_it_waits(world: World) -> None:
    await world.play({"error": SLOW}, "Here.")
    path = world.file("app.py", "x = 1\n")
    editor = await world.editor("neovim", ours=False)
    buffer = editor.open(path)
    await waiting(world, editor)

    async def offered() -> list[str]:
        return [it["title"] for it in await editor.actions(buffer, 0)]

    while "Postil: Try now" not in await offered():
        pass
    (action,) = [it for it in await editor.actions(buffer, 0) if it["title"] == "Postil: Try now"]
    await editor.run(action)
    await editor.until(lambda: editor.client.messages)
    assert world.model.received == 2
    assert "Postil: Try now" not in await offered()
