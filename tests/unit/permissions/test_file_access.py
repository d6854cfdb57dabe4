"""What a path is comes before what rules say of it: names, links, devices and inodes, and files that run later."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from postil.core.effects import Access, Command, FileEdit
from postil.permissions.evaluate import evaluate
from postil.permissions.file_access import decide_file
from postil.permissions.modes import mode
from postil.permissions.places import Operation
from postil.permissions.policy import Policy
from postil.permissions.rule import Rule, Verdict, parse
from postil.permissions.shell.files import Entry, GivenFiles
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.world import this_machine

AROUND = Surroundings(("/ws",), "/ws", "/home/me", GivenFiles({"/ws/l.py": "src/a.py"}, {}, {}))


def rules(*texts: str) -> tuple[Rule, ...]:
    """Rules of the user, written as `allow Edit(src/**)`."""
    written = (text.split(" ", 1) for text in texts)
    return tuple(parse(text, verdict, "user") for verdict, text in written)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("path", "given", "want"),
    [
        ("Makefile", ("allow Edit",), "ask"),
        ("sub/Makefile", ("allow Edit(**)",), "ask"),
        ("MAKEFILE", ("allow Edit",), "ask"),
        ("x.mk", ("allow Edit(*.mk)",), "ask"),
        ("package.json", ("allow Edit",), "ask"),
        ("Makefile", ("allow Edit(./Makefile)",), "allow"),
        ("sub/Makefile", ("allow Edit(sub/Makefile)",), "allow"),
        ("Makefile", ("allow Edit(Makefile)",), "ask"),
        (".github/workflows/ci.yml", ("allow Edit",), "ask"),
        (".github/workflows/ci.yml", ("allow Edit(.github/workflows/ci.yml)",), "allow"),
        (".gitlab-ci.yml", ("allow Edit(*.yml)",), "ask"),
        (".postil/memory/notes.md", ("allow Edit(.postil/memory/notes.md)",), "ask"),
        ("src/aux.c", ("allow Edit",), "ask"),
        ("src/aux.c", ("allow Edit(src/aux.c)",), "allow"),
        ("src/a.py", ("allow Edit",), "allow"),
        ("makefile.py", ("allow Edit",), "allow"),
    ],
)
def test_what_is_run_later_is_meant_only_by_its_name(
    path: str, given: tuple[str, ...], want: Verdict
) -> None:
    assert decide_file(path, "write", rules(*given), AROUND).verdict == want
    assert decide_file(path, "write", (*rules(*given), *rules("deny Edit")), AROUND).verdict == "deny"


NOTES = Surroundings(
    ("/ws",), "/ws", "/home/me", GivenFiles({"/state/memory/l.md": "/ws/a.py"}, {}, {}),
    own=("/state",), notes="/state/memory",
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "read", "write"),
    [
        ("/state/memory/a.md", "allow", "ask"),
        ("/state/memory/../memory/a.md", "allow", "ask"),
        ("/state/memory/a.txt", "ask", "deny"),
        ("/state/memory/deep/a.md", "ask", "deny"),
        ("/state/memory", "ask", "deny"),
        ("/state/memory/../grants.json", "ask", "deny"),
        ("/state/trust/a.md", "ask", "deny"),
        ("/state/memory/l.md", "ask", "deny"),
    ],
)
def test_of_postils_own_files_notes_alone_are_the_agents(path: str, read: Verdict, write: Verdict) -> None:
    every = rules("allow Edit", "allow Read", f"allow Edit(/{path})")
    assert decide_file(path, "read", (), NOTES).verdict == read
    assert decide_file(path, "write", every, NOTES).verdict == write
    assert decide_file(path, "write", rules("deny Edit"), NOTES).verdict == "deny"


def test_reading_what_is_run_later_is_reading() -> None:
    assert decide_file("Makefile", "read", (), AROUND).verdict == "allow"


def test_accepting_edits_is_not_accepting_what_runs_by_itself() -> None:
    for name in ("Makefile", ".github/workflows/ci.yml", "package.json"):
        edits = (FileEdit(Path("/ws") / name, "h", "x"),)
        policy = Policy(mode("accept-edits").rules, (Path("/ws"),), around=AROUND)
        assert evaluate(Access(edits=edits), policy).verdict == "ask", name


@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_rule_that_forbids_a_name_forbids_what_it_links_to_by_that_name(operation: Operation) -> None:
    kind = "Read" if operation == "read" else "Edit"
    assert decide_file("l.py", operation, rules(f"deny {kind}(l.py)"), AROUND).verdict == "deny"
    assert decide_file("l.py", operation, rules(f"deny {kind}(src/**)"), AROUND).verdict == "deny"
    assert decide_file("l.py", "write", rules("allow Edit(l.py)"), AROUND).verdict == "ask"
    assert decide_file("l.py", "write", rules("allow Edit(src/**)"), AROUND).verdict == "allow"


def test_words_that_lead_elsewhere_now_are_asked_about() -> None:
    """A link that was changed between the look at it and the decision."""
    wanted = Access(reads=(Path("/ws/old.py"),), named=("/ws/l.py",))
    decision = evaluate(wanted, Policy((), (Path("/ws"),), around=AROUND))
    assert (decision.verdict, decision.why) == ("ask", "where /ws/l.py leads has changed meanwhile")


class Aliased:
    """A file system in which one folder has a second name that no list of names knows."""

    complete = True
    folds_case = False

    def look(self, path: str) -> Entry:
        return Entry("dir", node=("disk", path.replace("/ws/GITDIR~9", "/ws/.git")))

    def names(self, folder: str, most: int) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize("path", ["GITDIR~9", "GITDIR~9/config", "GITDIR~9/hooks/x"])
def test_a_protected_folder_is_known_by_its_inode(path: str) -> None:
    around = Surroundings(("/ws",), "/ws", "/home/me", Aliased())
    assert decide_file(path, "write", rules("allow Edit"), around).verdict == "deny"
    assert decide_file("src/config", "write", rules("allow Edit"), around).verdict == "allow"


@pytest.mark.skipif(not hasattr(os, "link"), reason="no hard links here")
def test_a_protected_file_is_known_by_its_inode(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").touch()
    (tmp_path / "plain").touch()
    os.link(tmp_path / ".git/config", tmp_path / "innocent")
    around = this_machine([tmp_path], [])
    assert decide_file("innocent", "write", rules("allow Edit"), around).verdict == "deny"
    assert decide_file("plain", "write", rules("allow Edit"), around).verdict == "allow"


def test_the_folder_of_the_workspace_may_have_any_name() -> None:
    root = "/data/$HOME/a:b/CON"
    around = Surroundings((root,), root, "/home/me", GivenFiles({}, {}, {}))
    assert decide_file(f"{root}/src/a.py", "read", (), around).verdict == "allow"
    assert decide_file(f"{root}/src/c:d.py", "read", (), around).verdict == "ask"


def test_what_a_hook_or_a_server_names_is_meant_only_by_its_name(tmp_path: Path) -> None:
    around = replace(
        this_machine([tmp_path], []), started=lambda: frozenset({str(tmp_path / "tools/look.sh")})
    )
    (tmp_path / "tools").mkdir()
    (tmp_path / "link.sh").symlink_to(tmp_path / "tools/look.sh")
    for path in ("tools/look.sh", "link.sh", str(tmp_path / "tools/look.sh")):
        ruling = decide_file(path, "write", rules("allow Edit"), around)
        assert (ruling.verdict, ruling.reason) == (
            "ask", "look.sh is named by a hook or a server of tools, which Postil starts",
        )  # fmt: skip
    assert (
        decide_file("tools/look.sh", "write", rules("allow Edit(tools/look.sh)"), around).verdict == "allow"
    )
    assert decide_file("tools/other.sh", "write", rules("allow Edit"), around).verdict == "allow"
    assert decide_file("tools/look.sh", "read", (), around).verdict == "allow"
    for line in (
        "cp a tools/look.sh",
        "sed -i s/a/b/ tools/look.sh",
        "echo x > tools/look.sh",
        "tee tools/look.sh",
    ):
        decided = evaluate(
            Access(command=Command(line, tmp_path, 60.0)),
            Policy(rules("allow Bash", "allow Edit"), (tmp_path,), around=around),
        )
        assert decided.verdict == "ask", line
