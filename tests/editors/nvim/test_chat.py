"""The chat as a document in real Neovim, by the few lines of configuration that the page gives, and nothing else."""

from __future__ import annotations

import re

from postil.core.events import PermissionDecided, PromptReceived, SessionResumed, TurnEnded
from tests.editors.document import ENDED
from tests.editors.nvim.chat import Chat
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.test_lifetime import kill_server
from tests.editors.waiting import wait_for

MADE = {"when": {"after": "prompt"}, "text": "I look.", "tool": "shell", "input": {"command": "touch made"}}
DONE = {"when": {"after": "results"}, "text": "Done."}


def test_a_conversation_is_written_sent_and_answered_in_a_document(desk: Desk) -> None:
    path = desk.world.file("app.py", "value = 1\n")
    desk.play("One.\n\n## You\nTwo words.", {"text": "Three.\n\n" * 40, "chunk": 4, "delay": {"each": 0.01}})
    chat = Chat(desk, path)
    assert chat.text == "# Chat\n\n## You\n"
    titles = chat.send("Say τ something.")
    assert "Ask agent…" in titles
    text = chat.ended()
    assert re.match(r"# Say τ something\.\n<!-- postil s\w+ · Ask first · ", text)
    assert text.partition("\n\n")[2] == (
        "## You\nSay τ something.\n\n## Postil\nOne.\n\n**You**\nTwo words.\n<end>\n\n## You\n"
    )
    chat.send("More.")
    chat.shows("Three.\n\nThree.")
    chat.write("And my next words.")
    chat.nvim.run("2")
    chat.nvim.keys("othe person's own line<Esc>")
    chat.ended(2)
    assert chat.text.count("Three.") == 40
    assert chat.text.endswith("## You\nAnd my next words.\n")
    assert chat.text.split("\n")[2] == "the person's own line"
    assert [it.text for it in desk.events(PromptReceived)] == ["Say τ something.", "More."]
    chat.nvim.run("silent write")
    assert chat.path.read_text("utf-8") == chat.text
    assert (chat.path.parent / ".gitignore").read_text("utf-8").endswith("\n*\n")


def test_a_question_is_answered_in_place(desk: Desk) -> None:
    desk.play({**MADE, "times": "any"}, {**DONE, "times": "any"})
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    chat.send("Make it.")
    chat.shows("- answer: waiting")
    line = chat.line("### Question 1: run this command?")
    question = chat.nvim.until(lambda: [it for it in chat.nvim.diagnostics() if it["lnum"] == line - 1])[0]
    assert question["name"] == str(chat.path)
    assert "Postil asks to run a command: touch made" in question["message"]
    titles = desk.answer("run a command")
    assert [it for it in titles if it.startswith("Postil: Deny")] == ["Postil: Deny"]
    chat.ended()
    assert "- answer: allowed once, by you in Neovim, " in chat.text
    assert (desk.world.root / "made").exists()
    chat.nvim.run(str(chat.line("- ran `touch made`")))
    chat.nvim.run("lua vim.lsp.buf.hover()")
    chat.nvim.until(lambda: any("Allowed by you" in it for it in desk.floating()))
    # A denial, and words with it.
    chat.send("Once more.")
    chat.shows("- answer: waiting")
    chat.send("Use the other folder.", "Postil: Deny, and say this")
    chat.ended(2)
    assert [(it.decision, it.why) for it in desk.events(PermissionDecided)] == [
        ("allow", "allowed once"),
        ("deny", "denied: Use the other folder."),
    ]
    assert "Use the other folder." in desk.asked()[-1]
    assert chat.text.endswith("## You\n\n")


def test_an_edit_is_a_row_and_is_taken_back_there(desk: Desk) -> None:
    desk.world.trust()
    path = desk.world.file("src/app.py", "a = 1\nb = 2\n")
    edit = {"path": "src/app.py", "edits": [{"old": "b = 2", "new": "b = 3"}]}
    desk.play({"tool": "read", "input": {"path": "src/app.py"}}, {"tool": "edit", "input": edit}, "Done.")
    chat = Chat(desk, path)
    chat.send("/mode accept-edits")
    chat.nvim.until(lambda: "/mode" not in chat.text)
    chat.send("Edit it.")
    chat.ended()
    assert chat.nvim.lines(path) == ["a = 1", "b = 3"]
    assert path.read_text("utf-8") == "a = 1\nb = 2\n", "it is in the buffer, and nobody has saved"
    row = chat.line("- edited [src/app.py:2](../../src/app.py#L2), +1")
    titles = desk.choose(row, "Postil: Undo")
    assert "Postil: Keep" in titles
    chat.nvim.until(lambda: chat.nvim.lines(path) == ["a = 1", "b = 2"])
    chat.nvim.until(lambda: "Postil: Keep" not in desk.choose(row, "nothing of this", chosen=False))


def test_commands_modes_and_files_are_completed(desk: Desk) -> None:
    desk.play("One.")
    chat = Chat(desk, desk.world.file("src/application.py", "value = 1\n"))
    chat.nvim.keys("Go")
    assert completed(chat, "/mo", "/mode").strip() == "/mode"
    chat.nvim.keys("<Esc>S/mode")
    assert completed(chat, " acc", "/mode accept-edits") == "/mode accept-edits"
    chat.nvim.keys("<Esc>SSee ")
    assert completed(chat, "@src/appl", "application.py") == "See @src/application.py"


def completed(chat: Chat, typed: str, wanted: str) -> str:
    """Type at the end, complete, and take the first that there is; returns the line."""
    nvim = chat.nvim
    nvim.keys(f"<Esc>GA{typed}")
    nvim.until(lambda: nvim.lines(chat.path)[-1].endswith(typed))
    nvim.keys("<C-x><C-o>")
    nvim.until(lambda: nvim.lua("return vim.fn.pumvisible()") == 1 or wanted in nvim.lines(chat.path)[-1])
    nvim.keys("<C-y>" if nvim.lua("return vim.fn.pumvisible()") == 1 else "")
    nvim.until(lambda: wanted in nvim.lines(chat.path)[-1])
    return nvim.lines(chat.path)[-1]


def test_turns_fold_and_are_outlined(desk: Desk) -> None:
    desk.play({"when": {"after": "prompt"}, "tool": "read", "input": {"path": "a.py"}}, "Read.")
    chat = Chat(desk, desk.world.file("a.py", "a = 1\n"))
    chat.send("Read it.")
    chat.ended()
    chat.nvim.run("lua vim.lsp.buf.document_symbol()")
    listed = "return vim.tbl_map(function(it) return it.text end, vim.fn.getloclist(0))"
    if not chat.nvim.has_new_start:
        listed = listed.replace("getloclist(0)", "getqflist()")
    names: list[str] = chat.nvim.until(lambda: chat.nvim.lua(listed))
    assert [it.partition("] ")[2].rstrip() for it in names] == ["You: Read it.", "Postil, turn 1", "You"]
    chat.nvim.run("lclose | cclose")
    if not chat.nvim.has_new_start:
        return
    row = chat.line("- read 1 file, ")
    heads = [chat.nvim.lines(chat.path).index(it) + 1 for it in ("## You", "## Postil")]
    ends = [heads[0] + 1, chat.line("<!-- turn 1"), row + 1]
    for start, end in zip((*heads, row), ends, strict=True):
        chat.nvim.until(lambda start=start: fold_level(chat, start) != fold_level(chat, 1))
        chat.nvim.run(f"{start}foldclose")
        assert fold(chat, start) == (start, end)
        chat.nvim.run(f"{start}foldopen!")


def fold_level(chat: Chat, line: int) -> int:
    return chat.nvim.lua("return vim.fn.foldlevel(...)", line)


def fold(chat: Chat, line: int) -> tuple[int, int]:
    """Return where the closed fold of a line begins and ends."""
    found: list[int] = chat.nvim.lua("return { vim.fn.foldclosed(...), vim.fn.foldclosedend(...) }", line)
    return found[0], found[1]


def test_stop_ends_an_answer_and_what_was_said_stays(desk: Desk) -> None:
    desk.play({"text": "A word.\n\n" * 300, "chunk": 5, "delay": {"each": 0.02}})
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    chat.send("Talk.")
    chat.shows("A word.\n\nA word.")
    desk.choose(1, "Postil: Stop")
    chat.ended()
    assert "\n- stopped" in chat.text
    assert 2 <= chat.text.count("A word.") < 300
    assert [it.reason for it in desk.events(TurnEnded)] == ["cancelled"]


def test_an_undo_while_it_streams_pauses_and_continue_writes_it_again(desk: Desk) -> None:
    words = [f"word{number}." for number in range(60)]
    desk.play({"text": "\n\n".join(words), "chunk": 5, "delay": {"each": 0.06}})
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    chat.send("Talk.")
    chat.shows("word5.")
    chat.nvim.keys("<Esc>uuu")
    titles = offered(chat, "Postil: Continue")
    assert "Postil: Continue" in titles
    wait_for(lambda: [it.reason for it in desk.events(TurnEnded)] == ["end_turn"])
    assert "word59." not in chat.text
    desk.choose(1, "Postil: Continue")
    chat.ended()
    assert re.findall(r"word\d+\.", chat.text) == words


def offered(chat: Chat, title: str) -> list[str]:
    """Look at the menu until it has a title; returns it."""

    def look() -> list[str]:
        titles = chat.desk.choose(1, "nothing of this", chosen=False)
        return titles if title in [it.partition(" [")[0] for it in titles] else []

    return [it.partition(" [")[0] for it in chat.nvim.until(look)]


def test_after_a_crash_the_document_is_mended_and_the_session_goes_on(desk: Desk) -> None:
    desk.play(MADE, DONE)
    chat = Chat(desk, desk.world.file("app.py", "value = 1\n"))
    chat.send("Make it.")
    chat.shows("- answer: waiting")
    chat.nvim.keys("Gotyped meanwhile<Esc>")
    chat.shows("typed meanwhile")
    kill_server(desk)
    chat.nvim.run("doautocmd FileType")
    desk.attached()
    offered(chat, "Postil: Resume")
    desk.choose(1, "Postil: Resume")
    desk.answer("run a command")
    text = chat.ended()
    assert text.count("### Question 1: ") == text.count("- answer: allowed once") == 1
    assert text.count("I look.") == text.count("- ran `touch made`") == text.count("Done.") == 1
    assert text.endswith("## You\ntyped meanwhile\n")
    assert [it.clean for it in desk.events(SessionResumed)] == [False]
    assert (desk.world.root / "made").exists()


def test_what_broke_off_is_mended_when_the_document_is_opened_another_day(desk: Desk) -> None:
    desk.play("First.\n\nSecond.", "Third.")
    app = desk.world.file("app.py", "value = 1\n")
    chat = Chat(desk, app)
    chat.send("Talk.")
    chat.ended()
    whole = chat.text
    desk.quit()
    chat.path.write_text(ENDED.sub("<!--reply 1 #3-->", whole).replace("Second.\n", ""), "utf-8")
    nvim = desk.open_short(chat.path)
    nvim.until(lambda: chat.text == whole)
    chat.send("More.")
    chat.ended(2)
    assert len(desk.journals()) == 1
    assert "Talk." in desk.asked()[-1]
