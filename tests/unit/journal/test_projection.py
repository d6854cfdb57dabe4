"""Projections that are written again and again: what is kept of the last time is what stands there now."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from postil.core.conversation import MessageList
from postil.core.messages import UserMessage
from postil.core.paged import PAGE
from postil.core.state import Conversation
from postil.journal.projection import ProjectionWriter

STEPS = st.lists(st.tuples(st.integers(0, 3 * PAGE), st.integers(0, 2 * PAGE)), min_size=2, max_size=5)


@given(STEPS)
def test_a_list_that_was_cut_and_has_grown_again_is_written_as_it_is(steps: list[tuple[int, int]]) -> None:
    """As after a rewind over the border of a page."""
    writer, part, number = ProjectionWriter(Conversation), Conversation(messages=MessageList()), 0
    for keep, more in steps:
        part.messages.cut(min(keep, len(part.messages)))
        for _ in range(more):
            number += 1
            part.messages.append(UserMessage(text=str(number)))
        frozen = Conversation(messages=part.messages.frozen())
        assert writer.json(frozen) == ProjectionWriter(Conversation).json(frozen)
        texts = [int(it.text) for it in part.messages if isinstance(it, UserMessage)]
        assert all(one < other for one, other in pairwise(texts))
