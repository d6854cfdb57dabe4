"""The few lines in a Neovim with a screen: while a person works in a chat, nothing waits for a key that they have to press first."""

from __future__ import annotations

import pytest

from postil.core.events import PromptReceived, TurnEnded
from tests.editors.nvim.chat import Chat
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.test_chat import offered
from tests.editors.nvim.test_lifetime import kill_server

LONG = {"text": "A word.\n\n" * 300, "chunk": 5, "delay": {"each": 0.02}}
NEARLY = "[limits]\nsession_tokens = 200_000\nwarn_at = 0.001\n"

WATCH = """
    waited = {}
    vim.loop.new_timer():start(0, 2, function()
      if vim.api.nvim_get_mode().blocking then
        table.insert(waited, vim.api.nvim_get_mode().mode)
        vim.api.nvim_input('<CR>')
      end
    end)
"""


def watch(chat: Chat) -> None:
    """Give the editor a screen, and see to it that whatever it waits for is noted and sent away."""
    chat.nvim.show(80, 24)
    assert chat.nvim.lua("return vim.o.cmdheight") == 1
    chat.nvim.lua(WATCH)


def waited(chat: Chat) -> list[str]:
    """Return the modes in which it waited."""
    return list(chat.nvim.lua("return waited"))


def test_a_message_of_its_own_would_be_noticed(desk: Desk) -> None:
    """Neovim 0.11 waits after any message of a server; so this is what the other tests would see."""
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    if not chat.nvim.has_new_start:
        pytest.skip("before 0.11 a short message does not wait")
    watch(chat)
    chat.nvim.lua("""
        local client = vim.lsp.get_clients({ name = 'postil' })[1]
        vim.schedule(function()
          vim.lsp.handlers['window/showMessage'](nil, { type = 3, message = 'Short.' }, { client_id = client.id })
        end)
    """)
    chat.nvim.until(lambda: waited(chat))


def test_queue_stop_and_the_end_of_an_answer_wait_for_no_key(desk: Desk) -> None:
    desk.settings(NEARLY)
    desk.play(LONG, LONG, "Short.")
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    watch(chat)
    chat.send("one")
    chat.shows("A word.\n\nA word.")
    chat.send("two", "Postil: Queue")
    chat.until(lambda: chat.text.count("two") == 0)
    chat.write("three")
    desk.choose(1, "Postil: Stop")
    chat.until(lambda: len(desk.events(TurnEnded)) == 1)
    desk.choose(1, "Postil: Send: two")
    chat.until(lambda: len(desk.events(PromptReceived)) == 2)
    chat.shows("## You\ntwo\n\n## Postil\nA word.\n\nA word.")
    desk.choose(1, "Postil: Stop")
    chat.ended(2)
    desk.choose(1, "Postil: Send")
    chat.ended(3)
    assert waited(chat) == []
    assert [it.text for it in desk.events(PromptReceived)] == ["one", "two", "three"], "no key went astray"
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled", "cancelled", "end_turn"]
    assert chat.nvim.spy("messages") == []
    limits = [it["message"] for it in chat.nvim.diagnostics()]
    assert any("tokens are used." in it for it in limits), limits


def test_what_a_crash_left_waits_for_no_key(desk: Desk) -> None:
    desk.play({"tool": "shell", "input": {"command": "touch made"}}, "Done.")
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    watch(chat)
    chat.send("Make it.")
    chat.shows("- answer: waiting")
    kill_server(desk)
    died = len(waited(chat))
    chat.nvim.run("doautocmd FileType")
    desk.attached()
    offered(chat, "Postil: Resume")
    assert waited(chat)[died:] == []
    assert chat.nvim.spy("messages") == []
