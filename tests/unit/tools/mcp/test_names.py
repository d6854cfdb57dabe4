"""What the model calls a server's tool."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from postil.permissions.kinds import mcp
from postil.tools.mcp.names import is_name, rule_name, server_of, tool_name

servers = st.from_regex(re.compile(r"[a-z0-9][a-z0-9-]{0,30}"), fullmatch=True)


def test_plain_names_stand_as_they_are() -> None:
    assert tool_name("time", "get_current_time") == "mcp__time__get_current_time"
    assert rule_name("get_current_time") == "get_current_time"


def test_odd_ones_end_in_a_digest_and_do_not_meet() -> None:
    odd = [
        tool_name("a", it)
        for it in ("b.c", "b c", "b/c", "b_c", "", "x" * 200, "x" * 201, "\u00e9", "\ud800")
    ]
    assert len(set(odd)) == len(odd)
    assert odd[3] == "mcp__a__b_c"
    assert re.fullmatch(r"mcp__a__b_c_[0-9a-f]{8}", odd[0])
    assert rule_name("*/../x") == "x"
    assert rule_name("***") == "tool"


@given(servers, st.text(max_size=200), servers, st.text(max_size=200))
def test_every_name_is_one_for_the_service_and_only_its_own(
    one: str, tool: str, other: str, more: str
) -> None:
    name = tool_name(one, tool)
    assert is_name(name)
    assert server_of(name) == one
    assert (name == tool_name(other, more)) == ((one, tool) == (other, more))
    assert mcp.fault(f"{one}/{rule_name(tool)}", allowing=True) is None
