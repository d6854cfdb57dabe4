"""What every part of a session's state is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict


class Mutable(BaseModel):
    """A part of the state; changed by `apply` alone."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    if not TYPE_CHECKING:
        # The fold sets fields a hundred thousand times when a long session is opened; pydantic's own way to set
        # them costs a tenth of that, and what it would refuse the type checker refuses.
        __setattr__ = object.__setattr__
