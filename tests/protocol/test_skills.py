"""Skills as an editor sees them: diagnostics in a SKILL.md while one edits it, and the list in every request."""

from __future__ import annotations

from postil.workspace.files.uris import path_to_uri
from tests.support.lsp_editor import Buffer
from tests.support.lsp_world import World

GOOD = "---\nname: docs\ndescription: Writes docs.\n---\nDo it.\n"


async def test_what_is_typed_into_a_skill_is_judged_at_once(world: World) -> None:
    path = world.file(".agents/skills/docs/SKILL.md", GOOD.replace("name: docs", "name: doc"))
    await world.play("One.")
    editor = await world.editor()
    uri = path_to_uri(path)
    buffer = await editor.open(uri, path.read_text())
    assert isinstance(buffer, Buffer)
    await editor.until(lambda: said(editor, uri) == [(1, "`name` is 'doc', but the folder is called 'docs'; they have to agree.")])
    await editor.type(uri, GOOD)
    await editor.until(lambda: said(editor, uri) == [])


def said(editor: object, uri: str) -> list[tuple[int, str]] | None:
    found = editor.diagnostics.get(uri)  # type: ignore[attr-defined]
    return None if found is None else [(it["range"]["start"]["line"], it["message"]) for it in found]
