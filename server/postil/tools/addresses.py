"""Addresses as a model writes them, in the one form that is judged, shown and requested."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from postil.core.errors import InvalidInput

_PORTS = {"http": 80, "https": 443}
_KEPT = "/%:@!$&'()*+,;=-._~"


def plain_address(written: str) -> str:
    """Return the address in ASCII, without a fragment; raises InvalidInput for what is no plain address of the network."""
    text = written.strip()
    if not text.isprintable() or any(it.isspace() or it == "\\" for it in text):
        raise _refused("it has blanks, backslashes or control characters in it")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("it is no address") from None
    if parts.scheme not in _PORTS:
        raise _refused("it does not begin with http:// or https://")
    if not host:
        raise _refused("it names no host")
    if "@" in parts.netloc:
        raise _refused("it has a name or a password in it")
    place = _in_ascii(host) + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")
    query = f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else ""
    return f"{parts.scheme}://{place}{quote(parts.path or '/', safe=_KEPT)}{query}"


def _in_ascii(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    try:
        return host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        raise _refused("its host is no name") from None


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"The address cannot be fetched: {why}.", "Write it as https://example.org/page.")
