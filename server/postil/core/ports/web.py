"""What tools need of the network: one page at a time, and who says which address may be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from postil.core.errors import ToolError


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered."""

    url: str
    """The address that answered: the one that was asked for, or where it redirects to."""
    status: int
    content_type: str = ""
    """As the answer says it, lower case and without its parameters."""
    charset: str = ""
    body: bytes = b""
    """Decompressed."""
    whole: bool = True
    """Whether the body is all there is; else it was over the limit and is only the beginning."""
    hosts: tuple[str, ...] = ()
    """The hosts that answered on the way, in order."""
    leads_to: str = ""
    """Where it redirects to, where that was not requested."""
    why: str = ""
    """Why not."""


class Reach(Protocol):
    """Says where a fetch that is under way may go. It never asks: what no rule allows by now is not reached."""

    async def redirect(self, address: str) -> str:
        """Return why an address may not be requested that nobody was asked about; empty where a rule allows it."""
        ...

    async def connect(self, host: str, ip: str, *, here: bool = False) -> str:
        """Return why no connection may be made to `ip`, which the name of a host has led to; empty where it may.

        `here` is said of an address that turned out to be this machine's own.
        """
        ...


class Nowhere:
    """Reaches nothing: what holds where nobody says otherwise."""

    async def redirect(self, address: str) -> str:
        """Refuse."""
        return f"nothing allows {address}"

    async def connect(self, host: str, ip: str, *, here: bool = False) -> str:
        """Refuse."""
        del host, here
        return f"nothing allows {ip}"


class Web(Protocol):
    """Reads addresses of http and https."""

    async def get(self, url: str, reach: Reach) -> Page:
        """Return what the address answers, following redirects as far as `reach` lets it.

        Raises ToolError where there is no answer. Cancelling lets go of the connection.
        """
        ...


class NoWeb:
    """Of whoever has no network."""

    async def get(self, url: str, reach: Reach) -> Page:
        """Raise ToolError."""
        del url, reach
        raise ToolError("There is no network here.", "Go on without it.")
