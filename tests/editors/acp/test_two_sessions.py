"""Sessions beside each other on one connection: each asks for files in its own name, and a client that refuses is never taken for closed files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from acp.exceptions import RequestError
from acp.schema import ReadTextFileResponse

from postil.core.events import CallFinished
from tests.editors.acp.desk import AcpDesk, Agent
from tests.editors.acp.person import Person

SAVED = "def add(a, b):\n    return a - b\n"
TYPED = "# mine\ndef add(a, b):\n    return a - b\n"
FIXED = "# mine\ndef add(a, b):\n    return a + b\n"
READ = {"tool": "read", "input": {"path": "app.py"}}
EDIT = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}}
OTHER = {"tool": "edit", "input": {"path": "other.py", "edits": [{"old": "one", "new": "two"}]}}


class Strict(Person):
    """One whose editor has files only for its open sessions, as editors that keep buffers by session do."""

    def __init__(self) -> None:
        super().__init__()
        self.closed: set[str] = set()
        self.signed: list[tuple[str, str]] = []
        """Who asked for which file, in order."""
        self.refusal: RequestError | None = None

    async def read_text_file(
        self, session_id: str, path: str, line: int | None = None, limit: int | None = None, **more: Any
    ) -> ReadTextFileResponse:
        self.signed.append((session_id, Path(path).name))
        if self.refusal is not None:
            raise self.refusal
        if session_id in self.closed:
            raise RequestError.resource_not_found(session_id)
        return await super().read_text_file(session_id, path, line, limit, **more)


@pytest.fixture(autouse=True)
def trust(desk: AcpDesk) -> None:
    """What this is about is files, and not what is asked in a folder that nobody trusts."""
    desk.world.trust()


async def come_and_gone(agent: Agent, person: Strict, root: Path) -> None:
    """Begin another session, and close it."""
    made = await agent.connection.new_session(cwd=str(root), mcp_servers=[])
    await agent.connection.close_session(session_id=made.session_id)
    person.closed.add(made.session_id)


async def test_a_session_that_came_and_went_meanwhile_leaves_the_other_its_buffers(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "Done.")
    person, path = Strict(), desk.root / "app.py"
    async with desk.agent(person=person) as agent:
        await agent.new(desk.root)
        turn = agent.asks("Mend it.")
        first = await person.question()
        await come_and_gone(agent, person, desk.root)
        person.buffers[path] = TYPED
        first.choose("allow_once")
        (await person.question()).choose("allow_once")
        await turn
    assert {who for who, _ in person.signed} == {agent.session_id}
    assert (person.buffers[path], path.read_text()) == (FIXED, SAVED)


@pytest.mark.parametrize(
    "refusal",
    [
        RequestError.internal_error({"details": "no"}),
        RequestError.resource_not_found("s-unknown session"),
    ],
)
async def test_a_client_that_refuses_to_read_fails_the_edit(desk: AcpDesk, refusal: RequestError) -> None:
    await desk.play(READ, EDIT, "I cannot.")
    person, path = Strict(), desk.root / "app.py"
    async with desk.agent(person=person) as agent:
        await agent.new(desk.root)
        turn = agent.asks("Mend it.")
        asked = await person.question()
        person.buffers[path], person.refusal = TYPED, refusal
        asked.choose("allow_once")
        await turn
    assert (person.buffers[path], path.read_text(), person.writes) == (TYPED, SAVED, [])
    (edit,) = [it for it in desk.events(agent.session_id, CallFinished) if it.tool == "edit"]
    assert edit.outcome == "failed"
    assert "The editor does not say what it has of app.py" in edit.content


async def test_a_file_that_the_client_does_not_have_is_the_disks(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "Done.")
    person, path = Strict(), desk.root / "app.py"
    person.refusal = RequestError.resource_not_found(str(path))
    async with desk.agent("--mode", "accept-edits", person=person) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert path.read_text() == SAVED.replace("a - b", "a + b")


async def test_two_that_work_at_once_ask_each_in_its_own_name(desk: AcpDesk) -> None:
    desk.world.file("other.py", "one\n")
    await desk.play(EDIT, OTHER, "First done.", "Second done.")
    person = Strict()
    async with desk.agent(person=person) as agent:
        await agent.new(desk.root)
        one, turn = agent.session_id, agent.asks("Mend it.")
        asked = await person.question()
        assert set(person.signed) == {(one, "app.py")}
        await agent.new(desk.root)
        two, other = agent.session_id, agent.asks("Change the other.")
        asked_too = await person.question()
        assert (two, "other.py") in person.signed
        person.signed.clear()
        asked.choose("allow_once")
        await turn
        assert (one, "app.py") in person.signed
        assert {who for who, _ in person.signed} == {one}
        person.signed.clear()
        asked_too.choose("allow_once")
        await other
        assert (two, "other.py") in person.signed
        assert {who for who, _ in person.signed} == {two}
    assert (desk.root / "app.py").read_text().endswith("a + b\n")
    assert (desk.root / "other.py").read_text() == "two\n"
