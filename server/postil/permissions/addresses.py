"""May this address be fetched? The same for every way to ask."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from postil.permissions.kinds import hosts
from postil.permissions.matching import Ruling, by_rule, strictest
from postil.permissions.rule import Rule


def decide_address(address: str, rules: Sequence[Rule]) -> Ruling:
    """Decide about a URL. Only a plain one, http or https to a named host, is ever allowed, and only by a rule."""
    host, plain = hosts.host_of(address)
    rule = strictest(
        rules, "WebFetch", lambda it: hosts.matches(it.pattern, host, allowing=it.verdict == "allow")
    )
    if rule is not None and rule.verdict != "allow":
        return Ruling(rule.verdict, by_rule(rule), rule, ("rules",))
    if not plain:
        return Ruling("ask", "it is not a plain http or https address of a named host", None, ("host",))
    if rule is None:
        return Ruling("ask", f"no rule allows the host {host}", None, ("rules",))
    return Ruling("allow", by_rule(rule), rule)


def lasting_rule(address: str) -> str | None:
    """Return the rule that allows the host of an address; None where none is safe to keep: it would be about a whole machine
    that is near, with every port of it."""
    host, plain = hosts.host_of(address if "://" in address else f"https://{address}/")
    return f"WebFetch(domain:{host})" if plain and not hosts.is_local(host) else None


_EMBEDDING = ip_network("64:ff9b::/96")
"""IPv6 addresses that a gateway makes IPv4 ones of."""


def decide_endpoint(host: str, ip: str, rules: Sequence[Rule], *, here: bool = False) -> str:
    """Return why no connection may be made to where an allowed host's name has led; empty where it may.

    A public name that leads into a private network is how somebody else's page reaches what only this machine does. So such
    an address is reached where the host itself said that it is one, or a rule names the very address.
    """
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return f"{host} leads to {ip}, which is no address"
    named = {
        rule.verdict for rule in rules if rule.kind == "WebFetch" and hosts.is_address(rule.pattern, address)
    }
    if "deny" in named:
        return f"{host} leads to {ip}, which a rule denies"
    if (is_public(address) and not here) or hosts.is_local(host) or hosts.is_address(host, address):
        return ""
    counting = strictest(rules, "WebFetch", lambda it: hosts.is_address(it.pattern, address))
    if counting is not None and counting.verdict == "allow":
        return ""
    where = "this machine" if here or address.is_loopback else "a private network"
    return f"{host} leads to {ip}, an address of {where}, and no rule names WebFetch(domain:{address})"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the public network, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        same = IPv4Address(int(address) & 0xFFFFFFFF) if address in _EMBEDDING else address.ipv4_mapped
        if same is not None:
            return is_public(same)
        inner = (address.sixtofour, *(address.teredo or ()))
        if address.is_site_local or any(it is not None and not is_public(it) for it in inner):
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )
