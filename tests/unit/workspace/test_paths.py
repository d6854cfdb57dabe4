"""Words to paths: inside the roots or refused."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from postil.core.errors import Ignored, InvalidInput, OutsideWorkspace
from postil.workspace.files.paths import Paths, is_protected, is_secret


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("app/src", "lib/src", "outside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "app/src/a.py").touch()
    (tmp_path / "lib/src/b.py").touch()
    (tmp_path / "outside/secret").touch()
    return tmp_path


@pytest.fixture
def paths(tree: Path) -> Paths:
    return Paths([tree / "app", tree / "lib"])


def test_relative_paths_start_at_the_first_root(tree: Path, paths: Paths) -> None:
    assert paths.resolve("src/a.py") == tree / "app/src/a.py"
    assert paths.resolve("./src/new.py") == tree / "app/src/new.py"
    assert paths.resolve(".") == tree / "app"


def test_a_path_of_another_root_is_found_and_shown_by_its_name(tree: Path, paths: Paths) -> None:
    assert paths.resolve("src/b.py") == tree / "lib/src/b.py"
    assert paths.display(tree / "lib/src/b.py") == "lib/src/b.py"
    assert paths.resolve("lib/src/b.py") == tree / "lib/src/b.py"
    assert paths.display(tree / "app/src/a.py") == "src/a.py"
    (tree / "app/lib/src").mkdir(parents=True)
    (tree / "app/lib/src/b.py").touch()
    assert paths.display(tree / "lib/src/b.py") == str(tree / "lib/src/b.py")
    assert paths.display(tree / "outside") == str(tree / "outside")


def test_absolute_paths_and_uris(tree: Path, paths: Paths) -> None:
    assert paths.resolve(str(tree / "lib/x y")) == tree / "lib/x y"
    assert paths.resolve((tree / "lib/x y#").as_uri()) == tree / "lib/x y#"


@pytest.mark.parametrize("path", ["../outside/secret", "/etc/passwd", "src/../../outside"])
def test_what_leaves_the_roots_is_refused(paths: Paths, path: str) -> None:
    with pytest.raises(OutsideWorkspace):
        paths.resolve(path)
    assert paths.locate(path).is_absolute()


def test_links_are_followed_inside_and_refused_outside(tree: Path, paths: Paths) -> None:
    (tree / "app/inner").symlink_to("src")
    (tree / "app/other").symlink_to(tree / "lib")
    (tree / "app/out").symlink_to(tree / "outside")
    (tree / "app/dangling").symlink_to(tree / "outside/new")
    assert paths.resolve("inner/a.py") == tree / "app/src/a.py"
    assert paths.resolve("other/src/b.py") == tree / "lib/src/b.py"
    for name in ("out/secret", "out", "dangling", "out/new/deep"):
        with pytest.raises(OutsideWorkspace):
            paths.resolve(name)


def test_going_up_from_a_link_is_refused(tree: Path, paths: Paths) -> None:
    (tree / "app/deep").mkdir()
    (tree / "app/deep/link").symlink_to(tree / "lib/src")
    with pytest.raises(InvalidInput, match="goes up from a symbolic link"):
        paths.resolve("deep/link/../b.py")


@pytest.mark.parametrize("path", ["", " ", "a\0b", "x" * 5000, "file://host/x"])
def test_what_is_no_path_is_refused(paths: Paths, path: str) -> None:
    with pytest.raises(InvalidInput):
        paths.resolve(path)


def test_a_root_may_be_a_link_or_missing(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "app")
    assert Paths([tree / "link"]).resolve("src/a.py") == tree / "app/src/a.py"
    assert Paths([tree / "none"]).resolve("x") == tree / "none/x"
    with pytest.raises(OutsideWorkspace, match="no folder is open"):
        Paths([]).resolve("x")


def test_words_below_the_folder_that_was_opened_are_those_of_the_root(tree: Path) -> None:
    (tree / "opened").symlink_to(tree / "app")
    (tree / "app/link").symlink_to("src")
    paths = Paths([tree / "opened"])
    assert paths.written(str(tree / "opened/link/../a.py")) == str(tree / "app/link/../a.py")
    assert paths.written(str(tree / "opened")) == str(tree / "app")
    assert paths.written(str(tree / "opened-too/x")) == str(tree / "opened-too/x")
    assert paths.written("link/a.py") == str(tree / "app/link/a.py")


def test_ignored_paths_are_refused_everywhere_but_outside(tree: Path) -> None:
    paths = Paths([tree / "app"], lambda path: path.name == "a.py")
    for ask in (paths.resolve, paths.locate):
        with pytest.raises(Ignored, match=r"src/a\.py is kept from you by \.postilignore"):
            ask("src/a.py")
    assert paths.locate(str(tree / "lib/a.py"))


def test_the_home_folder_is_not_expanded(tree: Path, paths: Paths) -> None:
    with pytest.raises(InvalidInput, match=f"Say {Path.home() / 'x'} if you mean that"):
        paths.locate("~/x")
    (tree / "app/~").mkdir()
    (tree / "app/~/x").touch()
    assert paths.resolve("~/x") == tree / "app/~/x"


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.local",
        "prod.env",
        "server.pem",
        "id_rsa",
        "id_ed25519_work",
        ".netrc",
        ".npmrc",
        ".pypirc",
        "credentials",
        "credentials.json",
        ".aws/config",
        ".kube/config",
        ".docker/config.json",
        "secrets.yaml",
        "SERVER.KEY",
        ".git-credentials",
        "infra/main.tfstate",
        ".ENV",
        "home/.ssh/known_hosts",
    ],
)
def test_files_known_to_hold_secrets(name: str) -> None:
    assert is_secret(PurePosixPath(name))
    assert is_secret(PurePosixPath("/deep/down") / name)


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        "id_rsa.pub",
        "credentials.py",
        "src/credentials_test.go",
        "environment.py",
        "keys.py",
        "src/config",
        "config.json",
        ".gitignore",
        "history.md",
        ".",
        "key",
    ],
)
def test_other_files_are_not(name: str) -> None:
    assert not is_secret(PurePosixPath(name))


@pytest.mark.parametrize(
    "name",
    [
        ".git/config", ".git/hooks/pre-commit", ".git", "sub/.git/HEAD", ".GIT/config", "git~1/config", ".git./config", ".g\u200cit/config",
        ".postil/settings.toml", ".postil/agents/x.md", ".postil/hooks/x", ".postil/skills/x/y", ".postil/mcp.json", ".postil/mcp/x",
        ".postil/chat/1.md", ".postil", ".Postil/Settings.toml", "pkg/.postil/settings.toml", ".postilignore", "a/.postilignore",
        ".vscode/tasks.json", ".mcp.json", ".bashrc", ".claude/skills/x/SKILL.md", ".agents/skills/x/SKILL.md", ".Agents/skills", "sub/.agents/x",
    ],
)  # fmt: skip
def test_protected_paths(name: str) -> None:
    assert is_protected(PurePosixPath(name))


@pytest.mark.parametrize(
    "name",
    [
        ".postil/memory/x.md",
        "git/config",
        ".gitignore",
        ".github/workflows/x.yml",
        "src/settings.toml",
        ".",
        "chat/x",
        "agents/skills/x",
    ],
)
def test_unprotected_paths(name: str) -> None:
    assert not is_protected(PurePosixPath(name))
