"""Files of settings in the editor: problems as one types, completion, hover, and taking out a rule that never decides."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World
from tests.support.text_edits import apply

REMOVE = "Postil: Remove this rule"
OWN = """\
mode = "default"
allow = [
  "Bash(npm test:*)",  # the tests
  "Edit(src/**)",
  "Bash(npm test:*)",
]
deny = ["Edit(src/gen/**)"]
"""


def own(world: World, text: str) -> Path:
    """The user's own file."""
    path = world.root.parent / "config" / "settings.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    world.env["POSTIL_CONFIG_DIR"] = str(path.parent)
    return path


async def found(editor: Editor, buffer: Buffer, *codes: str) -> list[Json]:
    """Wait until a document has problems of just these kinds, in this order."""

    def now() -> bool:
        return [it["code"] for it in editor.diagnostics.get(buffer.uri, [])] == list(codes)

    await editor.until(now)
    return editor.diagnostics[buffer.uri]


async def hover(editor: Editor, buffer: Buffer, words: str) -> Any:
    before = buffer.text[: buffer.text.index(words)]
    position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
    return await editor.request(
        "textDocument/hover", {"textDocument": {"uri": buffer.uri}, "position": position}
    )


async def completed(editor: Editor, buffer: Buffer, at: int) -> dict[str, Json]:
    before = buffer.text[:at]
    position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
    params = {"textDocument": {"uri": buffer.uri}, "position": position}
    answer = await editor.request("textDocument/completion", params)
    return {it["label"]: it for it in answer["items"]}


@pytest.mark.parametrize("preset", ["vscode", "neovim", "utf-32", "bare"])
async def test_problems_follow_what_is_typed(world: World, preset: str) -> None:
    editor = await world.editor(preset, ours=False)
    path = world.file(".postil/settings.toml", 'deny = ["Read(s\U0001f511/**)", "Bush(x)"]\n')
    buffer = editor.open(path)
    (bad,) = await found(editor, buffer, "bad-rule")
    unit = {"utf-32": 23, "neovim": 26}.get(preset, 24)
    assert bad["range"]["start"] == {"line": 0, "character": unit}
    assert (bad["severity"], bad["source"]) == (1, "Postil")
    assert (
        bad["message"]
        == "'Bush(x)': no rules of kind 'Bush'. The kinds are Bash, Edit, Mcp, Read, Skill, WebFetch."
    )
    editor.type(buffer, len(buffer.text), 'allow = ["Edit"]\n')
    _, outside = await found(editor, buffer, "bad-rule", "not-here")
    assert outside["message"].startswith("allow: a workspace's file may only tighten")
    editor.type(buffer, 0, "deny = [\n")
    (syntax,) = await found(editor, buffer, "syntax")
    assert syntax["severity"] == 1
    editor.close(buffer)
    await editor.until(lambda: not editor.diagnostics[buffer.uri])
    assert path.read_text("utf-8").startswith("deny = [")


async def test_another_programs_settings_are_none_of_ours(world: World) -> None:
    editor = await world.editor()
    buffer = editor.open(world.file("settings.toml", 'colour = "red"\n'))
    ours = editor.open(world.file(".postil/settings.toml", 'colour = "red"\n'))
    await found(editor, ours, "unknown-option")
    assert editor.diagnostics.get(buffer.uri) is None


async def test_each_kind_of_problem_in_the_users_own_file(world: World) -> None:
    path = own(
        world,
        """\
max_steps = 0
colour = "red"
allow = ["Edit(src/**)", "Bash(make)", "Bash(make)"]
deny = ["Edit"]
[[test]]
rule = "Bash(make)"
match = ["make", "make x"]
[[test]]
rule = "Bash(tox)"
match = ["tox"]
""",
    )
    editor = await world.editor()
    buffer = editor.open(path)
    problems = await found(
        editor,
        buffer,
        "bad-value",
        "unknown-option",
        "never-decides",
        "duplicate",
        "failing-test",
        "test-without-rule",
    )
    dead, twice, failing = problems[2:5]
    assert (dead["severity"], dead["tags"]) == (2, [1])
    assert dead["message"] == "Edit(src/**) never decides: denied by Edit (user)."
    assert dead["relatedInformation"][0]["location"]["range"]["start"]["line"] == 3
    assert twice["range"]["start"]["line"] == 2
    assert failing["message"].startswith("Bash(make) does not match 'make x'")


async def test_what_one_file_denies_makes_a_rule_of_another_dead(world: World) -> None:
    path = own(world, 'allow = ["Edit(docs/**)"]\n')
    theirs = world.file(".postil/settings.toml", 'ask = ["Bash(make)"]\n')
    editor = await world.editor()
    mine, other = editor.open(path), editor.open(theirs)
    await editor.request("postil/session/list", {})
    assert not editor.diagnostics.get(mine.uri)
    editor.type(other, 0, 'deny = ["Edit(docs/**)"]\n')
    (dead,) = await found(editor, mine, "never-decides")
    assert str(theirs) in dead["message"]
    editor.type(other, 0, "# ")
    await found(editor, mine)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (OWN, OWN.replace('  "Bash(npm test:*)",\n]', "]")),
        ('allow = ["Bash(make)", "Bash(make)"]\n', 'allow = ["Bash(make)"]\n'),
        ('allow = ["Bash(make)", "Bash(make)", "Bash(tox)"]\n', 'allow = ["Bash(make)", "Bash(tox)"]\n'),
        ('allow = ["Edit(a/**)"]\ndeny = ["Edit"]\n', 'allow = []\ndeny = ["Edit"]\n'),
        ('allow = [\n  "Edit(a/**)"  # dead\n]\ndeny = ["Edit"]\n', 'allow = [\n]\ndeny = ["Edit"]\n'),
    ],
)
async def test_a_rule_that_never_decides_is_taken_out(world: World, text: str, gone: str) -> None:
    path = own(world, text)
    editor = await world.editor()
    buffer = editor.open(path)
    await editor.until(lambda: editor.diagnostics.get(buffer.uri))
    (dead,) = editor.diagnostics[buffer.uri]
    line = dead["range"]["start"]["line"]
    start = {"line": line, "character": dead["range"]["start"]["character"]}
    params = {
        "textDocument": {"uri": buffer.uri},
        "range": {"start": start, "end": start},
        "context": {"diagnostics": [dead]},
    }
    actions = await editor.request("textDocument/codeAction", params)
    (action,) = [it for it in actions if it["title"] == REMOVE]
    assert action["diagnostics"] == [dead]
    edits = action["edit"]["changes"][buffer.uri]
    assert apply(buffer.text, edits, editor.encoding) == gone


async def test_options_modes_and_kinds_of_rules_are_completed(world: World) -> None:
    path = own(world, 'mode = ""\nallow = ["", "Bash(make)"]\n\n[[test]]\nrule = ""\nm\n')
    theirs = world.file(".postil/settings.toml", "\n")
    editor = await world.editor()
    buffer, other = editor.open(path), editor.open(theirs)
    modes = await completed(editor, buffer, buffer.text.index('"') + 1)
    assert sorted(modes) == ["accept-edits", "default", "deny-all", "no-edits", "plan"]
    assert (
        modes["plan"]["documentation"]
        == "Plan: Reads, and runs commands that are known to read; no edit, and nothing else runs."
    )
    kinds = await completed(editor, buffer, buffer.text.index('["') + 2)
    assert list(kinds) == ["Bash(", "Edit(", "Read(", "WebFetch(domain:"]
    names = await completed(editor, buffer, buffer.text.index("\n\n[") + 1)
    assert {"max_steps", "deny", "[[test]]"} <= names.keys()
    assert not {"allow", "mode"} & names.keys(), "what is there already"
    assert names["ask"]["textEdit"]["newText"] == "ask = "
    rules = await completed(editor, buffer, buffer.text.index('rule = "') + 8)
    assert list(rules) == ["Bash(make)"]
    assert {"match", "not_match"} <= (await completed(editor, buffer, len(buffer.text) - 1)).keys()
    assert set(await completed(editor, other, 0)) == {
        *("ask", "deny", "[mcp.NAME]", "[[test]]", "[[check]]", "[[hooks.PreToolUse]]")
    }, "it may only tighten, and name what a person is asked about"
    foreign = editor.open(world.file("settings.toml", "\n"))
    assert await completed(editor, foreign, 0) == {}
    assert await completed(editor, editor.open(world.file("a.py", "\n")), 0) == {}


async def test_a_hover_says_what_an_option_is_for_and_what_a_rule_means(world: World) -> None:
    path = own(world, OWN)
    editor = await world.editor("eglot", ours=False)
    buffer = editor.open(path)
    option = (await hover(editor, buffer, "mode"))["contents"]["value"]
    assert option.split("\n") == [
        "mode: The permission mode a session starts in: `default`, `accept-edits`, `no-edits`, `plan` or `deny-all`.",
        "May be set in your own file.",
        'Default: "default".',
    ]
    rule = (await hover(editor, buffer, '"Bash(npm test:*)"'))["contents"]["value"].split("\n")
    assert rule[:2] == [
        "allow Bash(npm test:*)",
        "The command npm test alone or with any words after it runs unasked.",
    ]
    assert rule[2].startswith("Never: what stands around it: redirections")
    deny = (await hover(editor, buffer, '"Edit(src/gen/**)"'))["contents"]["value"]
    assert "Editing what src/gen/** matches in a folder of the workspace" in deny
    assert await hover(editor, buffer, "# the tests") is None
    marked = await world.editor("vscode")
    again = marked.open(buffer.path)
    value = (await hover(marked, again, '"Bash(npm'))["contents"]["value"]
    assert value.startswith("**allow Bash\\(npm test\\:\\*\\)**\n\n")
