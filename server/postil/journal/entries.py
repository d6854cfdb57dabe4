"""The quick way to read a line: its JSON becomes an event in one pass, where it is the very next line and whole.

Nearly every line is. `Reader` looks closer at all others, and at what this way knows nothing of: blobs, old shapes,
unknown types, lone surrogates. Both ways give the same event.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, cast

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from postil.core.events import Durable, durable_types
from postil.journal import codec

versions = {variant: variant.model_fields["v"].default for variant in durable_types}
"""The newest shape of each type."""


class Entry(BaseModel):
    """A line with its event."""

    model_config = ConfigDict(defer_build=True)

    seq: StrictInt
    at: StrictFloat
    durable: StrictInt
    event: Annotated[Durable, Field(discriminator="type")]
    sum: str


@cache
def _parser() -> Callable[[bytes], Entry]:
    """Return `Entry.model_validate_json` without its wrapper, which costs a twentieth of opening a long session."""
    Entry.model_rebuild()
    return cast("Callable[[bytes], Entry]", Entry.__pydantic_validator__.validate_json)


def next_entry(raw: bytes, seq: int, previous: str) -> Entry | None:
    """Return the line with the number `seq` that follows on the sum `previous`; None where it is to be looked at."""
    if codec.must_unpack(raw):
        return None
    try:
        entry = _parser()(raw)
    except ValidationError:
        return None
    fits = entry.seq == seq and entry.event.v == versions[type(entry.event)]
    return entry if fits and codec.intact(raw, entry.sum, previous) else None
