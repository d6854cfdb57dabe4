"""Modes at any time, the model between turns, the agent type until something was asked; and what a session keeps of them."""

from __future__ import annotations

import pytest
from acp.exceptions import RequestError
from acp.schema import ConfigOptionUpdate, CurrentModeUpdate

from postil.core.events import ConfigurationInForce
from tests.editors.acp.desk import AcpDesk

EDIT = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}}


def values(told: object) -> dict[str, str]:
    return {it.id: it.current_value for it in told}  # type: ignore[attr-defined]


async def test_a_mode_holds_from_the_next_decision_on(desk: AcpDesk) -> None:
    await desk.play(EDIT, "No.", EDIT, "Yes.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        await agent.connection.set_session_mode(session_id=agent.session_id, mode_id="no-edits")
        await agent.prompt("Mend it.")
        assert (desk.root / "app.py").read_text().endswith("a - b\n")
        await agent.connection.set_session_mode(session_id=agent.session_id, mode_id="accept-edits")
        await agent.prompt("Now.")
        assert (desk.root / "app.py").read_text().endswith("a + b\n")
        assert not agent.person.asked
        modes = [it.current_mode_id for it in agent.person.updates(CurrentModeUpdate)]
        assert modes == ["no-edits", "accept-edits"]
        with pytest.raises(RequestError, match="No mode 'anything'"):
            await agent.connection.set_session_mode(session_id=agent.session_id, mode_id="anything")


async def test_type_and_model_are_chosen_before_the_first_prompt_and_kept(desk: AcpDesk) -> None:
    await desk.play("Read.", "Again.")

    async with desk.agent() as agent:
        made = await agent.new(desk.root)
        assert values(made.config_options)["agent"] == "build"
        for name, value in (("agent", "explore"), ("model", "claude-opus-5"), ("mode", "no-edits")):
            told = await agent.connection.set_config_option(
                config_id=name, session_id=agent.session_id, value=value
            )
            assert told is not None
            assert values(told.config_options)[name] == value
        for name in ("agent", "nothing"):
            with pytest.raises(RequestError):
                await agent.connection.set_config_option(
                    config_id=name, session_id=agent.session_id, value="no such type"
                )
        await agent.prompt("Look.")
        told = (
            agent.person.updates(ConfigOptionUpdate)[-1] if agent.person.updates(ConfigOptionUpdate) else None
        )
        assert told is None or values(told.config_options)["agent"] == "explore"
        with pytest.raises(RequestError, match="keeps the agent type that"):
            await agent.connection.set_config_option(
                config_id="agent", session_id=agent.session_id, value="build"
            )
    async with desk.agent() as later:
        loaded = await later.connection.load_session(
            cwd=str(desk.root), session_id=agent.session_id, mcp_servers=[]
        )
        assert values(loaded.config_options) == {
            "mode": "no-edits",
            "agent": "explore",
            "model": "claude-opus-5",
        }
        later.session_id = agent.session_id
        await later.prompt("Go on.")
    assert [it.body["model"] for it in desk.world.model.requests] == ["claude-opus-5"] * 2
    first = desk.events(agent.session_id, ConfigurationInForce)[0]
    assert (first.agent_type, first.mode, first.model_chosen) == ("explore", "no-edits", True)


async def test_a_model_changes_between_two_turns(desk: AcpDesk) -> None:
    await desk.play("One.", "Two.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        await agent.prompt("Look.")
        told = await agent.connection.set_config_option(
            config_id="model", session_id=agent.session_id, value="claude-haiku-4-5"
        )
        assert told is not None
        assert values(told.config_options)["model"] == "claude-haiku-4-5"
        await agent.prompt("Look again.")
        assert (
            values(agent.person.updates(ConfigOptionUpdate)[-1].config_options)["model"] == "claude-haiku-4-5"
        )
        with pytest.raises(RequestError, match="no name of a model"):
            await agent.connection.set_config_option(
                config_id="model", session_id=agent.session_id, value="no such model"
            )
    assert [it.body["model"] for it in desk.world.model.requests][1:] == ["claude-haiku-4-5"]
    chosen = desk.events(agent.session_id, ConfigurationInForce)[-1]
    assert (chosen.model, chosen.model_chosen) == ("claude-haiku-4-5", True)
