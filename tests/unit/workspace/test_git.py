"""git that runs unasked starts nothing that a repository names, and what cannot be switched off is found."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from postil.core.effects import Command
from postil.permissions.shell.guard import judge
from postil.permissions.world import this_machine
from postil.workspace.commands.git import repository_at
from postil.workspace.commands.local_shell import LocalShell
from tests.support.ways import ways_of

ENV = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
       "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
TELLING = (
    "git status", "git status --short", "git diff", "git diff --stat", "git diff HEAD", "git log -p", "git log --stat -3", "git show",
    "git show HEAD:a.txt", "git blame a.txt", "git -C . diff", "git --no-pager log -p -1", "git stash list", "git stash show", "git ls-files -m",
    "git grep c", "git describe --always --dirty", "git branch -av", "git reflog", "git rev-list HEAD", "git diff-index -p HEAD",
    "git diff-files -p", "git shortlog -sn HEAD", "git cat-file -p HEAD:a.txt", "git diff -- a.txt | head", "cd . && git diff",
)  # fmt: skip


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env=ENV, check=True, capture_output=True)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository whose configuration and attributes name a program for everything that git can start."""
    root = tmp_path / "work"
    root.mkdir()
    program = tmp_path / "evil"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "started"}\ncat\n')
    program.chmod(0o755)
    git(root, "init", "-q")
    (root / "a.txt").write_text("a\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    (root / "a.txt").write_text("b\n")
    git(root, "stash")
    (root / "a.txt").write_text("c\n")
    (root / ".gitattributes").write_text("*.txt diff=evil filter=evil\n")
    for key in ("diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.process", "diff.external", "core.fsmonitor",
                "core.pager", "core.editor", "gpg.program", "pager.log"):  # fmt: skip
        git(root, "config", key, str(program))
    git(root, "config", "filter.evil.required", "true")
    git(root, "config", "log.showSignature", "true")
    hooks = root / ".git/hooks"
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    return root


async def run(line: str, root: Path, folder: Path, *, only_reads: bool = True) -> tuple[int | None, str]:
    async def spawned(pid: int, started: float) -> None:
        await asyncio.sleep(0)

    shell = LocalShell(ways_of(folder)) if only_reads else LocalShell()
    ended = await shell.run(Command(line, root, 20.0, only_reads=only_reads), lambda _: None, spawned)
    return ended.exit_code, ended.output


async def test_nothing_is_started_by_what_only_tells(hostile: Path, tmp_path: Path) -> None:
    assert repository_at(hostile).problem == ""
    for line in TELLING:
        status, output = await run(line, hostile, tmp_path / "run")
        assert status == 0, (line, output)
        assert not (tmp_path / "started").exists(), line


def test_without_all_that_it_would_have_been(hostile: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "diff"], cwd=hostile, env=ENV, check=False, capture_output=True)
    assert (tmp_path / "started").read_text() != ""


@pytest.mark.parametrize(
    ("key", "value"),
    [("include.path", "../x"), ("includeIf.gitdir:/.path", "x"), ("core.worktree", "/"), ("extensions.partialClone", "origin"),
     ("remote.origin.promisor", "true"), ("submodule.a.ignore", "none"), ("alias.whatchanged", "!x"), ("core.alternateRefsCommand", "x")],
)  # fmt: skip
def test_what_cannot_be_switched_off_is_a_problem(tmp_path: Path, key: str, value: str) -> None:
    git(tmp_path, "init", "-q")
    assert repository_at(tmp_path).problem == ""
    subprocess.run(["git", "config", "--file", ".git/config", key, value], cwd=tmp_path, env=ENV, check=True)
    assert key.lower() in repository_at(tmp_path).problem.lower()
    (tmp_path / "sub").mkdir()
    assert repository_at(tmp_path / "sub").problem, "the folder above counts"


def test_odd_repositories_are_problems(tmp_path: Path) -> None:
    assert repository_at(tmp_path).problem == "", "there is none"
    bare, linked, spoilt, modules = (tmp_path / name for name in ("bare", "linked", "spoilt", "modules"))
    for each in (bare, linked, spoilt, modules):
        each.mkdir()
    git(bare, "init", "-q", "--bare")
    (linked / ".git").symlink_to(bare)
    git(spoilt, "init", "-q")
    (spoilt / ".git/config").write_text("[core\nx")
    git(modules, "init", "-q")
    (modules / ".gitmodules").write_text("")
    for each in (bare, linked, spoilt, modules):
        assert repository_at(each).problem, each.name
    (modules / "sub").mkdir()
    assert repository_at(modules / "sub").problem, "the top of the working tree counts"


SIGNED = """tree {tree}
author a <a@b> 1 +0000
committer a <a@b> 1 +0000
gpgsig -----BEGIN {kind}-----
 x
 -----END {kind}-----

signed
"""


def told(root: Path, *arguments: str, given: str = "") -> str:
    """Run git as anybody runs it, and return what it says."""
    return subprocess.run(
        ["git", *arguments], cwd=root, env=ENV, check=False, capture_output=True, text=True, input=given
    ).stdout.strip()


def signed(root: Path, program: Path, kind: str) -> None:
    """Make a repository whose last commit has a signature, and whose settings name a program that looks at it."""
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    for key in ("gpg.program", "gpg.openpgp.program", "gpg.ssh.program", "gpg.x509.program"):
        git(root, "config", key, str(program))
    git(root, "config", "gpg.ssh.allowedSignersFile", "/dev/null")
    git(root, "config", "pretty.mine", "%G? %GS")
    git(root, "config", "format.pretty", "%G?")
    text = SIGNED.format(tree=told(root, "write-tree"), kind=kind)
    git(root, "update-ref", "HEAD", told(root, "hash-object", "-t", "commit", "-w", "--stdin", given=text))


@pytest.mark.parametrize("kind", ["PGP SIGNATURE", "SSH SIGNATURE", "SIGNED MESSAGE"])
async def test_no_signature_is_looked_at(tmp_path: Path, kind: str) -> None:
    root, program = tmp_path / "work", tmp_path / "evil"
    root.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
    program.chmod(0o755)
    signed(root, program, kind)
    for line in ("git log -1", "git log --format=mine", "git show", "git rev-list --pretty=mine HEAD"):
        await run(line, root, tmp_path / "run")
        assert not (tmp_path / "started").exists(), line
    told(root, "log", "-1")
    assert (tmp_path / "started").exists(), "without all that it would have been"


def test_the_filters_of_a_repository_inside_are_asked_about(tmp_path: Path) -> None:
    root = tmp_path / "work"
    for each in (root, root / "sub"):
        each.mkdir()
        git(each, "init", "-q")
    around = this_machine([root], [])
    for line in ("git -C sub diff", "cd sub && git diff"):
        assert judge(line, around).verdict == "auto", line
    git(root / "sub", "config", "filter.evil.clean", "./evil")
    for line in ("git -C sub diff", "cd sub && git diff", "cd sub; git status"):
        assert "repo-state" in judge(line, around).checks, line
    git(root, "config", "filter.evil.clean", "./evil")
    assert judge("git -C sub diff", around).verdict == "auto", "a filter of the same name is switched off"


async def test_the_environment_is_made_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MY_TOKEN", "BASH_ENV", "LD_LIBRARY_PATH", "GIT_DIR", "NODE_OPTIONS", "SOMETHING"):
        monkeypatch.setenv(name, "/x")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "ls").write_text("#!/bin/sh\necho planted\n")
    (tmp_path / "ls").chmod(0o755)
    _, output = await run("env; ls", tmp_path, tmp_path / "run")
    names = {line.split("=")[0] for line in output.splitlines() if "=" in line}
    assert not names & {"MY_TOKEN", "BASH_ENV", "LD_LIBRARY_PATH", "GIT_DIR", "NODE_OPTIONS", "SOMETHING"}
    assert "planted" not in output
    _, ordinary = await run("ls", tmp_path, tmp_path / "run", only_reads=False)
    assert "planted" in ordinary, "what a person allowed runs with the person's own programs"
