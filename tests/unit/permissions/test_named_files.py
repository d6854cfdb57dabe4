"""What a command names of the workspace, and whether that is still what it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from postil.config.server_options import ServerOptions, WrittenServer
from postil.core.errors import ToolError
from postil.core.hooks import Hook
from postil.permissions.named_files import named_by, named_by_hook, named_by_server, started_by


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    for name in ("tools/serve.py", "tools/my script.sh", "pkg/mod/__main__.py", "run.sh"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    (tmp_path / "outside.py").write_text("x")
    return made


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("python3", "tools/serve.py", "--all"), {"tools/serve.py"}),
        (("python3", "-m", "pkg.mod"), {"pkg/mod/__main__.py"}),
        (("sh", "-c", "exec ./run.sh; true"), {"run.sh"}),
        (("sh", "tools/my script.sh"), {"tools/my script.sh"}),
        (("uv", "--directory", "tools", "run", "serve.py"), {"tools/serve.py"}),
        (("serve", "--config=run.sh"), {"run.sh"}),
        (("python3", "../outside.py"), set[str]()),
        (("uvx", "mcp-server-time"), set[str]()),
        ("sh 'tools/my script.sh' --all", {"tools/my script.sh"}),
        ('"$CLAUDE_PROJECT_DIR"/run.sh', {"run.sh"}),
        ("unclosed ' run.sh", {"run.sh"}),
        (("a\0b", "x" * 9_000, "\udcff"), set[str]()),
    ],
)  # fmt: skip
def test_files_are_known_by_the_words_of_a_command(
    root: Path, command: str | tuple[str, ...], named: set[str]
) -> None:
    found = named_by(command, (root,), (root,))
    assert (set(found.files), found.why_not) == (named, "")
    assert bool(found.digest) == bool(named)


def test_what_differs_is_said(root: Path) -> None:
    before = named_by(("sh", "run.sh", "tools/serve.py", "new.py"), (root,), (root,))
    again = named_by(("sh", "run.sh", "tools/serve.py", "new.py"), (root,), (root,))
    assert (before, before.changed(again.files)) == (again, "")
    (root / "run.sh").write_text("other")
    (root / "new.py").write_text("came")
    (root / "tools/serve.py").unlink()
    after = named_by(("sh", "run.sh", "tools/serve.py", "new.py"), (root,), (root,))
    assert after.changed(before.files) == "new.py, run.sh, tools/serve.py"
    assert after.digest != before.digest


def test_a_large_file_is_known_by_more_than_its_size_and_time(root: Path) -> None:
    large = root / "run.sh"
    large.write_bytes(b"a" * 4_000_001)
    before, known = named_by(("run.sh",), (root,), (root,)), large.stat()
    large.write_bytes(b"b" * 4_000_001)
    os.utime(large, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert named_by(("run.sh",), (root,), (root,)).changed(before.files) == "run.sh"


def test_what_cannot_be_read_is_said_and_is_no_consent(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, limit: int) -> None:
        raise ToolError(f"{path} cannot be read: permission denied, {limit}.")

    monkeypatch.setattr("postil.permissions.named_files.read_regular", refused)
    found = named_by(("run.sh",), (root,), (root,))
    assert (found.files, found.why_not) == ({}, f"{root}/run.sh cannot be read: permission denied, 4000000")


def test_variables_and_folders_of_a_server_count(root: Path) -> None:
    options = ServerOptions.model_validate(
        {"command": ["node", "serve.py"], "env": {"NODE_OPTIONS": "--require ../run.sh"}, "cwd": "tools"}
    )
    written = WrittenServer("box", options, "user", "settings.toml")
    assert set(named_by_server(written, (root,)).files) == {"tools/serve.py", "run.sh"}
    off = WrittenServer("box", options.model_copy(update={"off": True}), "user", "settings.toml")
    assert named_by_server(off, (root,)).files == {}


def test_hooks_are_looked_at_in_every_folder_that_they_may_run_in(root: Path, tmp_path: Path) -> None:
    hook = Hook(moment="Stop", command="sh run.sh", owner="user", file=str(tmp_path / "config/settings.toml"))
    assert set(named_by_hook(hook, (root,)).files) == {"run.sh"}


def test_where_something_would_be_started_counts_before_it_is_there(root: Path) -> None:
    hook = Hook(moment="Stop", command="sh later.sh tools", owner="user", file=str(root.parent / "s.toml"))
    found = started_by((), (hook,), (root,))
    assert str(root / "later.sh") in found
    assert str(root / "tools") not in found, "a folder is not started"
    assert all(it.startswith(f"{root}/") for it in found)
