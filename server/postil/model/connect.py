"""Makes the SDK's client: with which credentials, for which address. Blocks; runs in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from postil.core.errors import ModelError
from postil.core.loading import loading
from postil.model.keys import Keys, Place

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

PLACEHOLDER = "local"
"""Sent as the key to a server on this machine, which needs none."""
KeySource = Literal["environment", "local", "sdk"] | Place
"""`local`: the server is on this machine and needs none; `sdk`: a profile or a workload identity."""
_ENV_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def is_loopback(url: str | None) -> bool:
    """Say whether the address is on this machine."""
    host = urlsplit(url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(base_url: str | None) -> str | None:
    """Return the address that is in force, or None for the service's own."""
    return base_url or os.environ.get("ANTHROPIC_BASE_URL") or None


def connect(
    base_url: str | None, api_key: str | None, stored: Callable[[], str | None], idle: float
) -> AsyncAnthropic:
    """Return a client. Raises ModelError where there is no key.

    Order: the given key, the environment, the SDK's own sources (profiles, workload identity), the stored key (an editor's first). A
    server on this machine gets no key that was not meant for it: a given one, the environment's, or a placeholder.
    """
    # The import takes more than a second of work: never at the start, never on the loop's thread.
    with loading():
        import anthropic  # noqa: PLC0415
        import httpx2  # noqa: PLC0415

    url = address(base_url)
    timeout = httpx2.Timeout(connect=10.0, read=idle, write=60.0, pool=10.0)
    if api_key is None and not _in_environment() and is_loopback(url):
        api_key = PLACEHOLDER
    if is_loopback(url):
        # Proxies of the environment are not for this machine.
        secure = urlsplit(url or "").scheme == "https"
        http = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(verify=secure), timeout=timeout, trust_env=False
        )
        return anthropic.AsyncAnthropic(
            api_key=api_key, base_url=url, max_retries=0, timeout=timeout, http_client=http
        )
    client = anthropic.AsyncAnthropic(api_key=api_key, base_url=url, max_retries=0, timeout=timeout)
    if client.api_key or client.auth_token or client.credentials is not None:
        return client
    key = stored()
    if key is None:
        raise ModelError(
            "missing_key",
            "There is no key for the model's service.",
            'Run "postil key set", or set ANTHROPIC_API_KEY.',
        )
    return anthropic.AsyncAnthropic(api_key=key, base_url=url, max_retries=0, timeout=timeout)


def key_source(base_url: str | None, keys: Keys) -> KeySource | None:
    """Say where the key would come from, or None where there is none. Raises ConfigurationError as `Keys` does."""
    if _in_environment():
        return "environment"
    if is_loopback(address(base_url)):
        return "local"
    import anthropic  # noqa: PLC0415 (as above)

    try:
        client = anthropic.AsyncAnthropic(base_url=address(base_url))
    except anthropic.AnthropicError:
        return keys.place()
    return "sdk" if client.credentials is not None else keys.place()


def _in_environment() -> bool:
    return any(os.environ.get(name) for name in _ENV_KEYS)
