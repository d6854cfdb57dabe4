"""The Web port: HTTP for tools, loaded when the first page is fetched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from postil.core.loading import loading
from postil.core.ports.web import Page, Reach

if TYPE_CHECKING:
    from postil.web.connecting import Resolve
    from postil.web.fetching import Limits, Way


class HttpWeb:
    """Reads addresses over HTTP. Each request has a connection of its own: pages are few, and nothing stays open."""

    def __init__(self, *, resolve: Resolve | None = None, limits: Limits | None = None) -> None:
        """Take what is needed; nothing is imported before the first page."""
        self._resolve = resolve
        self._limits = limits
        self._way: Way | None = None
        self._making = asyncio.Lock()

    async def get(self, url: str, reach: Reach) -> Page:
        """Return what the address answers, following redirects as far as `reach` lets it. Raises ToolError."""
        async with self._making:
            if self._way is None:
                self._way = await asyncio.to_thread(self._ready)
        from postil.web.fetching import fetch  # noqa: PLC0415 (loaded by `_ready`)

        return await fetch(url, reach, self._way)

    def _ready(self) -> Way:
        """Import the library and read the system's certificates; blocks."""
        with loading():
            import httpcore2  # noqa: PLC0415

            from postil.web.connecting import resolve  # noqa: PLC0415
            from postil.web.fetching import Limits, Way  # noqa: PLC0415

        return Way(httpcore2.default_ssl_context(), self._resolve or resolve, self._limits or Limits())
