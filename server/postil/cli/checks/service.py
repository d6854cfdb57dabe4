"""The model's service: where a key comes from, whether the service answers, and the keyring."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from postil.cli.checks.row import Row
from postil.config.load import user_config_dir
from postil.core.errors import ConfigurationError, ModelError
from postil.model.connect import address, connect, is_loopback
from postil.model.faults import from_exception
from postil.model.keys import Keys

Ask = Callable[[], Awaitable[None]]
"""Asks the service for its models; raises what the SDK raises."""

PATIENCE = 5.0
"""Seconds that the service may take to answer."""
VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_NO_BACKENDS = ("keyring.backends.fail", "keyring.backends.null")
_KEY_MEND = "Run “postil key set”, or set ANTHROPIC_API_KEY."


async def rows(base_url: str | None) -> list[Row]:
    """Return the rows; asks the service once, where there is a key for it."""
    ask, key = await asyncio.to_thread(_key, base_url)
    where = _shown(address(base_url))
    service = (
        Row("model service", "missing", f"{where} was not asked: there is no key")
        if ask is None
        else await _asked(ask, where)
    )
    return [key, service, await asyncio.to_thread(_keyring)]


def _key(base_url: str | None) -> tuple[Ask | None, Row]:
    """Return how to ask the service, with a client as Postil would make it, and where its key comes from."""
    keys = Keys(user_config_dir())
    fell_back = False

    def stored() -> str | None:
        nonlocal fell_back
        fell_back = True
        return keys.get()

    try:
        client = connect(base_url, None, stored, PATIENCE)
    except ModelError as error:
        return None, Row("key", "missing", error.message, error.mend or _KEY_MEND, needed=True)
    except ConfigurationError as error:
        return None, Row("key", "problem", error.message, error.mend, needed=True)
    except Exception as error:  # noqa: BLE001 - the SDK's own sources raise what they like
        fault = from_exception(error, PATIENCE)
        return None, Row("key", "problem", fault.message, fault.mend or _KEY_MEND, needed=True)

    async def ask() -> None:
        try:
            await client.models.list(limit=1, timeout=PATIENCE)
        finally:
            await client.close()

    return ask, Row("key", "ok", _source(base_url, keys, fell_back=fell_back), needed=True)


def _source(base_url: str | None, keys: Keys, *, fell_back: bool) -> str:
    if variable := next((it for it in VARIABLES if os.environ.get(it)), None):
        return f"{variable} in the environment"
    if fell_back:
        return "the system's keyring" if keys.place() == "keyring" else str(keys.file)
    if is_loopback(address(base_url)):
        return "not needed: the service is on this machine"
    return "the SDK's own sources (a profile or an identity of this machine)"


async def _asked(ask: Ask, where: str) -> Row:
    try:
        async with asyncio.timeout(PATIENCE):
            await ask()
    except TimeoutError:
        fault = ModelError("timeout", f"{where} did not answer within {PATIENCE:g} s.", "Check the network.")
    except Exception as error:  # noqa: BLE001 - whatever fails, the row says it
        fault = from_exception(error, PATIENCE)
    else:
        return Row("model service", "ok", f"{where} answers", needed=True)
    if fault.kind == "not_found":  # small servers have no list of models
        return Row("model service", "ok", f"{where} answers, without a list of models", needed=True)
    return Row("model service", "problem", f"{where}: {fault.message}", fault.mend, needed=True)


def _shown(url: str | None) -> str:
    """Return the address without what may be secret in it."""
    if url is None:
        return "the service's own address"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _keyring() -> Row:
    try:
        import keyring  # noqa: PLC0415 - it looks for backends when it is imported

        ring = type(keyring.get_keyring())
    except Exception as error:  # noqa: BLE001 - a broken backend is none
        return Row(
            "keyring", "problem", f"it fails ({type(error).__name__})", "A key is kept in a private file."
        )
    if ring.__module__.startswith(_NO_BACKENDS):
        return Row("keyring", "missing", "none here: a key is kept in a private file")
    return Row("keyring", "ok", f"{ring.__module__}.{ring.__qualname__}")
