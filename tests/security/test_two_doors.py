"""What `postil permissions check` answers about paths and addresses is what the tools do: one judge, and no way round it."""

from __future__ import annotations

import json
import os
import posixpath
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from postil.core.effects import Access, FileEdit
from postil.core.errors import ToolError
from postil.permissions.checking import PathQuestion, answer_line, surroundings
from postil.permissions.evaluate import evaluate
from postil.permissions.policy import Policy
from postil.permissions.rule import parse
from postil.permissions.world import this_machine
from postil.workspace.local import LocalWorkspace
from tests.security.test_corpus import Question, corpus

BROAD = {"read": [], "write": ["Edit"]}
"""Rules under which a path alone decides: reading needs none."""
LINES = [it for it in corpus("paths") if "op" in it.question and str(it.question["root"]).startswith("/")]
"""Without an operation, or an absolute root, it is no question: the program says so, and a tool always has both."""
ADDRESSES = [it.question for it in corpus("rules") if it.question.get("tool") == "WebFetch"]
FILES = [it.question for it in corpus("rules") if it.question.get("tool") in ("Read", "Edit")]


def told(question: Question) -> str:
    """Ask the first door: the program."""
    text = answer_line(json.dumps(question))
    assert text is not None
    return str(json.loads(text)["decision"]).replace("auto", "allow")


def as_tool(question: Question, rules: dict[str, list[str]]) -> Question:
    tool = "Read" if question["op"] == "read" else "Edit"
    rest = {key: value for key, value in question.items() if key not in ("path", "op")}
    return {**rest, "command": question["path"], "tool": tool, "rules": {"ask": [], "deny": [], **rules}}


def access(path: Path, words: str, *, writes: bool) -> Access:
    edits = (FileEdit(path, None, "x"),) if writes else ()
    return Access(reads=() if writes else (path,), edits=edits, named=(words,))


def rules_of(given: object) -> tuple[Any, ...]:
    lists = cast("dict[str, list[str]]", given)
    return tuple(
        parse(text, cast(Any, verdict), "user") for verdict, texts in lists.items() for text in texts
    )


@pytest.mark.parametrize("verdict", ["read", "write"])
def test_a_given_world_is_judged_alike(verdict: str) -> None:
    """The tools' decision about each path of the corpus, in the very world that the program is told of."""
    different: list[str] = []
    for line in LINES:
        question = line.question
        if question["op"] != verdict or "file:" in str(question["path"]).lower():
            continue
        around = surroundings(PathQuestion.model_validate(question))
        words = posixpath.join(around.cwd, str(question["path"]))
        place = around.place(words, around.cwd) if "\0" not in words else None
        if place is None or len(words) > 4096 or not str(question["path"]).strip():
            continue
        rules = {"allow": BROAD[verdict]}
        wanted = access(Path(place.physical), words, writes=verdict == "write")
        policy = Policy(rules_of(rules), tuple(map(Path, around.roots)), around=around)
        one, other = told(as_tool(question, rules)), evaluate(wanted, policy)
        if one != other.verdict:
            different.append(
                f"{line.name} {question['path']!r}: {one} told, {other.verdict} done: {other.why}"
            )
    assert not different, "\n".join(different)


def test_files_under_rules_are_judged_alike() -> None:
    different: list[str] = []
    for question in FILES:
        asked = {key: it for key, it in question.items() if key not in ("command", "tool", "rules")}
        around = surroundings(PathQuestion.model_validate({**asked, "path": "x", "op": "read"}))
        words = posixpath.join(around.cwd, str(question["command"]))
        place = around.place(words, around.cwd)
        try:
            rules = rules_of(question["rules"])
        except Exception:  # noqa: BLE001 - what is no rule is told, and never gets into a policy
            continue
        if place is None:
            continue
        wanted = access(Path(place.physical), words, writes=question["tool"] == "Edit")
        other = evaluate(wanted, Policy(rules, tuple(map(Path, around.roots)), around=around))
        if told(question) != other.verdict:
            different.append(f"{question['command']!r}: {told(question)} told, {other.verdict} done")
    assert not different, "\n".join(different)


def test_addresses_are_judged_alike() -> None:
    tried = 0
    for question in ADDRESSES:
        address = str(question["command"])
        if "://" not in address:
            continue  # a tool takes a whole address
        try:
            rules = rules_of(question["rules"])
        except Exception:  # noqa: BLE001
            continue
        tried += 1
        done = evaluate(Access(hosts=(address,)), Policy(rules, (Path("/ws"),))).verdict
        assert told(question) == done, address
    assert tried > 50


# --- a real file system ------------------------------------------------------------------------------------


class Disk:
    """The world of a question, made below a folder."""

    def __init__(self, folder: Path, question: Question) -> None:
        self.folder = folder
        self.root = str(question.get("root", "/ws"))
        fs = cast("dict[str, Any]", question.get("fs", {}))
        for root in (self.root, str(question.get("home", "/home/me"))):
            self.at(root).mkdir(parents=True, exist_ok=True)
        for path, kind in fs.get("exists", {}).items():
            self._make(self.at(path), kind.partition(":")[0])
        for path, target in fs.get("symlinks", {}).items():
            self._room(path).symlink_to(self.words(target))
        for path, target in fs.get("hardlinks", {}).items():
            self._file(self.at(target))
            os.link(self.at(target), self._room(path))

    def at(self, path: str) -> Path:
        """Return where a path of the question lies. One without a beginning is meant from the root."""
        if not path.startswith("/"):
            return self.at(posixpath.join(self.root, path))
        return Path(self.words(path) if self.words(path) != path else f"{self.folder}{path}")

    def words(self, path: str) -> str:
        """Return the words of a path as they are here: below the workspace and the home they move along."""
        if path[:8].lower() == "file:///":
            return path[:7] + self.words(path[7:])
        for name in ("/ws", "/home/me"):
            if path == name or path.startswith((f"{name}/", f"{name}-", f"{name}2")):
                return f"{self.folder}{path}"
        return path

    def _room(self, path: str) -> Path:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        return self.at(path)

    def _file(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def _make(self, path: Path, kind: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "dir":
            path.mkdir(exist_ok=True)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            os.chdir(path.parent)
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(path.name)
        else:
            self._file(path)


def can_be_made(question: Question) -> bool:
    fs = cast("dict[str, Any]", question.get("fs", {}))
    same = fs.get("case", "sensitive") == "sensitive" and fs.get("platform", "linux") == "linux"
    outside = [it for it in fs.get("hardlinks", {}).values() if not it.startswith(("/ws", "/home/me"))]
    return same and not outside and "device" not in str(fs.get("exists", ""))


def done(disk: Disk, question: Question, rules: tuple[Any, ...]) -> str:
    """Go through the second door: the words to a path as a tool takes them, and the decision about that."""
    root = disk.at(str(question.get("root", "/ws")))
    home = disk.at(str(question.get("home", "/home/me")))
    workspace = LocalWorkspace((root,), rg=None)
    own = [
        home / it for it in (".config/postil", ".local/state/postil", ".local/share/postil", ".cache/postil")
    ]
    around = replace(this_machine((root,), own), home=str(home))
    words, writes = disk.words(str(question["path"])), question["op"] == "write"
    try:
        path = workspace.resolve(words) if writes else workspace.locate(words)
        named = workspace.written(words)
    except (ToolError, ValueError, OSError):
        return "refused"
    return evaluate(access(path, named, writes=writes), Policy(rules, (root,), around=around)).verdict


def test_a_real_disk_is_judged_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on files, links and pipes that are really there, from the model's words on. What a tool refuses before
    anybody is asked is never something that the program would have allowed."""
    monkeypatch.chdir(tmp_path)
    different, tried, refused = list[str](), 0, 0
    folders: dict[str, Disk] = {}
    for line in LINES:
        question = line.question
        if question["op"] not in BROAD or not can_be_made(question):
            continue
        tried += 1
        made = json.dumps([question.get("root"), question.get("home"), question.get("fs")])
        if made not in folders:
            folders[made] = Disk(tmp_path / str(len(folders)), question)
        rules = {"allow": BROAD[str(question["op"])]}
        one = told(as_tool(question, rules))
        other = done(folders[made], question, rules_of(rules))
        refused += other == "refused"
        if one != other and not (other == "refused" and one != "allow"):
            different.append(f"{line.name} {question['path']!r}: {one} told, {other} done")
    print(f"\n{tried} paths on a real disk, {refused} of them refused before anybody is asked")
    assert tried > 300
    assert not different, "\n".join(different)
