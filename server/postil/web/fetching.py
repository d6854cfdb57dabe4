"""One address and what it answers: its redirects, its limits, and the words for what went wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpcore2

from postil import __version__
from postil.core.errors import ToolError
from postil.core.ports.web import Page, Reach
from postil.core.revealing import one_line
from postil.web.bodies import ENCODINGS, body_of
from postil.web.connecting import Judged, Refused, Resolve, judged
from postil.web.proxies import proxy_for

if TYPE_CHECKING:
    import ssl

_HEADERS = [
    ("User-Agent", f"Postil/{__version__}"),
    ("Accept", "text/markdown, text/html;q=0.9, text/plain;q=0.9, */*;q=0.5"),
    ("Accept-Encoding", ENCODINGS),
]
_REDIRECTS = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may take."""

    seconds: float = 60.0
    """All of it, redirects and all."""
    idle: float = 20.0
    """Without a byte."""
    redirects: int = 5
    body: int = 5_000_000
    """Bytes of a body, unpacked."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one request goes out."""

    secure: ssl.SSLContext
    resolve: Resolve
    limits: Limits


async def fetch(url: str, reach: Reach, way: Way) -> Page:
    """Return what the address answers. Raises ToolError."""
    try:
        async with asyncio.timeout(way.limits.seconds):
            return await _followed(url, reach, way)
    except TimeoutError:
        raise ToolError(
            f"{_host(url)} did not answer in full within {way.limits.seconds:g} seconds.",
            "Try again later, or another address.",
        ) from None
    except Refused:
        raise
    except httpcore2.TimeoutException as error:
        raise ToolError(f"{_host(url)} does not answer.", "Try again later, or another address.") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
        told = one_line(str(error) or type(error).__name__, 200)
        raise ToolError(f"{_host(url)} cannot be read: {told}.", "Check the address.") from error
    except (httpcore2.UnsupportedProtocol, ImportError) as error:
        raise ToolError("The proxy of the environment is of a kind that cannot be used here.") from error


async def _followed(url: str, reach: Reach, way: Way) -> Page:
    hosts: list[str] = []
    for _ in range(way.limits.redirects + 1):
        page, target = await _requested(url, reach, way)
        hosts.append(_host(url))
        passed = tuple(dict.fromkeys(hosts))
        if not target:
            return Page(page.url, page.status, page.content_type, page.charset, page.body, page.whole, passed)
        why = await _why_not(url, target, reach)
        if why:
            return Page(url, page.status, hosts=passed, leads_to=target, why=why)
        url = target
    raise ToolError(f"{_host(url)} redirects on and on.", "Check the address.")


async def _why_not(url: str, target: str, reach: Reach) -> str:
    """Return why a redirect is not followed: only on the same host, never from https to http, it is what was allowed."""
    here, there = urlsplit(url), urlsplit(target)
    if there.scheme not in _PORTS:
        return "it is no address of http or https"
    if here.scheme == "https" and there.scheme == "http":
        return "it would go on without encryption"
    upgraded = (here.scheme, there.scheme) == ("http", "https")
    usual = _port(target) == 443 and _port(url) == 80
    if here.hostname == there.hostname and "@" not in there.netloc:
        if here.scheme == there.scheme and _port(url) == _port(target):
            return ""
        if upgraded and usual:
            return ""
    return await reach.redirect(target)


async def _requested(url: str, reach: Reach, way: Way) -> tuple[Page, str]:
    """Make one request; return what it answers, and where it redirects to."""
    idle = way.limits.idle
    timeouts = {"connect": idle, "read": idle, "write": idle, "pool": idle}
    async with await _pool(url, reach, way) as pool:
        asked = pool.stream("GET", url, headers=_HEADERS, extensions={"timeout": timeouts})
        async with asked as response:
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            if response.status in _REDIRECTS and headers.get("location"):
                return Page(url, response.status), _target(url, headers["location"])
            body, whole = await body_of(
                response.aiter_stream(), headers.get("content-encoding", ""), way.limits.body
            )
    kind = Message()
    kind["content-type"] = headers.get("content-type", "")
    content_type = kind.get_content_type() if headers.get("content-type") else ""
    return Page(url, response.status, content_type, kind.get_content_charset("") or "", body, whole), ""


async def _pool(url: str, reach: Reach, way: Way) -> httpcore2.AsyncConnectionPool:
    """Return what carries one request: straight to an address that was judged, or by the user's own proxy."""
    proxy = await asyncio.to_thread(proxy_for, url)
    if proxy is None:
        return httpcore2.AsyncConnectionPool(
            ssl_context=way.secure, network_backend=Judged(reach, way.resolve)
        )
    await _judge_for_proxy(url, reach, way)
    parts = urlsplit(proxy)
    auth = (parts.username, parts.password or "") if parts.username else None
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return httpcore2.AsyncConnectionPool(ssl_context=way.secure, proxy=httpcore2.Proxy(bare, auth=auth))


async def _judge_for_proxy(url: str, reach: Reach, way: Way) -> None:
    """Raise Refused where the name leads to what may not be reached, as far as it is known here: the proxy looks it up itself."""
    try:
        _, refused = await judged(_host(url), _port(url), way.resolve, reach)
    except OSError:
        return
    if refused:
        raise Refused(f"It was not requested: {refused}.")


def _target(url: str, location: str) -> str:
    try:
        target = urljoin(url, location.strip()).partition("#")[0]
        _ = urlsplit(target).port
    except ValueError:
        raise ToolError(f"{_host(url)} redirects to what is no address.", "Check the address.") from None
    if not target.isascii() or not target.isprintable() or " " in target:
        raise ToolError(f"{_host(url)} redirects to what is no plain address.", "Check the address.")
    return target


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or _PORTS.get(parts.scheme, 0)
