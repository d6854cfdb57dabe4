"""Pictures of the extension in real VS Code, in four states and three themes: `python -m tests.editors.vscode.pictures FOLDER`.

They are for people who look at them; README and documents have some. The model is scripted.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.editors.vscode.bridge import Bridge
from tests.editors.vscode.chat import Chat
from tests.editors.vscode.codeserver import CodeServer
from tests.editors.vscode.conftest import EXTENSION, FLAGS, HERE
from tests.editors.vscode.desk import Desk, new_desk
from tests.editors.vscode.packed import packed
from tests.editors.vscode.wishes import edit

THEMES = {
    "dark": ("Default Dark Modern", "vscode-dark"),
    "light": ("Default Light Modern", "vscode-light"),
    "contrast": ("Default High Contrast", "vscode-high-contrast"),
}
CODE = '''def split_header(line: str) -> list[str]:
    """Split a header line into its fields."""
    end = line.rindex("\\n")
    body = line[:end]
    return body.split(";")


def read_header(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return split_header(file.readline())
'''
TEST = """from parser import split_header


def test_the_last_field_is_there_without_a_newline():
    assert split_header("a;b") == ["a", "b"]
"""
OLD = 'end = line.rindex("\\n")\n    body = line[:end]'
NEW = 'end = line.find("\\n")\n    body = line if end < 0 else line[:end]'
PROMPT = "split_header fails when the last line has no newline. Fix it and run the test."
FOUND = '`rindex` raises where a line has no newline. I look for it with `find` instead, and take the whole line where there is none:\n\n```python parser.py\nend = line.find("\\n")\nbody = line if end < 0 else line[:end]\n```'
PLAN = ("Find where it fails", "Change where the body ends", "Run the test")


def plan(done: int) -> dict[str, object]:
    """The list of steps, so many of them done."""
    states = ["completed"] * done + ["in_progress"] + ["pending"] * len(PLAN)
    return {
        "tool": "todo",
        "input": {"items": [{"text": it, "status": state} for it, state in zip(PLAN, states, strict=False)]},
    }


def main(folder: Path) -> int:
    """Take them; returns the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    if program is None or not EXTENSION.exists():
        print(
            "pictures: Chromium or the packed extension is not there; run: make test-vscode", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory(prefix="pp-") as name, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        _with_server(Path(name), browser, folder)
        browser.close()
    return 0


def _with_server(place: Path, browser: Browser, folder: Path) -> None:
    for it in ("br", "cs", "vsix", "desk"):
        (place / it).mkdir()
    bridge = Bridge(place / "br" / "s")
    extensions = [EXTENSION, packed(HERE / "spy", place / "vsix" / "spy.vsix")]
    server = CodeServer(place / "cs", bridge.address, extensions, {})
    try:
        with new_desk(place / "desk", server, bridge, browser) as desk:
            _take_all(desk, folder)
            desk.quit()
    finally:
        server.close()
        bridge.close()


def _take_all(desk: Desk, folder: Path) -> None:
    path = desk.world.file("parser.py", CODE)
    desk.world.file("test_parser.py", TEST)
    desk.world.trust()
    desk.play(
        {"when": {"after": "prompt"}, "blocks": [{"text": "I look at it first."}, plan(0), {"tool": "read", "input": {"path": "parser.py"}}]},
        {"when": {"tool": "read"}, "blocks": [{"text": FOUND}, plan(1), edit("parser.py", OLD, NEW)]},
        {"when": {"tool": "edit"}, "blocks": [plan(2), {"tool": "shell", "input": {"command": "python3 -m pytest -q test_parser.py"}}]},
        {"when": {"tool": "shell"}, "blocks": [plan(3)]},
        {"when": {"tool": "todo"}, "text": "The last field is there with and without a newline. `read_header` behaves as before."},
    )  # fmt: skip
    spy = desk.open(path)
    chat = desk.chat().open()
    spy("execute", "workbench.action.closePanel")
    _shoot(desk, chat, folder, "begin")
    chat.ask(PROMPT)
    desk.window.expect(chat.card, "Edit this file?")
    _shoot(desk, chat, folder, "question")
    chat.answer("Allow once")
    desk.window.expect(chat.card, "Run this command?")
    _shoot(desk, chat, folder, "command")
    chat.answer("Deny")
    chat.shows("behaves as before")
    desk.until(lambda: chat.button("Stop").count() == 0 or chat.card.count() == 1)
    desk.until(lambda: desk.window.lenses.count() > 0)
    _shoot(desk, chat, folder, "review")


def _shoot(desk: Desk, chat: Chat, folder: Path, name: str) -> None:
    desk.window.page.mouse.move(800, 600, steps=10)
    expect(desk.window.page.locator(".monaco-hover:visible")).to_have_count(0)
    for theme, (title, kind) in THEMES.items():
        desk.spy("set", "workbench.colorTheme", title)
        chat.frame.locator(f"body.{kind}").wait_for()
        chat.frame.locator("main").evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        desk.window.page.screenshot(path=folder / f"{name}-{theme}.png")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
