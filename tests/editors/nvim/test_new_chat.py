"""A conversation without any command of one's own: by the code action that every file has."""

from __future__ import annotations

from pathlib import Path

from postil.core.events import PromptReceived
from tests.editors.nvim.chat import Chat
from tests.editors.nvim.desk import Desk, is_new
from tests.editors.nvim.documented import SHORT_NEW, section, short, shortest


def test_the_command_says_what_is_missing_where_no_server_runs(desk: Desk) -> None:
    desk.play("An answer.")
    new = is_new(desk.binary)
    configured = short(new=new)
    if new:
        assert len(section(SHORT_NEW).strip().splitlines()) == 5
    nvim = desk.begin(configured)
    nvim.run("PostilChat")
    told = "Postil: open a file first"
    assert nvim.lua("return vim.fn.execute('messages')").strip().splitlines()[-1] == told
    nvim.run(f"edit {nvim.escaped(desk.world.file('app.py', 'value = 1'))}")
    desk.attached()
    nvim.run("PostilChat")
    nvim.until(lambda: "/.postil/chat/" in nvim.lua("return vim.api.nvim_buf_get_name(0)"))


def test_a_chat_begins_with_a_code_action(desk: Desk) -> None:
    desk.play("An answer.")
    path = desk.world.file("app.py", "value = 1\n")
    new = is_new(desk.binary)
    if new:
        assert len(shortest().splitlines()) == 2
    nvim = desk.start(shortest() if new else short(new=False), path)
    desk.choose(1, "New agent chat")
    folder = desk.world.root / ".postil" / "chat"
    (document,) = nvim.until(lambda: list(folder.glob("*.md")))
    if not new:
        told = f"Postil: The chat is in {document}."
        nvim.until(lambda: told in [it["text"] for it in nvim.spy("messages")])
        nvim.run(f"edit {nvim.escaped(document)}")
    nvim.until(lambda: Path(nvim.lua("return vim.api.nvim_buf_get_name(0)")) == document)
    desk.attached()
    chat = Chat.shown(desk, document)
    titles = chat.send("Say something.")
    assert not [it for it in titles if it.startswith("New agent chat")], "it is one already"
    assert chat.ended().partition("\n\n")[2] == (
        "## You\nSay something.\n\n## Postil\nAn answer.\n<end>\n\n## You\n"
    )
    assert [it.text for it in desk.events(PromptReceived)] == ["Say something."]
