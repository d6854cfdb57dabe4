"""The chat by the rules of WCAG 2.2, A and AA, as axe-core finds what breaks them: light, dark and high contrast."""

from typing import Any

from tests.editors.vscode.chat import Chat
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.edition import EDITION
from tests.editors.vscode.wishes import edit, run

AXE = EDITION.link / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = [
    "Default Light Modern",
    "Default Dark Modern",
    "Default High Contrast",
    "Default High Contrast Light",
]
PROSE = "## It subtracts\n\nSee `add` and [the file](app.py):\n\n```python app.py\ndef add(a, b):\n    return a + b\n```\n\n* one\n* two\n"


def violations(chat: Chat) -> list[str]:
    """Return what axe-core finds, with where."""
    frame = chat.frame.owner.element_handle().content_frame()
    assert frame is not None
    frame.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = frame.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    assert found["passes"] or found["violations"], "nothing was looked at"
    return [f"{it['id']}: {node['html'][:200]}" for it in found["violations"] for node in it["nodes"]]


def in_all_themes(desk: Desk, chat: Chat) -> dict[str, list[str]]:
    """Return what is found in each theme that has something."""
    found: dict[str, list[str]] = {}
    for theme in THEMES:
        desk.spy("set", "workbench.colorTheme", theme)
        name = theme.removeprefix("Default ")
        kinds = {"Light Modern": "vscode-light", "Dark Modern": "vscode-dark"}
        kind = kinds.get(
            name, "vscode-high-contrast-light" if name.endswith("Light") else "vscode-high-contrast"
        )
        chat.frame.locator(f"body.{kind}").wait_for()
        if broken := violations(chat):
            found[theme] = broken
    return found


def test_before_the_first_prompt(desk: Desk) -> None:
    desk.play("Nothing.")
    desk.open(desk.world.file("app.py", "a - b\n"))
    chat = desk.chat().open()
    chat.frame.get_by_role("heading", name="Ask, or hand over a task").wait_for()
    assert in_all_themes(desk, chat) == {}
    chat.frame.locator("main").evaluate("it => it.append(document.createElement('img'))")
    assert [it.partition(":")[0] for it in violations(chat)] == ["image-alt"], "what breaks a rule is found"
    chat.frame.locator("main > img").evaluate("it => it.remove()")  # the next test has the same page


def test_in_the_middle_of_a_conversation_with_a_question(desk: Desk) -> None:
    path = desk.world.file("app.py", "a - b\n")
    desk.settings('mode = "accept-edits"\n')
    desk.play(
        {"when": {"after": "prompt"}, "blocks": [{"thinking": "Hm."}, {"text": PROSE}, edit()]},
        {"when": {"tool": "edit"}, **run("python3 -c pass")},
        {"when": {"tool": "shell"}, "text": "Done."},
    )
    desk.open(path)
    chat = desk.chat().open()
    chat.ask("Fix it.")
    chat.card.wait_for()
    assert in_all_themes(desk, chat) == {}
