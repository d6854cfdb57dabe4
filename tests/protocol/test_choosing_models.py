"""A model that is chosen between two turns: what the next one is sent to, what is on record, and what is no model's name."""

from __future__ import annotations

from postil.core.events import ConfigurationInForce
from tests.support.lsp_world import World

OTHER = "claude-haiku-4-5"


async def test_the_next_turn_has_the_model_and_the_session_keeps_it(world: World) -> None:
    await world.play({"text": "Hello.", "times": "any"})
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    only = {"sessionId": session["sessionId"]}
    await editor.request("postil/session/attach", only)
    await editor.command("postil.server.session.prompt", only | {"text": "One."})
    await editor.event("TurnEnded")
    await editor.command("postil.server.session.model", only | {"model": OTHER})
    await editor.command("postil.server.session.model", only | {"model": OTHER})
    await editor.command("postil.server.session.prompt", only | {"text": "Two."})
    await editor.event("TurnEnded", 2)
    before, after = (it.body for it in world.model.requests)
    assert before["model"] != OTHER
    assert after["model"] == OTHER
    first, chosen = (it for it in world.journal(session["sessionId"]) if isinstance(it, ConfigurationInForce))
    assert (first.model_chosen, chosen.model_chosen) == (False, True)
    # It takes no references to tools, so it has what stands in for them.
    assert set(first.tools) < set(chosen.tools)
    await editor.leave()

    again = await world.editor()
    await again.request("postil/session/attach", only)
    await again.command("postil.server.session.prompt", only | {"text": "Three."})
    await again.event("TurnEnded")
    assert world.model.requests[-1].body["model"] == OTHER


async def test_what_is_no_name_of_a_model_changes_nothing(world: World) -> None:
    await world.play("Hello.")
    editor = await world.editor()
    session = await editor.request("postil/session/new", {})
    for name in ("", "two words", "a\nb", "x" * 201):
        params = {"sessionId": session["sessionId"], "model": name}
        _, said = await editor.fails(
            "workspace/executeCommand", {"command": "postil.server.session.model", "arguments": [params]}
        )
        assert "is no name of a model." in said
    found = [it for it in world.journal(session["sessionId"]) if isinstance(it, ConfigurationInForce)]
    assert len(found) == 1
