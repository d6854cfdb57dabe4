"""A document is found by its file, under whatever name the editor has opened it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postil.core.errors import EditRefused
from postil.core.ports import SearchQuery
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers, edit


async def check(workspace: LocalWorkspace, editor: Buffers, name: str, named: Path) -> None:
    """Read, search, edit and save the file of a name, which is open as `named`."""
    path = workspace.roots[0] / name
    path.write_text("disk\n")
    editor.texts[named] = "typed\n"
    view = await workspace.read(path)
    assert (view.text, view.where, view.unsaved) == ("typed\n", "buffer", True)
    assert await workspace.own_unsaved() == [path]
    editor.texts[named] = "disk\n"
    assert await workspace.unsaved() == []
    change = await workspace.apply(edit(path, "disk\n", "ours\n"), "label", "c")
    assert (change.where, change.path) == ("buffer", path)
    assert editor.texts[named] == "ours\n"
    assert [it.path for it in editor.replacements] == [named]
    assert await workspace.own_unsaved() == []
    found = await workspace.grep(SearchQuery("ours", workspace.roots[0]))
    assert [match.path for match in found.matches] == [path]
    marks = await workspace.disk_marks()
    assert list(marks) == [path]
    assert await workspace.save([path]) == []
    assert path.read_text() == "ours\n"


async def test_a_folder_that_is_opened_through_a_link(tmp_path: Path, editor: Buffers) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    workspace = LocalWorkspace([tmp_path / "link"], editor)
    assert workspace.roots == (tmp_path / "real",)
    assert workspace.resolve("a.py") == tmp_path / "real/a.py"
    await check(workspace, editor, "a.py", tmp_path / "link/a.py")
    workspace.close()


async def test_a_file_that_is_opened_through_a_link(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    (tmp_path / "link.py").symlink_to("target.py")
    (tmp_path / "target.py").touch()
    assert workspace.resolve("link.py") == tmp_path / "target.py"
    await check(workspace, editor, "target.py", tmp_path / "link.py")


async def test_a_new_document_below_a_link(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    editor.texts[tmp_path / "link/new"] = "typed\n"
    assert (await workspace.read(tmp_path / "real/new")).text == "typed\n"
    assert [it.name for it in await workspace.entries(tmp_path / "real")] == ["new"]


async def test_a_file_under_two_names_is_edited_where_it_is_open_by_its_own(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    (tmp_path / "target").write_text("x\n")
    (tmp_path / "link").symlink_to("target")
    editor.texts |= {tmp_path / "link": "x\n", tmp_path / "target": "x\n"}
    await workspace.apply(edit(tmp_path / "target", "x\n", "y\n"), "", "c")
    assert editor.texts == {tmp_path / "link": "x\n", tmp_path / "target": "y\n"}
    assert await workspace.unsaved() == [tmp_path / "target"]


async def test_typing_under_the_links_name_is_the_files_text(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("x\n")
    link.symlink_to("target")
    editor.texts |= {link: "typed\n", target: "x\n"}
    assert await workspace.own_unsaved() == [target]
    assert (await workspace.read(target)).text == "typed\n"
    await workspace.apply(edit(target, "typed\n", "y\n"), "", "c")
    assert editor.texts == {link: "y\n", target: "x\n"}
    assert await workspace.save([target]) == []
    assert target.read_text() == "y\n"


async def test_two_unsaved_texts_of_one_file_are_left_to_the_person(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("x\n")
    link.symlink_to("target")
    editor.texts |= {link: "one\n", target: "other\n"}
    assert await workspace.own_unsaved() == [link, target]
    view = await workspace.read(target)
    with pytest.raises(EditRefused, match=r"unsaved text that differs: link and target\.") as caught:
        await workspace.apply(edit(target, view.text, "y\n"), "", "c")
    assert "save one of them" in caught.value.mend
    assert "link and target" in await workspace.obstacle(edit(target, view.text, "y\n"))
    assert await workspace.save([link, target]) == [link, target]
    assert (target.read_text(), editor.texts[link], editor.texts[target]) == ("x\n", "one\n", "other\n")
    editor.show(link, "other\n")
    assert await workspace.save(await workspace.own_unsaved()) == [], "they do not differ any more"
    assert target.read_text() == "other\n"


async def test_the_other_hard_link_of_an_open_document_is_refused(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    (tmp_path / "a").write_text("x\n")
    os.link(tmp_path / "a", tmp_path / "b")
    editor.texts[tmp_path / "b"] = "typed\n"
    assert (await workspace.read(tmp_path / "a")).text == "x\n"
    with pytest.raises(EditRefused, match="hard link"):
        await workspace.apply(edit(tmp_path / "a", "x\n", "y\n"), "", "c")
    await workspace.apply(edit(tmp_path / "b", "typed\n", "y\n"), "", "c")
    assert editor.texts[tmp_path / "b"] == "y\n"


async def test_names_that_differ_in_case(tmp_path: Path, workspace: LocalWorkspace, editor: Buffers) -> None:
    """Where the file system tells them apart they are two files; where it does not, they are one."""
    lower, upper = tmp_path / "readme.md", tmp_path / "README.md"
    lower.write_text("x\n")
    editor.texts[upper] = "typed\n"
    same = upper.exists()
    assert (await workspace.read(lower)).text == ("typed\n" if same else "x\n")
