"""Two thousand rows and thousands of deltas a second in the chat's own page: what is in it is bounded, stays in place and can be used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from postil.core.events import Durable
from tests.editors.vscode.conftest import missing
from tests.editors.vscode.hostile import HOSTILE, MEGABYTE, OFFSET, PAINTED, PLACE, SCROLLED
from tests.editors.vscode.page import (
    SESSION,
    beginning,
    built,
    delta,
    open_page,
    opened,
    send,
    stream,
    updates,
)
from tests.editors.vscode.rows import events_of
from tests.support.golden_parts import asked, call, prompt, replied, routed

ROWS = 2_000
TURN = "t9999"
AT_END = "it => it.scrollHeight - it.scrollTop - it.clientHeight < 2"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The page with many rows, and a turn that has begun below them."""
    if not built():
        missing("the extension")
    page = open_page(browser)
    page.set_default_timeout(60_000)
    events = [*events_of("/project", ROWS), prompt(TURN, "And now?"), routed(TURN)]
    send(page, beginning(), opened(events))
    page.get_by_role("log").wait_for()
    page.evaluate(f"window.after = {len(events)}")
    settle(page)
    yield page
    assert page.evaluate("() => window.sent.filter(it => it.type === 'fault')") == []
    page.context.close()


def settle(page: Page) -> None:
    """Wait until what was asked for is painted."""
    page.evaluate(PAINTED)


def update(page: Page) -> dict[str, object]:
    """The delta that comes next."""
    return delta(page.evaluate("() => window.after"), TURN)


def test_few_rows_are_in_the_page_and_none_jumps_while_those_above_are_measured(page: Page) -> None:
    log = page.get_by_role("log")
    assert log.evaluate(AT_END), "it opens at the end"
    assert log.evaluate(SCROLLED)["height"] > ROWS * 20
    log.evaluate("log => { log.scrollTop = log.scrollHeight / 2 }")
    settle(page)
    settle(page)
    for _ in range(20):
        place = log.evaluate(PLACE)
        log.evaluate("log => { log.scrollTop -= 700 }")
        settle(page)
        moved = log.evaluate(OFFSET, place["row"]) - place["at"]
        assert abs(moved - 700) <= 2, (place, moved)
        assert log.locator("button.row").count() < 300
        assert log.evaluate("log => log.querySelectorAll('*').length") < 8_000


def test_the_end_is_followed_until_somebody_leaves_it_and_again_once_they_are_back(page: Page) -> None:
    log = page.get_by_role("log")
    stream(page, 200, 0.5, update(page), ["word ", "and ", "line.\n\n"])
    assert log.evaluate(AT_END)
    log.evaluate("log => { log.scrollTop -= 8 }")  # less than a row, as the first touch of a wheel
    settle(page)
    before = log.evaluate(SCROLLED)
    stream(page, 200, 0.5, update(page), ["word ", "line.\n\n"])
    after = log.evaluate(SCROLLED)
    assert after["height"] > before["height"]
    assert after["top"] == before["top"], "nobody is pulled back"
    page.get_by_role("button", name="Jump to end").click()
    settle(page)
    stream(page, 200, 0.5, update(page), ["word ", "line.\n\n"])
    assert log.evaluate(AT_END)


def test_a_card_taller_than_the_view_is_read_from_its_beginning_and_does_not_pull_back(page: Page) -> None:
    log = page.get_by_role("log")
    page.set_viewport_size({"width": 360, "height": 360})
    settle(page)
    assert log.evaluate(AT_END)
    after = int(page.evaluate("() => window.after"))
    line = " && \\\n".join(f"make clean-{number}" for number in range(30))
    events: list[Durable] = [
        replied(TURN, 1, call("c1", "shell", command="make clean"), stop="tool_use"),
        asked(TURN, "c1", "q1", line),
    ]
    send(page, updates(events, after))
    card = page.locator("[data-card]")
    card.wait_for()
    settle(page)
    begins = "it => it.getBoundingClientRect().top - it.closest('.talk').getBoundingClientRect().top"
    assert card.evaluate("it => it.clientHeight > it.closest('.talk').clientHeight")
    assert 0 <= card.evaluate(begins) <= 16
    assert card.get_by_role("heading").is_visible()
    assert page.evaluate("() => document.activeElement === document.body"), "nothing takes the focus"
    page.get_by_role("button", name="Jump to end").click()
    settle(page)
    assert log.evaluate(AT_END)
    send(page, {"type": "updates", "sessionId": SESSION, "updates": [delta(after + 2, TURN, "More.")]})
    settle(page)
    assert log.evaluate(AT_END), "who has read on is left there"
    assert card.get_by_role("button").last.is_visible()


def test_who_sends_is_taken_to_the_end_unless_the_message_waits(page: Page) -> None:
    log, composer = page.get_by_role("log"), page.get_by_role("textbox", name="Message")
    for number, (queued, at_end) in enumerate([(True, False), (False, True)], 1):
        log.evaluate("log => { log.scrollTop -= 400 }")
        settle(page)
        assert not log.evaluate(AT_END)
        composer.fill("Again.")
        composer.press("Enter")
        page.wait_for_function(
            "n => window.sent.filter(it => it.type === 'request').length === n", arg=number
        )
        asked = page.evaluate("() => window.sent.findLast(it => it.type === 'request')")
        assert asked["method"] == "postil/session/prompt"
        send(page, {"type": "response", "id": asked["id"], "result": {"turnId": "t10000", "queued": queued}})
        settle(page)
        settle(page)
        assert log.evaluate(AT_END) == at_end
        stream(page, 200, 0.2, update(page), ["word ", "line.\n\n"])
        assert log.evaluate(AT_END) == at_end


def test_five_thousand_deltas_a_second_leave_it_usable(page: Page) -> None:
    page.evaluate(
        "() => { const it = document.querySelector('textarea'); window.typed = []; it.addEventListener('input', () => window.typed.push(it.value)) }"
    )
    words = [f"{it} " for it in HOSTILE.split()] + ["\n\n"]
    sending = (
        "it => { window.streamed = null; (async () => { window.streamed = await ("
        + _stream()
        + ")(it) })() }"
    )
    page.evaluate(sending, {"rate": 5_000, "seconds": 4, "update": update(page), "words": words})
    page.get_by_role("textbox", name="Message").press_sequentially("usable")
    assert page.evaluate("() => window.typed.at(-1)") == "usable"
    assert page.evaluate("() => window.streamed") is None, "it was typed while words came"
    page.get_by_role("textbox", name="Message").fill("")
    page.get_by_role("button", name="Stop").click()
    asked = page.evaluate("() => window.sent.filter(it => it.type === 'request').map(it => it.method)")
    assert asked == ["postil/session/cancel"]
    page.wait_for_function("() => window.streamed !== null")
    assert page.evaluate("() => window.streamed") == 20_000
    assert page.evaluate("() => [window.pwned, window.refused]") == [None, []]
    assert page.locator("main :is(img, iframe, script, style, object, form, math)").count() == 0


def test_a_line_of_a_megabyte_that_streams_in_leaves_it_usable(page: Page) -> None:
    piece = MEGABYTE[:10_000]
    send(
        page,
        {
            "type": "updates",
            "sessionId": "s0001",
            "updates": [{**update(page), "event": {**delta(0, TURN)["event"], "text": piece}}] * 100,
        },
    )
    page.get_by_text("more characters)").wait_for()
    page.get_by_role("textbox", name="Message").press_sequentially("usable")
    assert page.get_by_role("textbox", name="Message").input_value() == "usable"


def test_what_the_policy_refuses_is_seen(page: Page) -> None:
    page.evaluate(
        "() => { const it = new Image(); it.src = 'https://evil.example/x.png'; document.body.append(it) }"
    )
    page.wait_for_function("() => window.refused.length === 1")
    assert page.evaluate("() => window.refused[0]").startswith("img-src https://evil.example")


def _stream() -> str:
    from tests.editors.vscode.page import STREAM

    return STREAM
