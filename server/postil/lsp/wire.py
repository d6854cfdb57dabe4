"""What every value on the wire has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

SessionId = Annotated[str, Field(max_length=64)]


class Wire(BaseModel):
    """Params or a result as they are on the wire: camelCase; unknown fields are a newer client's, and ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Nothing(Wire):
    """No fields."""
