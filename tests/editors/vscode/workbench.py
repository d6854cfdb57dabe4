"""One window of VS Code, as a person sees it: a page in the browser. This is the one place that knows its selectors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    FrameLocator,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.editors.waiting import PATIENCE, wait_for

T = TypeVar("T")

MILLISECONDS = PATIENCE * 1000
OPENING = 3 * MILLISECONDS
"""For a window to open or to be loaded again, on a machine with other work."""
LOCAL = re.compile(
    r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:|about:"
    r"|https://vscode-remote\+[a-z0-9-]+\.vscode-resource\.vscode-cdn\.net/"
)
"""What a page may ask for. The last is what a webview's own files are called: a service worker answers, and no name is looked up."""
NOISE = ("Could not locate the bindings file", "native-watchdog", "127.0.0.1:9/gallery", "127.0.0.1:9\n")
"""What VS Code says of its log and its gallery, neither of which is there."""
SIZE: ViewportSize = {"width": 1280, "height": 800}

LEAVES = "() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
"""Whether the page would be left without a question: VS Code keeps one that has typing which is not yet backed up."""


class Workbench:
    """A window."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
        self.context.set_default_timeout(MILLISECONDS)
        self.page: Page = self.context.new_page()
        self.foreign: list[str] = []
        """Requests that would have left the machine."""
        self.console: list[str] = []
        """What its pages wrote, for the report of a failure."""
        self.context.on("request", self._look)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))

    # What a person does

    def go(self, address: str) -> None:
        """Open the window's address, and wait until the workbench is there."""
        self.page.goto(address, wait_until="domcontentloaded", timeout=OPENING)
        self.page.wait_for_selector(".monaco-workbench .part.statusbar", timeout=OPENING)

    def reload(self) -> None:
        """Load the window again, once VS Code lets it go without a question: what is typed is then kept somewhere."""
        self.until(lambda: self.page.evaluate(LEAVES))
        self.page.reload(wait_until="domcontentloaded", timeout=OPENING)
        self.page.wait_for_selector(".monaco-workbench .part.statusbar", timeout=OPENING)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as Playwright names them."""
        for key in keys:
            self.page.keyboard.press(key)

    def command(self, title: str) -> None:
        """Choose a command in the palette by its whole title, once it is offered."""
        row = self.rows.filter(has=self.page.get_by_text(title, exact=True)).first

        def offered() -> bool:
            if self.quick_input.is_visible():  # in the chat, Escape would mean to stop
                self.press("Escape")
            self.press("F1")
            self.quick_input.fill(f">{title}")
            try:
                row.wait_for(timeout=2000)
            except Error:  # what is not offered when the palette opens does not come into it
                return False
            return True

        self.until(offered)
        row.click()

    def quick_open(self, name: str) -> None:
        """Open a file by its name."""
        self.press("Control+p")
        self.quick_input.fill(name)
        self.rows.filter(has_text=name).first.click()
        self.tab(name).wait_for()

    def pick(self, words: str) -> None:
        """Choose a row of the list that is shown."""
        self.rows.filter(has_text=words).first.click()

    def lightbulb(self, title: str) -> list[str]:
        """Open the menu of code actions where the cursor is, and choose one by how it begins; returns all titles."""
        rows = self.page.locator(".action-widget .monaco-list-row")
        wanted = rows.filter(has_text=title).first

        def opened() -> bool:
            self.press("Escape", "Control+.")
            try:
                wanted.wait_for(timeout=3000)
            except Error:  # it was asked for before there was anything to do, and does not look again
                return False
            return True

        self.until(opened)
        titles = [it.strip() for it in rows.all_inner_texts()]
        # Until the mouse moves, older ones lay something over the menu that takes clicks.
        wanted.hover(force=True)
        wanted.click()
        return titles

    def context_menu(self, place: Locator, title: str) -> None:
        """Choose from the menu of the right button at a place."""
        place.click(button="right")
        item = self.page.locator(".monaco-menu").get_by_role("menuitem", name=title)

        def chosen() -> bool:
            item.click()
            try:
                item.wait_for(state="hidden", timeout=1000)
            except Error:  # for a moment after it opened, a menu heeds no click
                return False
            return True

        self.until(chosen)

    def drag(self, what: Locator, onto: Locator) -> None:
        """Take something with the mouse, and have it over a place; `drop` lets go of it."""
        what.hover()
        self.page.mouse.down()
        self.drag_on(onto)

    def drag_on(self, onto: Locator) -> None:
        """Have what is dragged over another place."""
        box = onto.bounding_box()
        assert box is not None
        across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(across, down, steps=5)
        self.page.mouse.move(across + 1, down)

    def drop(self) -> None:
        """Let go of what is dragged."""
        self.page.mouse.up()

    # What there is to see

    @property
    def quick_input(self) -> Locator:
        """The field of the palette, and of every list and question of that kind."""
        return self.page.locator(".quick-input-widget:visible input:not([type=checkbox])").first

    @property
    def rows(self) -> Locator:
        """The rows of the palette."""
        return self.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row")

    def row_button(self, row: Locator, name: str) -> Locator:
        """Return a button of a row of the palette, which is there while the mouse is over it."""
        row.hover()
        return row.get_by_role("button", name=name)

    @property
    def typed_in(self) -> Locator:
        """The editor that has the focus."""
        return self.page.locator(".editor-group-container .monaco-editor.focused")

    @property
    def dialog(self) -> Locator:
        """What the window asks before anything else goes on."""
        return self.page.locator(".monaco-dialog-box")

    def tab(self, name: str) -> Locator:
        """The tab of a file; it has the class `dirty` where the file has unsaved text."""
        return self.page.locator(f'.tab[data-resource-name="{name}"]')

    def file(self, name: str) -> Locator:
        """A file in the explorer."""
        return self.page.locator(".explorer-folders-view .monaco-list-row").filter(has_text=name)

    def problems(self) -> Locator:
        """Open the panel of problems; returns its rows."""
        panel = self.page.locator(".markers-panel")
        if not panel.is_visible():
            self.press("Control+Shift+m")
        panel.wait_for()
        return panel.locator(".monaco-list-row")

    @property
    def lenses(self) -> Locator:
        """The code lenses that are shown."""
        return self.page.locator(".codelens-decoration a")

    @property
    def notifications(self) -> Locator:
        """The messages that pop up."""
        return self.page.locator(".notifications-toasts .notification-toast")

    @property
    def messages(self) -> Locator:
        """The messages that pop up, and those in the list of all: after some seconds, one is only there."""
        return self.page.locator(".notification-list-item")

    @property
    def status(self) -> Locator:
        """The items of the status bar."""
        return self.page.locator(".part.statusbar .statusbar-item")

    @property
    def views(self) -> Locator:
        """The icons of the activity bar."""
        return self.page.locator(".activitybar .action-item a.action-label")

    @property
    def diff(self) -> Locator:
        """The diff editor."""
        return self.page.locator(".monaco-diff-editor").first

    def webview(self) -> FrameLocator:
        """The page inside of the webview that is shown."""
        outer = self.page.frame_locator("iframe.webview.ready")
        return outer.frame_locator("iframe#active-frame")

    def expect(self, locator: Locator, words: str | re.Pattern[str]) -> None:
        """Wait until an element has these words."""
        expect(locator).to_contain_text(words, timeout=MILLISECONDS)

    def until(self, seen: Callable[[], T], patience: float = PATIENCE) -> T:
        """Return what `seen` returns once that is true; the page goes on meanwhile."""

        def look() -> T:
            self.page.wait_for_timeout(1)  # Playwright's own loop runs only while it is waited in
            return seen()

        return wait_for(look, lambda: "\n".join(self.console[-20:]), patience)

    # Its end

    def keep(self, folder: Path, name: str) -> None:
        """Leave a picture and what was written to the console, for who reads of a failure."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.console.txt").write_text("\n".join(self.console), "utf-8")
        try:
            self.page.screenshot(path=folder / f"{name}.png", timeout=5000)
        except Error as error:
            (folder / f"{name}.no-picture.txt").write_text(str(error), "utf-8")

    def close(self) -> None:
        """Leave the window as a person does who closes the browser's tab."""
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto("about:blank")
        self.context.close()

    def _look(self, request: Request) -> None:
        if LOCAL.match(request.url) is None:
            self.foreign.append(request.url)

    def _note(self, message: ConsoleMessage) -> None:
        if not any(it in message.text for it in NOISE):
            self.console.append(f"{message.type}: {message.text[:1000]}")
