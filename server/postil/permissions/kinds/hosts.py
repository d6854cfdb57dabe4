"""`WebFetch(domain:…)`: one host by its whole name, or with `*.` in front all that lie below it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})*\.?")


def host_of(url: str) -> tuple[str, bool]:
    """Return the host that an address names, lower case and in ASCII, and whether the address is a plain one: http or https,
    to a host of the network by its name, with nothing before it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "", False
    name = _ascii(host)
    odd = not url.isascii() or any(it.isspace() or it == "\\" for it in url) or "@" in parts.netloc
    named = _HOST.fullmatch(name) is not None and not _is_address(name)
    return name, named and not odd and parts.scheme in ("http", "https")


def matches(pattern: str | None, host: str, *, allowing: bool) -> bool:
    """Whether the pattern of a rule names the host. A rule that forbids a host forbids all below it as well, and `*` allows
    no host of this machine or of a private network's names."""
    if pattern is None:
        return not (allowing and is_local(host))
    name = pattern.strip().lower().removeprefix("domain:")
    if name == "*":
        return not (allowing and is_local(host))
    if name.startswith("*."):
        return host.endswith("." + _ascii(name[2:]))
    name = _ascii(name)
    return host == name or (not allowing and host.endswith(f".{name}"))


def fault(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and how to mend it."""
    if not pattern.startswith("domain:"):
        return "the pattern names no domain", "Write WebFetch(domain:example.org)."
    return None


def examples(pattern: str | None) -> tuple[str, ...]:
    """Return addresses that stand for all that a pattern means."""
    name = (pattern or "*").strip().removeprefix("domain:")
    host = "qx7anything.example" if name == "*" else name.replace("*", "qx7anything")
    return (f"https://{host}/",)


def is_address(pattern: str | None, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether a pattern, or a host, is this very address."""
    written = (pattern or "").strip().removeprefix("domain:").strip("[]")
    try:
        return ipaddress.ip_address(written) == address
    except ValueError:
        return False


def _ascii(host: str) -> str:
    try:
        return host.lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        return host.lower().rstrip(".")


def is_local(host: str) -> bool:
    """Whether a name says by itself that it is of this machine or of a private network."""
    return "." not in host or host.endswith(
        (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".intranet")
    )


def _is_address(host: str) -> bool:
    """Whether the host is a number in any of the ways that resolvers read one."""
    if re.fullmatch(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+))*\.?", host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
