"""Questions in the editor: one diagnostic each, answers as code actions, also where the question is not."""

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World

SHELL: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "python3 -c pass"}}
EDIT: Json = {
    "when": {"after": "prompt"},
    "tool": "edit",
    "input": {"path": "a.py", "edits": [{"old": "second", "new": "2nd"}]},
}
SHOW = "Postil: Show the question"
DONE: Json = {"when": {"after": "results"}, "text": "Done.", "times": "any"}
PRESETS = [("vscode", True), ("neovim", False), ("eglot", False), ("utf-32", True), ("bare", False)]


async def asked(
    world: World, reply: Json, preset: str = "vscode", *, ours: bool = True
) -> tuple[Editor, Buffer, Buffer]:
    """Two open documents, and a question that came from a prompt at line 1 of the first."""
    world.trust()
    first, second = world.file("a.py", "first\nsecond\nthird\n"), world.file("b.py", "other\n")
    await world.play(reply, DONE)
    editor = await world.editor(preset, ours=ours)
    buffer, other = editor.open(first), editor.open(second)
    point = {"line": 1, "character": 0}
    place: Json = {"uri": buffer.uri, "range": {"start": point, "end": point}}
    await editor.command("postil.server.ask", place | {"text": "Do it."})
    await editor.question()
    return editor, buffer, other


def answers(actions: list[Json]) -> list[str]:
    return [it["title"] for it in actions if it["title"].startswith("Postil: ")]


@pytest.mark.parametrize(("preset", "ours"), PRESETS)
async def test_a_question_can_be_answered_from_any_document(world: World, preset: str, *, ours: bool) -> None:
    editor, buffer, other = await asked(world, SHELL, preset, ours=ours)
    shown, diagnostic = await editor.question()
    assert (shown, diagnostic["range"]["start"]) == (buffer, {"line": 1, "character": 0})
    expected = [
        "Postil: Allow once",
        "Postil: Allow for this session",
        "Postil: Always allow…",
        "Postil: Deny",
        *(["Postil: Deny and say why…"] if ours else []),
    ]
    assert answers(await editor.actions(buffer, 1)) == expected
    assert answers(await editor.actions(buffer, 1, [diagnostic])) == expected
    for place, line in ((buffer, 0), (other, 0)):
        assert answers(await editor.actions(place, line)) == [*expected, SHOW]
    (deny,) = [it for it in await editor.actions(other) if it["title"] == "Postil: Deny"]
    await editor.run(deny)
    await editor.until(lambda: not editor.questions())
    assert answers(await editor.actions(other)) == []
    rows = (await editor.command("postil.server.session.list"))["sessions"]
    assert [it["questions"] for it in rows] == [0]


async def test_kinds_of_actions(world: World) -> None:
    editor, buffer, _ = await asked(world, SHELL)
    kinds = {it["title"]: it["kind"] for it in await editor.actions(buffer, 1)}
    assert kinds["Postil: Deny"] == "quickfix"
    assert kinds["Ask agent…"] == "refactor"
    quick = await editor.actions(buffer, 1, only=["quickfix"])
    assert len(answers(quick)) == len(quick) == 5
    assert [it["title"] for it in await editor.actions(buffer, 1, only=["refactor"])] == [
        "Ask agent…",
        "Explain",
    ]
    assert await editor.actions(buffer, 1, only=["source.fixAll"]) == []
    assert len(await editor.actions(buffer, 1, only=[""])) == 7
    await editor.answer("Deny")
    await editor.event("TurnEnded")


async def test_a_bare_client_gets_plain_commands(world: World) -> None:
    editor, buffer, _ = await asked(world, SHELL, "bare", ours=False)
    actions = await editor.actions(buffer, 1)
    assert all(isinstance(it["command"], str) and "kind" not in it for it in actions)
    (deny,) = [it for it in actions if it["title"] == "Postil: Deny"]
    await editor.command(deny["command"], *deny["arguments"])
    await editor.until(lambda: not editor.questions())


async def test_a_question_without_a_place_goes_where_the_person_looks(world: World) -> None:
    path, other = world.file("a.py", "x = 1\n"), world.file("b.py", "y = 1\n")
    await world.play(SHELL, DONE)
    editor = await world.editor()
    await editor.request("postil/session/prompt", {"text": "Do it."})
    await editor.event("PermissionAsked")
    assert editor.questions() == []
    first = editor.open(path)
    assert (await editor.question())[0] is first
    second = editor.open(other)
    await editor.until(lambda: [uri for uri, _ in editor.questions()] == [second.uri])
    editor.close(second)
    await editor.until(lambda: [uri for uri, _ in editor.questions()] == [first.uri])
    await editor.answer("Deny")
    await editor.event("TurnEnded")


async def test_what_is_typed_under_a_question_is_kept_and_what_is_asked_follows(world: World) -> None:
    """What was approved is what runs; where the text has changed meanwhile, it is asked again."""
    editor, buffer, _ = await asked(world, EDIT)
    _, before = await editor.question()
    assert before["range"]["start"] == {"line": 1, "character": 0}
    editor.type(buffer, 0, "typed\n")
    await editor.answer()
    _, after = await editor.question()
    assert after["range"]["start"] == {"line": 2, "character": 0}
    assert editor.heard.edits == []
    await editor.answer()
    await editor.event("TurnEnded")
    assert buffer.text == "typed\nfirst\n2nd\nthird\n"
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["completed"]


async def test_an_answer_for_the_session_and_for_good(world: World) -> None:
    world.trust()
    await world.play(SHELL, DONE, SHELL, DONE, SHELL, DONE)
    editor = await world.editor()
    editor.open(world.file("a.py", "x = 1\n"))
    await editor.request("postil/session/prompt", {"text": "Do it."})
    await editor.answer("Always allow…")
    await editor.event("TurnEnded")
    other = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"text": "Again.", "sessionId": other["sessionId"]})
    await editor.event("TurnEnded", 2)
    assert len(editor.events("PermissionAsked")) == 1
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["completed"] * 2


async def test_two_sessions_ask_at_once_and_each_answer_says_to_which(world: World) -> None:
    """Titles are constant, so the answers to one question are offered at a time, and numbered."""
    await world.play(SHELL | {"times": 2}, DONE)
    editor = await world.editor()
    buffer = editor.open(world.file("a.py", "x = 1\n"))
    for _ in range(2):
        session = await editor.request("postil/session/new", {})
        await editor.request("postil/session/prompt", {"text": "Do it.", "sessionId": session["sessionId"]})
    await editor.until(lambda: len(editor.questions()) == 2)
    first, second = sorted((it for _, it in editor.questions()), key=lambda it: it["message"])
    assert "\nQuestion 1 of 2. Answer by Quick Fix.\n" in first["message"]
    assert answers(await editor.actions(buffer)).count("Postil: Deny (question 1 of 2)") == 1
    (deny,) = [
        it for it in await editor.actions(buffer, 0, [second]) if it["title"].startswith("Postil: Deny (")
    ]
    assert (deny["title"], deny["diagnostics"]) == ("Postil: Deny (question 2 of 2)", [second])
    await editor.run(deny)
    await editor.until(lambda: len(editor.questions()) == 1)
    await editor.answer("Deny")
    await editor.event("TurnEnded", 2)
    assert not editor.questions()
