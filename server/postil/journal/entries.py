"""The quick way to read a line: its JSON becomes an event in one pass, where it is the very next line and whole.

Nearly every line is. `Reader` looks closer at all others, and at what this way knows nothing of: blobs, old shapes,
unknown types, lone surrogates. Both ways give the same event.
"""

from __future__ import annotations

from typing import Annotated

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


def next_entry(raw: bytes, seq: int, previous: str) -> Entry | None:
    """Return the line with the number `seq` that follows on the sum `previous`; None where it is to be looked at."""
    if codec.must_unpack(raw):
        return None
    try:
        entry = Entry.model_validate_json(raw)
    except ValidationError:
        return None
    fits = entry.seq == seq and entry.event.v == versions[type(entry.event)]
    return entry if fits and codec.intact(raw, entry.sum, previous) else None
