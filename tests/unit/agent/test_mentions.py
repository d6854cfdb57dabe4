"""Mentions: what is one, what it attaches, and what nobody gets by mentioning it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from postil.agent.mentioning.attaching import ALL, MOST, NO_ROOM, NOTHING, TOO_MANY
from postil.agent.mentioning.difference import DIFFERENCE, NAMES, UNTRACKED
from postil.agent.mentioning.difference import NOTHING as NO_CHANGE
from postil.agent.mentioning.material import ROOM, UNREADABLE
from postil.agent.mentioning.offers import offers
from postil.agent.mentioning.problems import NO_EDITOR, UNKNOWN
from postil.agent.mentioning.selection import NOTHING as NO_SELECTION
from postil.agent.mentioning.written import Mention, mentions, unfinished
from postil.agent.parts import Parts
from postil.core.events import PromptReceived
from postil.core.messages import UserMessage
from postil.core.origin import Source
from postil.core.ports import EarlierSession, NoMemory, Problem, Recalled
from postil.core.question import Anchor, PromptContext
from postil.core.submissions import Prompt
from postil.permissions.rule import parse
from tests.support.agent_world import World
from tests.support.fake_model import says
from tests.support.memory_shell import ended


def name(text: str, first: int = 0, last: int = 0) -> Mention:
    return Mention("name", text, first, last)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Look at @src/app.py.", [name("src/app.py")]),
        ("@a.py:10-40, and @a.py:7", [name("a.py", 10, 40), name("a.py", 7, 7)]),
        ("(@./a.py) @a.py:9-3", [name("./a.py"), name("a.py", 3, 9)]),
        ("@a @a", [name("a")]),
        ("me@example.org, `@dataclass`, @@x, @ y, @...", []),
        ("@diff. @diagnostics, @session @selection", [Mention(it) for it in ("diff", "diagnostics", "session", "selection")]),
        ("@symbol:Parser.feed. @session:s7, @./diff", [Mention("symbol", "Parser.feed"), Mention("session", "s7"), name("./diff")]),
        ("So:\n```py\n@property\n```\nand @a\n~~~\n@b", [name("a")]),
        ("Not `x @a y` but @diff/x", [name("diff/x")]),
    ],
)  # fmt: skip
def test_what_a_mention_is(text: str, want: list[Mention]) -> None:
    assert list(mentions(text)) == want


@pytest.mark.parametrize(
    ("text", "typed"),
    [("See @", ""), ("See @src/a", "src/a"), ("me@ex", None), ("@a b", None), ("`@a", "a"), ("```\n@a", None), ("@symbol:x", "symbol:x")],
)  # fmt: skip
def test_what_is_being_written(text: str, typed: str | None) -> None:
    assert unfinished(text) == (None if text == "`@a" else typed)


FILES = {
    "a.py": "one\ntwo\nthree\nfour\n",
    ".env": "TOKEN=x\n",
    "long.txt": "word word\n" * (ROOM // 5),
    "private/b.py": "def hidden():\n    return 1\n",
    "src/parse.py": "import re\n\n\n@cache\ndef parse(\n    text,\n) -> int:\n    # first\n\n    return 1\n\n\nclass Reader:\n    def feed(self):\n        pass\n",
    "src/other.py": "class Writer:\n    def feed(self):\n        return 2\n\n\nLIMIT = 3\n",
    "go/x.go": "func (r *Reader) Close() error {\n\treturn nil\n}\n\nvar y = 1\n",
}  # fmt: skip


def a_world(files: dict[str, str] | None = None) -> World:
    return World([says("Done.")], files=files or FILES)


async def test_a_file_attached_by_its_path_is_read_as_the_tool_would() -> None:
    def by_path(path: str, first: int = 0, last: int = 0) -> PromptContext:
        return PromptContext(kind="file", path=path, first_line=first, last_line=last)

    world = a_world(FILES | {"shot.png": "x", "private/c.py": "secret = 1\n"})
    world.standing.fixed.append(parse("Read(./private/**)", "deny", "user"))
    outside = "/elsewhere/notes.txt"
    wanted = ("a.py", ".env", "private/c.py", "gone.py", "shot.png", outside)
    given = PromptContext(kind="selection", path="a.py", text="two", first_line=2, last_line=2)
    context = (given, by_path("long.txt"), by_path("a.py", 2, 3), *map(by_path, wanted))
    found = await attached("Look.", world, context)
    assert found[0] == given
    assert (found[1].path, found[1].first_line) == ("long.txt", 1)
    assert found[1].note.startswith("cut: long.txt goes on to line")
    assert (found[2].text, found[2].first_line) == ("two\nthree", 2)
    assert (found[3].path, found[3].text) == ("a.py", FILES["a.py"])
    assert [(it.kind, it.name, it.text) for it in found[4:]] == [("mention", it, "") for it in wanted[1:]]
    secret, denied, gone, image, away = (it.note for it in found[4:])
    assert secret.startswith("It is not attached: reading it is asked about first (")
    assert denied.startswith("It is not attached: it may not be read (")
    assert gone == "There is no such file any more."
    assert image.startswith("It is not attached: it is an image")
    assert away.startswith("It is not attached: reading it is asked about first (")


async def attached(
    text: str, world: World | None = None, context: Sequence[PromptContext] = (), anchor: Anchor | None = None
) -> tuple[PromptContext, ...]:
    world = world or a_world()
    session = await world.start()
    await session.prompt(Prompt(text, tuple(context), anchor))
    await session.idle()
    return world.events(PromptReceived)[0].context


async def test_what_mentions_bring_is_there_once_where_the_prompt_has_it_from_before() -> None:
    before = PromptContext(kind="symbol", name="parse", path="src/parse.py", text="def parse(): ...")
    other = PromptContext(kind="symbol", name="gone", path="src/parse.py", text="def gone(): ...")
    chosen = PromptContext(kind="selection", path="src/parse.py", text="# first", first_line=8, last_line=8)
    file = PromptContext(kind="file", path="a.py")
    found = await attached("What do @parse and @a.py do?", context=(before, other, chosen, file))
    assert found[:2] == (other, chosen)
    assert [(it.kind, it.path, it.first_line) for it in found[2:]] == [
        ("file", "a.py", 0),
        ("symbol", "src/parse.py", 4),
    ]
    assert found[3].text.startswith("@cache\ndef parse(")


def note(written: str, words: str) -> PromptContext:
    return PromptContext(kind="mention", name=written, note=words)


async def test_a_file_and_lines_of_it_are_attached() -> None:
    assert await attached("See @a.py and @a.py:2-3.") == (
        PromptContext(kind="file", path="a.py", text=FILES["a.py"]),
        PromptContext(kind="file", path="a.py", text="two\nthree", first_line=2, last_line=3),
    )


async def test_what_is_typed_is_what_is_attached() -> None:
    world = a_world()
    world.workspace.type("a.py", "typed\n")
    assert [it.text for it in await attached("See @a.py.", world)] == ["typed\n"]


async def test_of_a_long_file_the_first_lines_are_attached_and_it_is_said() -> None:
    (found,) = await attached("See @long.txt.")
    assert (found.first_line, found.last_line) == (1, ROOM // 10)
    assert len(found.text) < ROOM
    assert found.note == f"cut: long.txt goes on to line {ROOM // 5 + 1:,}"


async def test_what_is_not_read_unasked_is_not_attached_and_said_to_be() -> None:
    world = a_world()
    world.standing.fixed.append(parse("Read(private/**)", "deny", "user"))
    world.workspace.ignored.add(world.workspace.at("src/parse.py"))
    words = "@.env @private/b.py @private/none.py @nowhere.py @ada @a.py:99 @hidden @src/parse.py @parse"
    found = await attached(words, world)
    assert not any(it.text for it in found)
    assert found == (
        note("@.env", UNREADABLE),
        note("@private/b.py", UNREADABLE),
        note("@private/none.py", UNREADABLE),
        note("@nowhere.py", NOTHING),
        note("@ada", NOTHING),
        note("@a.py:99", "a.py has 5 lines."),
        note("@hidden", NOTHING),
        note("@src/parse.py", "src/parse.py is kept from you by .postilignore."),
        note("@parse", NOTHING),
    )
    outside = await attached("@/etc/passwd @../x")
    assert [it.kind for it in outside] == ["mention", "mention"]
    shown = world.model.requests[0].messages[0]
    assert isinstance(shown, UserMessage)
    assert shown.text.startswith(words + "\n\n[@.env: It may not")


async def test_a_symbol_is_attached_where_it_is_defined() -> None:
    (found,) = await attached("What does @parse do?")
    assert (found.kind, found.name, found.path, found.first_line, found.last_line) == ("symbol", "parse", "src/parse.py", 4, 10)  # fmt: skip
    assert found.text.startswith("@cache\ndef parse(")
    assert found.text.endswith("    return 1")
    both = await attached("@feed")
    assert [(it.path, it.first_line, it.last_line) for it in both] == [
        ("src/other.py", 2, 3),
        ("src/parse.py", 14, 15),
    ]
    assert [it.path for it in await attached("@Reader.feed")] == ["src/parse.py"]
    assert [it.text for it in await attached("@symbol:LIMIT")] == ["LIMIT = 3"]
    (go,) = await attached("@Reader.Close")
    assert go.text == FILES["go/x.go"].partition("\n\n")[0]


async def test_of_a_name_with_many_definitions_five_are_attached() -> None:
    found = await attached("@f", a_world({f"m{it}.py": "def f():\n    pass\n" for it in range(7)}))
    assert [it.path for it in found] == [f"m{it}.py" for it in range(5)]
    assert found[-1].note == "5 of 7 definitions of f"


async def test_changes_are_attached_without_files_that_could_not_be_read() -> None:
    world = a_world()
    world.standing.fixed.append(parse("Read(private/**)", "deny", "user"))
    world.shell.answers |= {
        NAMES: ended('a.py\n.env\nprivate/b.py\n"\\303\\244 b.txt"\nall*.py\n'),
        UNTRACKED: ended("new.py\nprivate/new.py\n"),
        f"{DIFFERENCE}a.py 'ä b.txt'": ended("+token = ghp_" + "a1B2" * 9 + "\n"),
    }
    (found,) = await attached("Review @diff.", world)
    assert (found.kind, found.path, found.text) == ("diff", "", "+token = [redacted: GitHub token]\n")
    assert found.note == "3 changed files left out, which may not be read unasked; not in git yet: new.py"
    assert all(it.only_reads for it in world.shell.commands)


async def test_without_changes_or_git_it_is_said() -> None:
    assert await attached("@diff") == (note("@diff", NO_CHANGE),)
    world = a_world()
    world.shell.answers[NAMES] = ended("fatal: not a git repository\n", 128)
    assert await attached("@diff", world) == (note("@diff", "The folder is in no git repository."),)


@pytest.mark.parametrize("rule", ["Bash(git:*)", "Bash(git diff:*)"])
async def test_where_git_is_denied_or_nobody_trusts_no_difference_is_made(rule: str) -> None:
    denied, unknown = a_world(), replace(a_world(), trusted=False)
    denied.standing.fixed.append(parse(rule, "deny", "user"))
    for world in (denied, unknown):
        (found,) = await attached("@diff", world)
        assert found.kind == "mention"
        assert found.note.startswith("`git diff` does not run unasked here: ")
        assert not world.shell.commands


async def test_problems_of_open_documents_are_attached() -> None:
    world = a_world()
    for it in ("a.py", "src/parse.py", ".env", "src/other.py"):
        world.workspace.open(it)
    at = world.workspace.at
    world.workspace.reported |= {
        at("a.py"): [Problem(3, "warning", "odd"), Problem(4, "error", "bad", "ruff E1")],
        at("src/parse.py"): [],
        at(".env"): [Problem(1, "error", "TOKEN=x")],
    }
    (found,) = await attached("Mend @diagnostics.", world)
    assert found.text == "a.py:4: error: bad (ruff E1)\na.py:3: warning: odd"
    assert found.note == "of 1 open document nothing is known"
    assert await attached("@diagnostics") == (note("@diagnostics", NO_EDITOR),)
    silent = a_world()
    silent.workspace.open("a.py")
    assert await attached("@diagnostics", silent) == (note("@diagnostics", UNKNOWN),)


async def test_the_selection_is_attached_once() -> None:
    world = a_world()
    anchor = Anchor(uri=world.workspace.at("a.py").as_uri(), line=1, end_line=3)
    want = PromptContext(kind="selection", path="a.py", text="two\nthree", first_line=2, last_line=3)
    assert await attached("Mend @selection.", world, anchor=anchor) == (want,)
    assert await attached("Mend @selection.", context=[want], anchor=anchor) == (want,)
    assert await attached("@selection") == (note("@selection", NO_SELECTION),)
    kept = Anchor(uri=world.workspace.at(".env").as_uri(), end_character=5)
    assert await attached("@selection", anchor=kept) == (note("@selection", UNREADABLE),)


class Earlier(NoMemory):
    async def sessions(self) -> Sequence[EarlierSession]:
        return [EarlierSession("s1", "This one"), EarlierSession("s9", "Mended the parser")]

    async def load(self, session_id: str, piece: int) -> Recalled | None:
        sources = (Source(origin="workspace"), Source(origin="network", name="example.org"))
        return (
            Recalled("Mended the parser", "What was said.", 1, 2, 3, sources) if session_id == "s9" else None
        )


class Remembering(World):
    def parts(self) -> Parts:
        return replace(super().parts(), memory=Earlier())


async def test_an_earlier_session_is_attached_with_what_it_had_read() -> None:
    world = Remembering([says("Done.")], files=FILES)
    session = await world.start()
    await session.prompt(Prompt("Go on from @session."))
    await session.idle()
    (found,) = world.events(PromptReceived)[0].context
    assert (found.kind, found.name, found.text) == ("session", "s9: Mended the parser", "What was said.")
    assert found.note == "pieces 1 to 2 of 3; recall with load=s9 and piece=3 shows more"
    assert [it.source.name for it in session.state.workflow.read if it.source.origin == "network"] == [
        "example.org"
    ]
    shown = world.model.requests[0].messages[0]
    assert isinstance(shown, UserMessage)
    assert 'name="s9: Mended the parser" from="workspace, network example.org" note="pieces 1' in shown.text
    other = Remembering([says("Done.")], files=FILES)
    (none,) = await attached("@session:s5", other)
    assert none == note("@session:s5", "There is no finished session of that id in memory.")


async def test_mentions_are_bounded_together() -> None:
    files = {f"f{it}.txt": "word word\n" * 3_900 for it in range(12)}
    found = await attached(" ".join(f"@{it}" for it in files), a_world(files))
    assert len(found) == 12
    assert sum(len(it.text) for it in found) <= ALL
    assert [it.note for it in found[3:]] == [NO_ROOM] * (MOST - 3) + [TOO_MANY] * 2


async def test_a_secret_that_lies_around_the_lines_is_not_attached() -> None:
    key = (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        + "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn\n" * 9
        + "-----END RSA PRIVATE KEY-----\n"
    )
    (found,) = await attached("@k.txt:3-4", a_world({"k.txt": key}))
    assert "MIIE" not in found.text


async def test_what_could_be_mentioned_is_offered() -> None:
    world = a_world()

    async def offered(typed: str) -> list[str]:
        return [it.text for it in await offers(typed, world.workspace, Earlier())]

    assert await offered("d") == ["@diagnostics", "@diff"]
    assert (await offered(""))[:7] == [
        "@diagnostics",
        "@diff",
        "@selection",
        "@session",
        "@symbol:",
        "@a.py",
        "@go/",
    ]
    assert await offered("src/") == ["@src/other.py", "@src/parse.py"]
    assert await offered("OTHER") == ["@src/other.py"]
    assert await offered("pars") == ["@src/parse.py", "@parse"]
    assert await offered("symbol:fe") == ["@symbol:feed"]
    assert await offered("session:mend") == ["@session:s9"]
    assert await offered(".e") == ["@.env"]
    assert await offered("../") == await offered("x:y") == []
