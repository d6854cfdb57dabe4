"""A change of which nothing can go back: it is said, and nobody is asked to undo what would stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.changes import FileChanged, RewindStarted
from postil.core.errors import ProtocolError
from postil.core.events import QuestionAsked
from postil.core.submissions import Target
from tests.scenarios.test_rewind import LAST, Place, edit
from tests.support.fake_model import says


async def test_a_change_of_which_nothing_can_go_back_is_no_question(tmp_path: Path) -> None:
    place = Place(tmp_path, says("Hello!"), says(edit("plain.txt", "two\n", "TWO\n")), says(LAST))
    session = await place.begin()
    (change,) = place.world.events(FileChanged)
    mine = b"mine\n" * 5
    (tmp_path / "plain.txt").write_bytes(mine)
    with pytest.raises(ProtocolError) as refused:
        await session.undo(Target(change_id=change.change_id), None, "test")
    assert str(refused.value).startswith(
        "Nothing of this change can be undone. plain.txt: The same lines were edited since."
    )
    assert (tmp_path / "plain.txt").read_bytes() == mine
    assert place.world.events(QuestionAsked) == place.world.events(RewindStarted) == []
    place.check(session)
