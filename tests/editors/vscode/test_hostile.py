"""What a model may write to run, load, hide or stall something, in the real chat, below two thousand rows: one window for all of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Error, Frame, Request

from postil.core.events import TurnEnded
from tests.editors.vscode.chat import Chat
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.hostile import (
    END,
    ERROR,
    FLOOD,
    HOSTILE,
    LINE,
    MEGABYTE,
    OFFSET,
    PAINTED,
    PLACE,
    PLAN,
    SCROLLED,
    WEB,
)  # fmt: skip
from tests.editors.vscode.rows import TITLE, write_rows
from tests.editors.vscode.test_accessibility import violations
from tests.editors.vscode.wishes import edit


class Watch:
    """What the chat's page ran into, and what it asked for, from now on."""

    def __init__(self, desk: Desk, chat: Chat) -> None:
        frame = chat.frame.owner.element_handle().content_frame()
        assert frame is not None
        self.frame: Frame = frame
        self.asked: list[str] = []
        self._window = desk.window
        frame.evaluate(
            "() => { window.refused = []; document.addEventListener('securitypolicyviolation',"
            " it => window.refused.push(`${it.effectiveDirective} ${it.blockedURI}`)) }"
        )
        desk.window.context.on("request", self._look)

    def _look(self, request: Request) -> None:
        try:
            ours = request.frame == self.frame
        except Error:  # a service worker's have none
            ours = False
        if ours or "evil.example" in request.url:
            self.asked.append(request.url)

    def nothing(self) -> None:
        """Nothing ran, nothing was loaded or tried to be, and nothing of it is in the page."""
        for frame in self._window.page.frames:
            assert frame.evaluate("() => window.pwned === undefined"), frame.url
        assert self.frame.evaluate("() => window.refused") == []
        assert self.asked == []
        made = "img, iframe, script:not([nonce]), style:not([nonce]), object, embed, form, link:not([nonce]), math, base"
        inside = self.frame.locator("main").locator(made)
        assert inside.count() == 0, inside.all_inner_texts()
        assert self.links() <= WEB, (
            "what is no address of the web is no link; an image is one that nobody follows unasked"
        )

    def links(self) -> set[str]:
        """Where the links that are in the page lead to."""
        found: list[str] = self.frame.eval_on_selector_all(
            "main a", "all => all.map(it => it.dataset.href ?? '')"
        )
        return set(found)

    def works(self) -> None:
        """What is refused is seen: else that there is nothing would say nothing."""
        self.frame.evaluate(
            "() => { const it = new Image(); it.src = 'https://evil.example/canary.png'; document.body.append(it) }"
        )
        self._window.until(lambda: self.frame.evaluate("() => window.refused.length") == 1)
        self._window.foreign[:] = [it for it in self._window.foreign if not it.endswith("canary.png")]


def test_hostile_words_below_two_thousand_rows(desk: Desk) -> None:
    path = desk.world.file("app.py", "a - b\n")
    desk.world.trust()
    desk.settings('[limits]\nsession = "none"\nturn = "none"\n')
    write_rows(desk.world)
    desk.play(
        {
            "when": {"user": "Begin", "after": "prompt"},
            "blocks": [{"thinking": HOSTILE}, {"text": HOSTILE}, PLAN, edit(new=LINE)],
        },
        {
            "when": {"tool": "edit"},
            "blocks": [{"tool": "<img src=x onerror=window.pwned=11>", "input": {LINE: LINE}}],
        },
        {
            "when": {"failed": True, "user": "Begin"},
            "tool": "shell",
            "input": {"command": f"cat <<'E'\n{HOSTILE}\nE"},
        },
        {"when": {"tool": "shell"}, "text": f"{MEGABYTE}\n\nIt ended.", "chunk": 20_000},
        {"when": {"user": "Flood"}, "text": FLOOD, "chunk": 5, "delay": {"each": 0.001}},
        {
            "when": {"user": "Fail"},
            "error": {"status": 400, "type": "invalid_request_error", "message": ERROR},
        },
    )
    desk.open(path)
    chat = desk.chat().open()
    desk.window.command("Postil: Resume Session…")
    desk.window.pick(TITLE)
    chat.shows("row t0010")
    rows_are_bounded_and_stay(desk, chat)
    watch = Watch(desk, chat)
    chat.ask("Begin.")
    for title in ("Edit this file?", "Run this command?"):
        card = chat.card.filter(has_text=title)
        card.wait_for()
        desk.window.expect(card, "\\u202egpj.exe")
        chat.answer("Allow once")
    chat.shows("It ended.")
    desk.window.expect(chat.log, "more characters)")
    open_all(desk, chat)
    watch.nothing()
    assert watch.links(), "what is a link is one"
    assert violations(chat) == []
    usable_in_a_flood(desk, chat)
    chat.ask("Fail.")
    chat.shows("Not so.")
    watch.nothing()
    assert desk.window.page.locator(".notifications-toasts a[href^='command:']").count() == 0
    watch.works()


def rows_are_bounded_and_stay(desk: Desk, chat: Chat) -> None:
    """Few rows of two thousand are in the page, and what is read stays in its place while those above are measured."""
    log = chat.log
    desk.until(lambda: scrolled(chat)["left"] < 2)
    assert scrolled(chat)["height"] > 2_000 * 20
    log.evaluate("log => { log.scrollTop = log.scrollHeight / 2 }")
    steady(desk, chat)
    for _ in range(12):
        place = log.evaluate(PLACE)
        log.evaluate("log => { log.scrollTop -= 700 }")
        log.evaluate(PAINTED)
        moved = log.evaluate(OFFSET, place["row"]) - place["at"]
        assert abs(moved - 700) <= 2, (place, moved)
        assert log.locator("button.row").count() < 400
        assert log.evaluate("log => log.querySelectorAll('*').length") < 12_000
    log.evaluate("log => { log.scrollTop = log.scrollHeight }")
    desk.until(lambda: scrolled(chat)["left"] < 2)


def usable_in_a_flood(desk: Desk, chat: Chat) -> None:
    """While up to a thousand deltas come in a second: the end is followed until somebody leaves it, keys are taken, and Escape stops."""
    turns = len(desk.events(TurnEnded))
    chat.ask("Flood.")
    chat.shows("word word word")
    desk.until(lambda: scrolled(chat)["left"] < 2)
    chat.log.hover()
    desk.window.page.mouse.wheel(0, -300)
    desk.until(lambda: scrolled(chat)["left"] > 100)
    before, end = scrolled(chat), chat.log.evaluate(END)
    # An answer that is too long to be shown as a whole grows by the number of what is left out.
    desk.until(lambda: scrolled(chat)["height"] > before["height"] or chat.log.evaluate(END) != end)
    assert scrolled(chat)["top"] <= before["top"] + 2, "nobody is pulled back to the end"
    chat.composer.press_sequentially("usable")
    assert chat.composer.input_value() == "usable"
    assert len(desk.events(TurnEnded)) == turns, "it was typed while words came"
    chat.composer.press("Escape")  # where something is written, the button is the one that queues it
    desk.until(lambda: len(desk.events(TurnEnded)) == turns + 1)
    assert desk.events(TurnEnded)[-1].reason == "cancelled"


def open_all(desk: Desk, chat: Chat) -> None:
    """Open the rows of the last turn, so that all that was written is in the page."""
    chat.log.evaluate("log => { log.scrollTop = log.scrollHeight }")
    chat.frame.locator("main").evaluate(
        "main => { for (const it of [...main.querySelectorAll('button.row[aria-expanded=false]')].slice(-8)) it.click() }"
    )
    chat.log.evaluate(PAINTED)
    desk.window.expect(chat.log, "window.pwned=3")


def steady(desk: Desk, chat: Chat) -> None:
    """Wait until rows stand where the log was scrolled to, and stay."""
    seen: list[Any] = []

    def stays() -> bool:
        chat.log.evaluate(PAINTED)
        seen.append(chat.log.evaluate(PLACE))
        return len(seen) > 1 and seen[-1] is not None and seen[-1] == seen[-2]

    desk.until(stays)


def scrolled(chat: Chat) -> dict[str, float]:
    """Return how far the log is scrolled."""
    return chat.log.evaluate(SCROLLED)
