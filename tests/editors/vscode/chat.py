"""The chat in the side bar, as a person sees it: by what its parts are called, and seldom by how they are made."""

from __future__ import annotations

import re

from playwright.sync_api import Error, FrameLocator, Locator, Page

from tests.editors.vscode.workbench import Workbench


class Chat:
    """The chat of a window."""

    def __init__(self, window: Workbench) -> None:
        self._window = window

    def open(self) -> Chat:
        """Click at its icon where its view is not the one that is open, and wait until it can be written in."""
        chosen = self._page.locator(".activitybar .action-item.checked a.action-label").and_(self._labelled)

        def opened() -> bool:
            if not self.frame.owner.is_visible() and not chosen.count():
                self.icon.click()
            try:
                self.composer.wait_for(timeout=5000)
            except (
                Error
            ):  # a window that was loaded again was opening it by itself, and the click has closed it
                return False
            return True

        self._window.until(opened)
        return self

    # What a person does

    def write(self, words: str) -> None:
        """Write into the composer, in place of what stands there."""
        self.composer.fill(words)

    def ask(self, words: str, key: str = "Enter") -> None:
        """Write and send."""
        self.write(words)
        self.composer.press(key)

    def answer(self, title: str) -> None:
        """Click at an answer of the card, once that takes one: it does not while it has just come."""
        self.card.wait_for()
        button = self.card.get_by_role("button", name=re.compile(rf"(\d )?{re.escape(title)}")).first
        question = self.card.get_attribute("data-card")
        asked = self.frame.locator(f'[data-card="{question}"]')

        def answered() -> bool:
            try:
                if button.is_enabled(timeout=100):
                    button.click(timeout=500)
            except Error:
                pass  # it went away in between
            return asked.count() == 0

        self._window.until(answered)

    def answer_in_words(self, title: str, words: str) -> None:
        """Choose an answer of the card that is given in words, write them and send."""
        box = self.card.get_by_role("textbox")

        def asked() -> bool:
            if box.count() == 0:
                self.card.get_by_role("button", name=re.compile(rf"(\d )?{re.escape(title)}")).click()
            return box.count() > 0

        self._window.until(asked)
        box.fill(words)
        box.press("Enter")

    # What there is to see

    @property
    def frame(self) -> FrameLocator:
        """The page in it."""
        return self._window.webview()

    @property
    def icon(self) -> Locator:
        """What opens it."""
        return self._window.views.and_(self._labelled).first

    @property
    def _labelled(self) -> Locator:
        return self._page.get_by_label(re.compile("^Postil"))

    @property
    def composer(self) -> Locator:
        """Where a prompt is written."""
        return self.frame.get_by_role("textbox", name="Message")

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.frame.get_by_role("log", name="Conversation")

    @property
    def card(self) -> Locator:
        """The question that waits."""
        return self.frame.locator("[data-card]").first

    @property
    def dock(self) -> Locator:
        """What happens now, or waits."""
        return self.frame.locator(".dock")

    @property
    def status(self) -> Locator:
        """What a screen reader is told."""
        return self.frame.get_by_role("status")

    def row(self, words: str) -> Locator:
        """A line of work."""
        return self.frame.locator("button.row").filter(has_text=words).first

    def button(self, name: str) -> Locator:
        """A button or a link by its name."""
        return self.frame.get_by_role("button", name=name)

    def shows(self, words: str) -> None:
        """Wait until the conversation has these words."""
        self._window.expect(self.log, words)

    @property
    def _page(self) -> Page:
        return self._window.page
