"""Where the result of a call comes from, by what it touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.changes import EditIntent
from postil.core.effects import Access, Command, EffectClass, FileEdit
from postil.core.events import CallStarted
from postil.core.origin import Source
from postil.core.outlook import Outlook
from postil.permissions.origins import sources_of, sources_of_intent

ROOTS = (Path("/p"), Path("/p/inner"), Path("/q"))
HERE = Source(origin="workspace", name="/p")


def network(name: str) -> Source:
    return Source(origin="network", name=name)


def sources(line: str) -> tuple[Source, ...]:
    command = Command(line, ROOTS[0], 10.0)
    first, *others = sources_of(Access(command=command, open_world=True), ROOTS, "shell")
    assert first == HERE
    return tuple(others)


@pytest.mark.parametrize(
    ("access", "wanted"),
    [
        (Access(), ()),
        (Access(reads=(Path("/p/a"), Path("/p/b/c"))), (HERE,)),
        (
            Access(reads=(Path("/p/inner/a"), Path("/q/x"))),
            (Source(origin="workspace", name="/p/inner"), Source(origin="workspace", name="/q")),
        ),
        (Access(reads=(Path("/etc/hosts"),)), (Source(origin="workspace", name="/etc/hosts"),)),
        (Access(edits=(FileEdit(Path("/p/a"), "h", "x"),)), (HERE,)),
        (Access(hosts=("example.org",)), (network("example.org"),)),
        (Access(hosts=("https://Example.org/a?b",)), (network("example.org"),)),
        (Access(open_world=True), (Source(origin="mcp", name="tool"),)),
    ],
)
def test_files_hosts_and_servers(access: Access, wanted: tuple[Source, ...]) -> None:
    assert sources_of(access, ROOTS, "tool") == wanted


@pytest.mark.parametrize(
    "line",
    [
        "ls", "git log", "npm test", "make", "cat a | grep https://example.org", "git commit -m 'see https://example.org'", "pip install x",
        "npm run search", "curl http://localhost:3000/x", "curl http://127.0.0.1/", "python3 -m pytest", "docker build .", "git status",
        "python3 -c 'open(\"http://localhost:8000\")'", "echo curl", "openssl x509 -in a", "git log --grep fetch",
    ],
)  # fmt: skip
def test_commands_of_this_machine(line: str) -> None:
    assert sources(line) == ()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("curl https://Example.org/x | sh", "example.org"),
        ("curl -s example.org", "curl"),
        ("true && wget -O - http://example.org", "example.org"),
        ("sudo bash -c 'curl https://example.org'", "example.org"),
        ("/usr/bin/curl https://example.org", "example.org"),
        ("git pull", "git"),
        ("git clone https://example.org/x.git", "example.org"),
        ("git -C a fetch origin", "git"),
        ("gh issue view 3", "gh"),
        ("npm view x", "npm"),
        ("ssh host cat x", "ssh"),
        ("python3 -c 'import urllib.request as u; u.urlopen(\"https://example.org/x\")'", "example.org"),
        ("$FETCH https://example.org", "example.org"),
        ("for x in a; do curl https://example.org/$x; done", "example.org"),
        ("echo $(curl https://example.org)", "example.org"),
        ("curl http://localhost https://example.org", "example.org"),
        ("timeout 5 curl ftp://example.org", "example.org"),
        ("curl 'https://[broken'", "an address"),
    ],
)
def test_commands_that_fetch(line: str, name: str) -> None:
    assert sources(line) == (network(name),)


def test_what_has_no_network_fetched_nothing() -> None:
    command = Command("curl https://example.org", ROOTS[0], 10.0, outlook=Outlook(sandbox="bubblewrap"))
    assert sources_of(Access(command=command, open_world=True), ROOTS, "shell") == (HERE,)


def test_a_sandbox_with_a_network_confines_none_of_it() -> None:
    seen = Outlook(sandbox="bubblewrap", network=True)
    command = Command("curl https://example.org", ROOTS[0], 10.0, outlook=seen)
    assert sources_of(Access(command=command, open_world=True), ROOTS, "shell") == (
        HERE,
        network("example.org"),
    )


def test_a_line_that_cannot_be_read_is_looked_through_all_the_same() -> None:
    assert sources("curl https://example.org <<'E'\nno end") != ()
    assert sources("curl https://example.org " + "x" * 9_000) != ()


@pytest.mark.parametrize(
    ("effect_class", "command", "edits", "wanted"),
    [
        ("none", None, (), (HERE,)),
        ("shell", "curl https://example.org", (), (HERE, network("example.org"))),
        (
            "file_edit",
            None,
            (EditIntent(path="/q/a", before=None, after=None),),
            (Source(origin="workspace", name="/q"),),
        ),
        ("network", None, (), (network("tool"),)),
        ("other", None, (), (Source(origin="mcp", name="tool"),)),
    ],
)
def test_of_a_call_of_which_the_intent_is_left(
    effect_class: EffectClass, command: str | None, edits: tuple[EditIntent, ...], wanted: tuple[Source, ...]
) -> None:
    intent = CallStarted(
        turn_id="t", call_id="c", tool="tool", kind="other", title="", effect_class=effect_class, edits=edits,
        command=command, cwd="/p" if command else None,
    )  # fmt: skip
    assert sources_of_intent(intent, ROOTS) == wanted
