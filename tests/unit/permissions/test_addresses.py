"""Where an allowed host's name may lead."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from postil.permissions.addresses import decide_endpoint, is_public
from postil.permissions.rule import Rule, parse


def rules(*texts: str) -> tuple[Rule, ...]:
    return tuple(parse(rest, verdict, "user") for verdict, _, rest in (it.partition(" ") for it in texts))  # pyright: ignore[reportArgumentType] - verdicts


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("::ffff:93.184.216.34", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("172.16.3.4", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:a00:1::", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
    ],
)
def test_what_is_public(ip: str, *, public: bool) -> None:
    assert is_public(ip_address(ip)) is public


@pytest.mark.parametrize(
    ("host", "ip", "given", "reached"),
    [
        ("docs.org", "93.184.216.34", (), True),
        ("docs.org", "10.0.0.1", (), False),
        ("docs.org", "10.0.0.1", ("allow WebFetch(domain:docs.org)",), False),
        ("docs.org", "10.0.0.1", ("allow WebFetch(domain:*)",), False),
        ("docs.org", "10.0.0.1", ("allow WebFetch",), False),
        ("docs.org", "10.0.0.1", ("allow WebFetch(domain:10.0.0.1)",), True),
        ("docs.org", "10.0.0.1", ("allow WebFetch(domain:10.0.0.1)", "ask WebFetch(domain:10.0.0.1)"), False),
        (
            "docs.org",
            "10.0.0.1",
            ("allow WebFetch(domain:10.0.0.1)", "deny WebFetch(domain:10.0.0.1)"),
            False,
        ),
        ("docs.org", "::1", ("allow WebFetch(domain:[::1])",), True),
        ("docs.org", "fe80::1%eth0", (), False),
        ("docs.org", "no address", (), False),
        ("localhost", "127.0.0.1", (), True),
        ("wiki.internal", "10.0.0.1", (), True),
        ("10.0.0.1", "10.0.0.1", (), True),
        ("10.0.0.1", "10.0.0.2", (), False),
        ("0x7f.1", "127.0.0.1", (), False),
        ("docs.org", "93.184.216.34", ("deny WebFetch(domain:93.184.216.34)",), False),
        ("localhost", "127.0.0.1", ("deny WebFetch(domain:127.0.0.1)",), False),
    ],
)
def test_where_a_name_may_lead(host: str, ip: str, given: tuple[str, ...], *, reached: bool) -> None:
    assert (not decide_endpoint(host, ip, rules(*given))) is reached


def test_a_workspace_cannot_name_what_is_near() -> None:
    given = (parse("WebFetch(domain:10.0.0.1)", "allow", "workspace"),)
    assert decide_endpoint("docs.org", "10.0.0.1", given) == (
        "docs.org leads to 10.0.0.1, an address of a private network, and no rule names WebFetch(domain:10.0.0.1)"
    )


def test_a_public_address_of_this_machine() -> None:
    why = decide_endpoint("docs.org", "93.184.216.34", (), here=True)
    assert "an address of this machine" in why
    named = rules("allow WebFetch(domain:93.184.216.34)")
    assert not decide_endpoint("docs.org", "93.184.216.34", named, here=True)
