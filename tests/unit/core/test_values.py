"""Identifiers, hashes, effect classes, fingerprints and the encoding of events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from postil.core.effects import (
    Access,
    Command,
    EffectClass,
    FileEdit,
    Invocation,
    Result,
    RunContext,
    text_hash,
)
from postil.core.ephemeral import TextDelta
from postil.core.errors import PostilError
from postil.core.event_codec import decode_any, decode_durable, encode
from postil.core.events import (
    PromptReceived,
    UnknownEvent,
    durable_types,
    ephemeral_types,
)  # fmt: skip
from postil.core.ids import CountedIds, RandomIds, type_prefixes
from postil.core.messages import Usage

A, B = Path("/p/a"), Path("/p/b")
EDIT = FileEdit(A, "h", "after")
COMMAND = Command("make", Path("/p"), 10.0)


def test_identifiers_are_unique_named_for_their_kind_and_sortable() -> None:
    ids = RandomIds()
    for kind, prefix in type_prefixes.items():
        made = [ids.new(kind) for _ in range(100)]
        assert len(set(made)) == 100
        assert all(it.startswith(prefix) and len(it) == 18 and it.isalnum() for it in made)
        assert made[0][:10] <= made[-1][:10]
    counted = CountedIds()
    assert [counted.new("turn"), counted.new("session")] == ["t0001", "s0002"]


@pytest.mark.parametrize(
    ("access", "want"),
    [
        (Access(), "none"),
        (Access(reads=(A,)), "none"),
        (Access(reads=(A,), edits=(EDIT,)), "file_edit"),
        (Access(command=COMMAND, open_world=True), "shell"),
        (Access(edits=(EDIT,), command=COMMAND), "shell"),
        (Access(hosts=("x.org",)), "network"),
        (Access(edits=(EDIT,), open_world=True), "other"),
        (Access(open_world=True), "other"),
    ],
)
def test_the_class_of_an_effect_is_the_one_in_most_doubt(access: Access, want: EffectClass) -> None:
    assert access.effect_class == want


async def nothing(_: RunContext) -> Result:
    return Result("")


def invocation(access: Access) -> Invocation:
    return Invocation("title", "edit", access, nothing)


def test_a_fingerprint_is_of_what_would_be_done_and_of_nothing_else() -> None:
    access = Access(reads=(A, B), edits=(EDIT,), hosts=("x", "y"))
    mark = invocation(access).fingerprint
    assert replace(invocation(access), title="other").fingerprint == mark
    assert invocation(replace(access, reads=(B, A), hosts=("y", "x"))).fingerprint == mark
    assert invocation(replace(access, edits=(replace(EDIT, before_text="x"),))).fingerprint == mark
    others = [
        Access(),
        replace(access, reads=(A,)),
        replace(access, edits=()),
        replace(access, edits=(replace(EDIT, before="i"),)),
        replace(access, edits=(replace(EDIT, after="afters"),)),
        replace(access, edits=(replace(EDIT, after=None),)),
        replace(access, edits=(replace(EDIT, path=B),)),
        replace(access, saves=(A,)),
        replace(access, command=COMMAND),
        replace(access, command=replace(COMMAND, timeout=11.0)),
        replace(access, command=replace(COMMAND, cwd=A)),
        replace(access, open_world=True),
    ]
    marks = {invocation(it).fingerprint for it in others}
    assert len(marks) == len(others)
    assert mark not in marks
    assert replace(invocation(access), kind="delete").fingerprint != mark


@given(st.text(alphabet=st.characters(categories=None)))
def test_every_text_has_a_hash(text: str) -> None:
    assert len(text_hash(text)) == 64


def test_usage_adds_up() -> None:
    usage = Usage(input=1, cache_read=2, cache_write=3, output=4) + Usage(input=10)
    assert (usage.input, usage.total_input, usage.output) == (11, 16, 4)


def test_events_are_encoded_whole_and_read_again() -> None:
    event = PromptReceived(turn_id="t1", text="x", face="test")
    data = encode(event)
    assert data["anchor"] is None
    assert decode_durable(data) == decode_any(data) == event
    delta = TextDelta(turn_id="t1", step=1, text="x")
    assert decode_any(encode(delta)) == delta
    later = {"type": "Later", "v": 9, "what": [1]}
    unknown = decode_durable(later)
    assert isinstance(unknown, UnknownEvent)
    assert encode(unknown) == later
    with pytest.raises(ValidationError):
        decode_durable({**data, "extra": 1})


def test_every_event_is_named_by_its_type() -> None:
    for variant in (*durable_types, *ephemeral_types):
        assert variant.model_fields["type"].default == variant.__name__


def test_an_error_says_what_happened_and_what_to_do() -> None:
    assert str(PostilError("It broke.", "Mend it.")) == "It broke. Mend it."
    assert str(PostilError("It broke.")) == "It broke."
