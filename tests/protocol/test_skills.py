"""Skills as an editor sees them: diagnostics in a SKILL.md while one edits it."""

from __future__ import annotations

from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

GOOD = "---\nname: docs\ndescription: Writes docs.\n---\nDo it.\n"
WRONG_NAME = "`name` is 'doc', but the folder is called 'docs'; they have to agree."


async def test_what_is_typed_into_a_skill_is_judged_at_once(world: World) -> None:
    editor = await world.editor()
    buffer = editor.open(world.file(".agents/skills/docs/SKILL.md", GOOD.replace("name: docs", "name: doc")))
    await editor.until(lambda: said(editor, buffer.uri) == [(1, 2, WRONG_NAME)])
    editor.type(buffer, buffer.text.index("doc\n") + 3, "s")
    await editor.until(lambda: said(editor, buffer.uri) == [])
    editor.type(buffer, buffer.text.index("---\nname"), "#")
    await editor.until(
        lambda: (
            said(editor, buffer.uri)
            == [(0, 1, "It does not open with front matter between two lines of `---`.")]
        )
    )
    editor.close(buffer)
    await editor.until(lambda: said(editor, buffer.uri) == [])


async def test_a_file_of_that_name_elsewhere_is_nothing_to_postil(world: World) -> None:
    editor = await world.editor()
    elsewhere = editor.open(world.file("docs/SKILL.md", "No front matter.\n"))
    skill = editor.open(world.file(".claude/skills/docs/SKILL.md", "No front matter.\n"))
    await editor.until(lambda: len(editor.diagnostics.get(skill.uri, [])) == 1)
    assert not editor.diagnostics.get(elsewhere.uri)


def said(editor: Editor, uri: str) -> list[tuple[int, int, str]] | None:
    """Line, severity and message of what the editor was told of a document."""
    found = editor.diagnostics.get(uri)
    return (
        None
        if found is None
        else [(it["range"]["start"]["line"], it["severity"], it["message"]) for it in found]
    )


async def test_the_list_says_what_counts_and_why_not(world: World) -> None:
    world.file(".agents/skills/docs/SKILL.md", GOOD)
    world.file(".claude/skills/docs/SKILL.md", GOOD)
    world.file(".claude/skills/bad/SKILL.md", "---\nname: bad\n---\nDo it.\n")
    editor = await world.editor()
    untrusted = (await editor.command("postil.server.skills", {}))["skills"]
    theirs = [it["why"] for it in untrusted if it["source"] == "workspace"]
    assert theirs[0] == "the workspace is not trusted"
    assert [it["name"] for it in untrusted if it["state"] == "in force"] == [
        "agent-architecture",
        "write-skill",
    ]
    world.trust()
    other = await world.editor()
    rows = {it["file"]: it for it in (await other.command("postil.server.skills", {}))["skills"]}
    first, second = (
        rows[str(world.root / place / "docs/SKILL.md")] for place in (".agents/skills", ".claude/skills")
    )
    assert (first["state"], first["description"]) == ("in force", "Writes docs.")
    assert second["why"] == f"{first['file']} has the same name and counts before it"
    bad = rows[str(world.root / ".claude/skills/bad/SKILL.md")]
    assert (bad["state"], [(it["line"], it["severity"]) for it in bad["flaws"]]) == ("off", [(1, "error")])
