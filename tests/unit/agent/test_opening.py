"""A session that cannot be opened is let go of: its lock is free for whoever comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from postil.agent.sessions import Sessions
from postil.agent.types.beginning import Beginning
from postil.agent.types.collection import AgentTypes
from postil.core.errors import ProtocolError
from postil.core.events import ConfigurationInForce, Limits
from postil.core.ids import CountedIds
from postil.core.submissions import Close, SetMode
from postil.journal.store import SessionStore
from tests.support.agent_world import World
from tests.support.few_tools import registry
from tests.support.journals import Ticking, closed, created, prompt


def fail() -> ConfigurationInForce:
    raise RuntimeError("no configuration")


def sessions(store: SessionStore, root: Path, configuration: Callable[[], ConfigurationInForce]) -> Sessions:
    world = World([])
    types = AgentTypes(root / "settings", [root], registry.names, lambda: True)
    beginning = Beginning(types, "build", registry.specs, configuration, interactive=True)
    return Sessions(store, [root], CountedIds(), world.parts, beginning)


async def test_a_journal_is_closed_where_opening_fails(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    journal = await store.create(tmp_path, "s1")
    home = created().model_copy(update={"roots": (str(tmp_path),)})
    for event in (home, prompt(), closed()):
        await journal.append(event, sync=True)
    await journal.close()
    with pytest.raises(RuntimeError):
        await sessions(store, tmp_path, fail).open("s1", "test")
    with pytest.raises(RuntimeError):
        await sessions(store, tmp_path, fail).new("test")
    (summary,) = await store.list()
    _, journal, _ = await store.open(summary.session_id)
    await journal.close()


async def test_an_unknown_id_is_a_request_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="no session s9"):
        await sessions(SessionStore(tmp_path), tmp_path, fail).open("s9", "test")


async def test_a_mode_that_was_set_stays_set(tmp_path: Path) -> None:
    def configuration() -> ConfigurationInForce:
        return ConfigurationInForce(
            agent_type="build", mode="default", model="m", tools=(), limits=Limits(), cause="session start"
        )

    store = SessionStore(tmp_path / "state", clock=Ticking())
    first = sessions(store, tmp_path, configuration)
    session = await first.new("test")
    await session.set_mode(SetMode("plan", "test"))
    await first.close_all("test")
    reopened = (await sessions(store, tmp_path, configuration).open(session.id, "test")).session
    in_force = reopened.state.workflow.configuration
    assert in_force is not None
    assert in_force.mode == "plan"
    await reopened.close(Close("test"))


async def test_a_session_of_another_workspace_is_not_opened_here(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "state", clock=Ticking())
    there, here = tmp_path / "there", tmp_path / "here"
    for folder in (there, here):
        folder.mkdir()
    journal = await store.create(there, "s1")
    await journal.append(created().model_copy(update={"roots": (str(there),)}), sync=True)
    await journal.close()
    with pytest.raises(ProtocolError, match="belongs to"):
        await sessions(store, here, fail).open("s1", "test")
    _, journal, _ = await store.open("s1")
    await journal.close()
