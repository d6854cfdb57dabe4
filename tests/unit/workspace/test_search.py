"""glob and grep: ripgrep and our own give the same results, over buffers and disk."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postil.core.errors import Ignored, InvalidInput, NotFound, NotText, ToolError
from postil.core.ports import Found, OpenDocument, Replacement, SearchQuery, SymbolQuery
from postil.permissions.keeping_back import kept_back
from postil.permissions.policy import Policy
from postil.permissions.rule import parse
from postil.workspace.local import LocalWorkspace
from postil.workspace.search import engines
from postil.workspace.search import search as search_module

RG = shutil.which("rg", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
ENGINES = [None, *([RG] if RG else [])]


@dataclass
class Documents:
    """An editor with documents that tests put there."""

    can_save = False

    open: dict[Path, str] = field(default_factory=dict[Path, str])

    tells_open = True

    async def learn(self, paths: Sequence[Path] | None) -> None:
        pass

    def document(self, path: Path) -> OpenDocument | None:
        return OpenDocument(path, self.open[path], 1) if path in self.open else None

    def documents(self) -> Sequence[OpenDocument]:
        return [OpenDocument(path, text, 1) for path, text in self.open.items()]

    async def changed(self) -> None:
        raise NotImplementedError

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        pass

    async def replace(self, change: Replacement) -> None:
        raise NotImplementedError

    async def save(self, path: Path) -> bool:
        return False

    async def diagnostics(self, path: Path, version: int) -> None:
        raise NotImplementedError

    async def symbols(self, query: SymbolQuery) -> None:
        raise NotImplementedError


Make = Callable[..., LocalWorkspace]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[LocalWorkspace] = []

    def build(root: Path, rg: str | None, opened: dict[Path, str] | None = None) -> LocalWorkspace:
        made.append(LocalWorkspace([root], Documents(opened or {}), rg=rg))
        return made[-1]

    yield build
    for workspace in made:
        workspace.close()


def plant(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def listed(root: Path, found: Found) -> list[str]:
    lines = [f"{match.path.relative_to(root)}:{match.line}:{match.text}" for match in found.matches]
    return lines + [str(path.relative_to(root)) for path in found.paths]


SAMPLE = {
    "a/x.py": b"import os\nneedle = 1\n", "a.txt": b"needle\r\nlast needle", "b/deep/y.py": b"# needle\n", ".hidden/z.py": b"needle\n",
    ".env": b"needle\n", "server.pem": b"needle\n", "log/l.log": b"needle\n", ".gitignore": b"log/\n", "bin": b"needle\n\0needle\n",
    "u16.txt": "\ufeffneedle é\r\n".encode("utf-16-le"), "bom.txt": b"\xef\xbb\xbfneedle\n", "latin.txt": b"needle caf\xe9\n",
    "private/p.txt": b"needle\n", ".postilignore": b"private\n", "mac.txt": b"one\rtwo\nneedle\n",
}  # fmt: skip


@pytest.mark.parametrize("rg", ENGINES)
async def test_what_a_search_sees(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, SAMPLE)
    (tmp_path / "link.py").symlink_to("a/x.py")
    os.mkfifo(tmp_path / "pipe")
    workspace = make(tmp_path, rg)
    found = await workspace.grep(SearchQuery("needle", tmp_path))
    assert listed(tmp_path, found) == [
        "a/x.py:2:needle = 1", "a.txt:1:needle", "a.txt:2:last needle", "b/deep/y.py:1:# needle", "bom.txt:1:needle",
        "latin.txt:1:needle caf\ufffd", "mac.txt:3:needle", "u16.txt:1:needle é",
    ]  # fmt: skip
    assert (found.complete, found.note) == (True, "")
    assert listed(tmp_path, await workspace.glob("*.py", tmp_path, 10)) == ["a/x.py", "b/deep/y.py"]
    assert listed(tmp_path, await workspace.glob("{a,log,private}/*", tmp_path, 10)) == ["a/x.py"]


@pytest.mark.parametrize("rg", ENGINES)
async def test_what_is_named_is_searched(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, SAMPLE)
    workspace = make(tmp_path, rg)
    for name, count in (
        ("log", 1),
        (".hidden", 1),
        (".env", 1),
        ("server.pem", 1),
        ("log/l.log", 1),
        ("bin", 0),
        ("a", 1),
    ):
        assert len((await workspace.grep(SearchQuery("needle", tmp_path / name))).matches) == count, name
    for name in ("private", "private/p.txt"):
        with pytest.raises(Ignored):
            await workspace.grep(SearchQuery("needle", tmp_path / name))
        with pytest.raises(Ignored):
            await workspace.glob("*", tmp_path / name, 10)
    with pytest.raises(NotFound):
        await workspace.grep(SearchQuery("needle", tmp_path / "none"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotText):
        await workspace.grep(SearchQuery("needle", tmp_path / "pipe"))


@pytest.mark.parametrize("rg", ENGINES)
async def test_open_documents_are_searched_as_they_stand(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(
        tmp_path,
        {
            "a.py": b"needle on disk\n",
            "b.py": b"\n",
            "c.py": b"needle\n",
            "log/x": b"",
            ".gitignore": b"log\n",
        },
    )
    opened = {
        tmp_path / "a.py": "nothing\n", tmp_path / "b.py": "x\r\ny\rneedle é\r\n", tmp_path / "new/d.py": "needle\udce9",
        tmp_path / "log/x": "needle", tmp_path / ".hid": "needle", tmp_path.parent / "other": "needle", tmp_path / "z.bin": "needle\0",
    }  # fmt: skip
    workspace = make(tmp_path, rg, opened)
    found = await workspace.grep(SearchQuery("needle", tmp_path))
    assert listed(tmp_path, found) == ["b.py:2:y\rneedle é", "c.py:1:needle", "new/d.py:1:needle\ufffd"]
    assert listed(tmp_path, await workspace.grep(SearchQuery("^needle", tmp_path, glob="{c,d}.py"))) == [
        "c.py:1:needle",
        "new/d.py:1:needle\ufffd",
    ]
    assert listed(tmp_path, await workspace.grep(SearchQuery("needle", tmp_path, glob="new/**"))) == [
        "new/d.py:1:needle\ufffd"
    ]
    assert listed(tmp_path, await workspace.grep(SearchQuery("needle", tmp_path / "b.py"))) == [
        "b.py:2:y\rneedle é"
    ]
    assert listed(tmp_path, await workspace.glob("*.py", tmp_path, 9)) == ["a.py", "b.py", "c.py", "new/d.py"]
    names = [entry.name for entry in await workspace.entries(tmp_path)]
    assert names == [".gitignore", ".hid", "a.py", "b.py", "c.py", "log", "z.bin"]


@pytest.mark.parametrize("rg", ENGINES)
@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        (r"^foo$", [1]), (r"foo\b", [1, 3]), (r"o{2}", [1, 2, 3]), (r"(?:foo|bar)b", [2]), (r"[[:digit:]]+", [4]), (r"\d", [4]),
        (r"\w+\(", [3]), ("é", [5]), ("FOO", []), ("(?i)FOO", [1, 2, 3]), (r"o\z", [1]), (r"\.", [3]), ("^$", [6]), ("x*?y|3", [4]),
    ],
)  # fmt: skip
async def test_the_common_dialect(
    tmp_path: Path, make: Make, rg: str | None, pattern: str, lines: list[int]
) -> None:
    plant(tmp_path, {"f": "foo\r\nfoobar\r\nx.foo(a)\r\n123\r\né\r\n\r\n".encode()})
    found = await make(tmp_path, rg).grep(SearchQuery(pattern, tmp_path))
    assert [match.line for match in found.matches] == lines


@pytest.mark.parametrize("rg", ENGINES)
async def test_literal_and_case(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, {"f": b"a.b\naxb\nA.B\n"})
    workspace = make(tmp_path, rg)
    for literal, ignore_case, lines in (
        (True, False, [1]),
        (True, True, [1, 3]),
        (False, False, [1, 2]),
        (False, True, [1, 2, 3]),
    ):
        query = SearchQuery("a.b", tmp_path, literal=literal, ignore_case=ignore_case)
        assert [match.line for match in (await workspace.grep(query)).matches] == lines


@pytest.mark.parametrize("rg", ENGINES)
@pytest.mark.parametrize(
    "pattern", ["", "(", "a\nb", r"a\nb", "[z", r"(?=x)", r"(?<!x)y", r"(a)\1", "*", "a{99999999999}"]
)
@pytest.mark.parametrize("opened", [False, True])
async def test_senseless_patterns_are_refused(
    tmp_path: Path, make: Make, rg: str | None, pattern: str, opened: bool
) -> None:
    plant(tmp_path, {"f": b"x\n"})
    with pytest.raises(InvalidInput):
        await make(tmp_path, rg, {tmp_path / "g": "x"} if opened else {}).grep(SearchQuery(pattern, tmp_path))


@pytest.mark.parametrize("rg", ENGINES)
async def test_limits_are_said(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, {f"{n:02}": b"x\n" * 10 for n in range(20)} | {"long": b"y" * 100_000})
    workspace = make(tmp_path, rg, {tmp_path / "00": "x\n" * 3})
    found = await workspace.grep(SearchQuery("x", tmp_path, limit=5))
    assert [(match.path.name, match.line) for match in found.matches] == [
        ("00", 1),
        ("00", 2),
        ("00", 3),
        ("01", 1),
        ("01", 2),
    ]
    assert not found.complete
    assert "first 5 matches" in found.note
    assert (await workspace.grep(SearchQuery("x", tmp_path / "05", limit=10))).complete
    found = await workspace.glob("*", tmp_path, 4)
    assert [path.name for path in found.paths] == ["00", "01", "02", "03"]
    assert "first 4 files" in found.note
    assert len((await workspace.grep(SearchQuery("y", tmp_path))).matches[0].text) < 600


@pytest.mark.parametrize("rg", ENGINES)
async def test_what_rules_keep_back_is_left_out_and_told(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, {"a": b"needle", "private/b": b"needle", "private/c": b"nothing", "d": b"needle"})
    workspace = make(tmp_path, rg, {tmp_path / "private/open": "needle", tmp_path / "d": "needle"})
    policy = Policy((parse("Read(private/**)", "deny", "user"),), workspace.roots)
    workspace.withhold(lambda start: kept_back(start, policy))
    told = "Left out: 3 files that rules keep back."
    found = await workspace.grep(SearchQuery("needle", tmp_path))
    assert (listed(tmp_path, found), found.note) == (["a:1:needle", "d:1:needle"], told)
    # The number tells nothing of what they hold.
    assert (await workspace.grep(SearchQuery("nowhere", tmp_path))).note == told
    assert (await workspace.grep(SearchQuery("needle", tmp_path, glob="*/b"))).note == (
        "Left out: 1 file that rules keep back."
    )
    assert (await workspace.grep(SearchQuery("needle", tmp_path, glob="a"))).note == ""
    files = await workspace.glob("**", tmp_path, 10)
    assert (listed(tmp_path, files), files.note) == (["a", "d"], told)
    assert [it.name for it in await workspace.entries(tmp_path)] == ["a", "d"]
    assert await workspace.kept_back(tmp_path) == 1
    named = await workspace.grep(SearchQuery("needle", tmp_path / "private/b"))
    assert (len(named.matches), named.note) == (1, "")


async def test_a_runaway_expression_is_ended(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"f": b"a" * 60 + b"b\n"})
    monkeypatch.setattr(search_module, "SECONDS", 0.5)
    workspace = make(tmp_path, None)
    workspace._search._seconds = 0.5
    began = monotonic()
    found = await workspace.grep(SearchQuery("(a+)+$", tmp_path))
    assert monotonic() - began < 5
    assert not found.complete
    assert "ended after" in found.note


@pytest.mark.parametrize("rg", ENGINES)
async def test_a_cancelled_search_ends(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(tmp_path, {"f": b"a" * 60 + b"b\n"})
    workspace = make(tmp_path, rg)
    for turns in range(8):
        task = asyncio.create_task(workspace.grep(SearchQuery("(a+)+$", tmp_path)))
        for _ in range(turns * 3):
            await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):  # ripgrep may be done already
            await task
    assert len((await workspace.glob("*", tmp_path, 9)).paths) == 1


@pytest.mark.parametrize("rg", ENGINES)
async def test_rules_above_the_folder_count(tmp_path: Path, make: Make, rg: str | None) -> None:
    plant(
        tmp_path,
        {
            ".gitignore": b"*.log\n/pkg/out/\n",
            "pkg/a.log": b"x\n",
            "pkg/out/b": b"x\n",
            "pkg/src/out/c": b"x\n",
            "pkg/k": b"x\n",
            ".git/HEAD": b"",
        },
    )
    for root, path in ((tmp_path, tmp_path / "pkg"), (tmp_path / "pkg", tmp_path / "pkg")):
        workspace = make(root, rg)
        assert listed(path, await workspace.grep(SearchQuery("x", path))) == ["k:1:x", "src/out/c:1:x"]
    (tmp_path / ".gitignore").write_bytes(b"*\n")
    assert len((await make(tmp_path / "pkg", rg).glob("*", tmp_path / "pkg", 9)).paths) == 4


GITIGNORES = ["*.log", "/b", "b/", "!b/c", "!*.log", "*", "!*/", "c", "d/**", "**/c", "x y"]
PATTERNS = ["a", "^a", "a$", "[ab]+", "é", "a b", r"\bb", "A", "B", r"\w\s\w", "^$", "a|é", "a.b"]
NAMES = st.sampled_from(["a", "b", "c", "a.log", "d", ".h", "x y", "ü", "Z", "a.b"])
CONTENT = st.lists(
    st.sampled_from([b"a", b"b", b" ", b"\n", b"\r\n", "é".encode(), b"A", b"\0", b"\xe9", b"\t", b"B"]),
    max_size=12,
).map(b"".join)
TREES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), CONTENT, max_size=10)
RULES = st.lists(st.sampled_from(GITIGNORES), max_size=3).map(lambda lines: "\n".join(lines).encode())


@pytest.mark.skipif(RG is None, reason="ripgrep is not installed")
@given(
    tree=TREES, rules=st.dictionaries(st.sampled_from(["", "b/", "c/", "b/c/"]), RULES, max_size=3), kept=RULES,
    pattern=st.sampled_from(PATTERNS), glob=st.sampled_from([None, "*.log", "b/**", "*", "**/c", "{a,b}*"]),
    where=st.sampled_from(["", "b", "b/c"]), ignore_case=st.booleans(), opened=TREES, limit=st.sampled_from([1, 3, 200]),
)  # fmt: skip
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_both_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes], rules: dict[str, bytes], kept: bytes, pattern: str,
    glob: str | None, where: str, ignore_case: bool, opened: dict[str, bytes], limit: int,
) -> None:  # fmt: skip
    root = tmp_path_factory.mktemp("tree")
    for name, data in {
        **tree,
        **{f"{folder}.gitignore": lines for folder, lines in rules.items()},
        ".postilignore": kept,
    }.items():
        try:
            plant(root, {name: data})
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
    if pattern == "a.b" and any(b"\xe9" in data for data in (*tree.values(), *opened.values())):
        return  # to ripgrep a byte that is not UTF-8 is no character
    with suppress(FileExistsError, NotADirectoryError):
        (root / where).mkdir(parents=True, exist_ok=True)
    editor = Documents(
        {
            root / name: data.decode("utf-8", "surrogateescape")
            for name, data in opened.items()
            if not (root / name).is_dir()
        }
    )

    async def answers(rg: str | None) -> object:
        workspace = LocalWorkspace([root], editor, rg=rg)
        try:
            query = SearchQuery(pattern, root / where, glob, ignore_case=ignore_case, limit=limit)
            return await workspace.grep(query), await workspace.glob(glob or "**", root / where, limit)
        except ToolError as error:
            return str(error)
        finally:
            workspace.close()

    assert asyncio.run(answers(RG)) == asyncio.run(answers(None))
    shutil.rmtree(root)


def test_the_child_starts_light() -> None:
    """What it imports is what every search without ripgrep waits for."""
    import subprocess

    code = engines._SCAN.replace(
        "; main()",
        "; print([name for name in sys.modules if 'postil' in name or name in {'asyncio', 'pydantic'}])",
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout.replace("'", '"')) == [
        "postil",
        "postil.workspace",
        "postil.workspace.search",
        "postil.workspace.search.scan",
    ]
