"""`WebFetch(domain:…)`: one host by its whole name, or with `*.` in front all that lie below it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})*\.?")


def host_of(url: str) -> str | None:
    """Return the host that an address names, lower case; None where it is not plain http or https to a named host."""
    if not url.isascii() or any(it.isspace() or it == "\\" for it in url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if _HOST.fullmatch(host) is None or _is_address(host):
        return None
    return host.rstrip(".")


def matches(pattern: str | None, host: str, *, allowing: bool) -> bool:
    """Whether the pattern of a rule names the host. A rule that forbids a host forbids all below it as well."""
    if pattern is None:
        return True
    name = pattern.strip().lower().removeprefix("domain:").rstrip(".")
    if name == "*":
        return True
    if name.startswith("*."):
        return host.endswith(name[1:])
    return host == name or (not allowing and host.endswith(f".{name}"))


def _is_address(host: str) -> bool:
    """Whether the host is a number in any of the ways that resolvers read one."""
    if re.fullmatch(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+))*\.?", host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
