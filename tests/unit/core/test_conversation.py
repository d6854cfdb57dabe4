"""A conversation in pages is a list of messages, whichever of them are still JSON."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from postil.core import paged as paging
from postil.core.conversation import MessageList
from postil.core.messages import AssistantMessage, Message, Text, ToolMessage, ToolResult, UserMessage
from postil.core.state import Conversation

PAGE = 4


@pytest.fixture(autouse=True, scope="module")
def _short_pages() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE", PAGE)
        yield


def several(count: int, start: int = 0) -> list[Message]:
    return [a_message(number) for number in range(start, start + count)]


def a_message(number: int) -> Message:
    if number % 3 == 0:
        return UserMessage(text=f"prompt {number} \udcff")
    if number % 3 == 1:
        return AssistantMessage(content=(Text(text=f"reply {number}"),))
    result = ToolResult(call_id=f"c{number}", content="é")
    return ToolMessage(call_ids=(result.call_id,), results={result.call_id: result})


def kept(messages: list[Message]) -> MessageList:
    """The same messages as a snapshot gives them: as JSON."""
    pages: list[memoryview | list[Message]] = []
    for start in range(0, len(messages), PAGE):
        page = (json.dumps(it.model_dump(mode="json")) for it in messages[start : start + PAGE])
        pages.append(memoryview(",".join(page).encode("ascii")))
    return MessageList(pages)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 9)),
        st.tuples(st.just("cut"), st.integers(0, 40)),
        st.tuples(st.just("look"), st.integers(-40, 40)),
        st.tuples(st.just("freeze"), st.just(0)),
        st.tuples(st.just("read"), st.just(0)),
    ),
    max_size=12,
)


@given(st.integers(0, 21), st.booleans(), steps)
def test_it_is_a_list(count: int, as_json: bool, taken: list[tuple[str, int]]) -> None:
    plain = several(count)
    paged = kept(plain) if as_json else MessageList.of(plain)
    frozen: list[tuple[MessageList, list[Message]]] = []
    for step, number in taken:
        match step:
            case "append":
                for message in several(number, len(plain)):
                    plain.append(message)
                    paged.append(message)
            case "cut":
                del plain[number:]
                paged.cut(number)
            case "look" if -len(plain) <= number < len(plain):
                assert paged[number] == plain[number]
            case "look":
                with pytest.raises(IndexError):
                    paged[number]
                assert paged[number:] == plain[number:]
            case "freeze":
                frozen.append((paged.frozen(), list(plain)))
            case _:
                paged.read()
                assert not paged.unread
        assert len(paged) == len(plain)
    assert paged == plain
    assert list(reversed(paged)) == plain[::-1]
    for copy, wanted in frozen:
        assert copy == wanted, "it does not change with the list that it was copied of"


def test_only_what_is_looked_at_is_read() -> None:
    paged = kept(several(3 * PAGE + 1))
    paged.append(UserMessage(text="more"))
    assert (len(paged), paged[-1]) == (3 * PAGE + 2, UserMessage(text="more"))
    assert [isinstance(page, memoryview) for page in paged.pages] == [True, True, True, False]
    assert paged[PAGE] == several(1, PAGE)[0]
    assert [isinstance(page, memoryview) for page in paged.pages] == [True, False, True, False]


def test_a_full_page_is_shared_by_copies_and_the_last_one_is_not() -> None:
    paged = MessageList.of(several(PAGE + 3))
    copy = paged.frozen()
    assert copy.pages[0] is paged.pages[0]
    message = paged[-1]
    assert isinstance(message, UserMessage)
    results = ToolMessage(call_ids=("a", "b"))
    paged.append(results)
    copy = paged.frozen()
    results.results["a"] = ToolResult(call_id="a", content="")
    assert copy[-1] == ToolMessage(call_ids=("a", "b"))


def test_a_list_that_was_cut_to_full_pages_shares_none_that_changes() -> None:
    paged = MessageList.of(several(2 * PAGE + 1))
    copy = paged.frozen()
    paged.cut(2 * PAGE)
    paged.replace_last(UserMessage(text="other"))
    paged.append(UserMessage(text="more"))
    assert copy == several(2 * PAGE + 1)


def test_it_is_read_while_it_is_cut_and_grows() -> None:
    plain = several(40 * PAGE)
    paged = kept(plain)
    reader = threading.Thread(target=paged.read)
    reader.start()
    paged.cut(30 * PAGE + 1)
    paged.append(UserMessage(text="new"))
    reader.join()
    assert paged == [*plain[: 30 * PAGE + 1], UserMessage(text="new")]


def test_as_json_it_is_a_plain_list() -> None:
    held = Conversation(messages=kept(several(PAGE + 1)[1:]))
    data = held.model_dump(mode="json")
    assert [it["role"] for it in data["messages"]] == ["assistant", "tool", "user", "assistant"]
    assert Conversation.model_validate(json.loads(json.dumps(data))) == held
    assert held != Conversation()


def test_a_page_of_another_length_is_no_page() -> None:
    paged = MessageList([kept(several(PAGE - 1)).pages[0], memoryview(b'{"role":"user","text":"a"}')])
    assert paged.pages  # The last page alone was read.
    short = MessageList(
        [memoryview(b'{"role":"user","text":"a"}'), memoryview(b'{"role":"user","text":"b"}')]
    )
    with pytest.raises(ValueError, match="page 0 holds 1 items"):
        short.read()
    with pytest.raises(ValidationError):
        MessageList([memoryview(b'{"role":"nobody"}')])
