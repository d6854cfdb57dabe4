"""Pairs of files, before and after: of the standard library, of two releases of a package, and made up to be awkward."""

from __future__ import annotations

import codecs
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Literal

from tests.support.text_changes import SCRIPTS, changed, cr, crlf, mixed, odd, strange, tabs

Place = Literal["closed", "open", "dirty"]
ASCII = "abcdefgh (),.:=+_ "
WORLD = "aé ß漢字かな한글🎈👩‍👩‍👧e\u0301\t"
LARGEST = 14_000


@dataclass(frozen=True, slots=True)
class Form:
    """How a text stands on the disk, written without the server's own idea of it."""

    encoding: str = "utf-8"
    mark: bytes = b""
    errors: str = "strict"

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text."""
        return self.mark + text.encode(self.encoding, self.errors)


UTF8 = Form(errors="surrogateescape")
HALVES = Form(errors="surrogatepass")
"""For what JavaScript lets into a buffer: half a character."""
FORMS = (
    Form("utf-8", codecs.BOM_UTF8),
    Form("utf-16-le", codecs.BOM_UTF16_LE),
    Form("utf-16-be", codecs.BOM_UTF16_BE),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One file's way from a text to another; None stands for no file."""

    kind: str
    name: str
    before: str | None
    after: str | None
    form: Form = UTF8
    place: Place = "closed"
    saved: str | None = None
    """What the disk has at first, where the document is open and holds typing that is not saved."""
    renamed: str | None = None
    """The name that the file gets by a command before it is edited."""

    @property
    def at_first(self) -> bytes | None:
        """The bytes that the file has at first."""
        text = self.before if self.saved is None else self.saved
        return None if text is None else self.form.encode(text)

    @property
    def expected(self) -> bytes | None:
        """The bytes that the file has to end in."""
        return None if self.after is None else self.form.encode(self.after)

    def back(self) -> Pair:
        """Return the way back, for a file that was saved."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            saved=None,
            renamed=None,
            name=self.renamed or self.name,
        )


@dataclass
class Maker:
    """Gives each pair a name and a place, and makes the same pairs on every run."""

    rng: Random = field(default_factory=lambda: Random(20261121))
    count: int = 0

    def pair(
        self, kind: str, before: str | None, after: str | None, form: Form = UTF8, place: Place | None = None
    ) -> Pair:
        """Return a pair; its place is drawn, except that what is no file yet is not open."""
        self.count += 1
        name = f"{kind.replace(' ', '-')}/{self.count:03d}.txt"
        if before is None or after is None:
            return Pair(kind, name, before, after, form)
        place = place or self.rng.choice(("closed", "closed", "open", "dirty"))
        saved = changed(before, self.rng, ASCII) if place == "dirty" else None
        return Pair(kind, name, before, after, form, place, saved)


def all_pairs() -> list[Pair]:
    """Return every pair, in an order that mixes the kinds."""
    maker = Maker()
    pairs = [
        *releases(maker),
        *of_library(maker),
        *styled(maker),
        *encoded(maker),
        *corners(maker),
        *halves(maker),
        *wide(maker),
        *moved(maker),
    ]
    maker.rng.shuffle(pairs)
    return pairs


def library_texts(rng: Random) -> list[str]:
    """Return files of the standard library, in a random order that is always the same."""
    folder = Path(sysconfig.get_path("stdlib"))
    paths = sorted([*folder.glob("*.py"), *folder.glob("asyncio/*.py"), *folder.glob("email/*.py")])
    rng.shuffle(paths)
    texts = (path.read_bytes() for path in paths if 500 < path.stat().st_size < LARGEST)
    return [text for data in texts if "{{" not in (text := data.decode("utf-8", "replace"))]


def of_library(maker: Maker) -> Iterator[Pair]:
    """Real files with changes at random, and real files that become their siblings."""
    texts = library_texts(maker.rng)
    for text in texts[:60]:
        yield maker.pair("library", text, changed(text, maker.rng, ASCII))
    for one, other in zip(texts[60:68], texts[68:76], strict=True):
        yield maker.pair("other file", one, other)


def releases(maker: Maker) -> Iterator[Pair]:
    """Two releases of a package where pip brings an old one of what is installed; more where more is found."""
    folder = Path(sysconfig.get_path("purelib"))
    found = sorted(folder.glob("pip/_vendor/**/*.py")) + sorted(folder.glob("setuptools/_vendor/**/*.py"))
    pairs: list[tuple[str, str]] = []
    for old in found:
        new = folder / old.relative_to(next(it for it in old.parents if it.name == "_vendor"))
        if new.is_file() and max(old.stat().st_size, new.stat().st_size) < LARGEST:
            texts = old.read_bytes().decode("utf-8", "replace"), new.read_bytes().decode("utf-8", "replace")
            if texts[0] != texts[1] and not any("{{" in text for text in texts):
                pairs.append(texts)
    for before, after in islice(pairs, 40):
        yield maker.pair("release", before, after)


def styled(maker: Maker) -> Iterator[Pair]:
    """Every kind of line ending and of odd characters, changed and converted."""
    texts = cycle(library_texts(maker.rng)[:25])
    for style, kind in ((crlf, "crlf"), (cr, "cr"), (mixed, "mixed"), (odd, "odd breaks"), (tabs, "tabs")):
        for _ in range(9):
            before = style(next(texts), maker.rng)
            after = changed(before, maker.rng, WORLD if maker.rng.random() < 0.4 else ASCII)
            yield maker.pair(kind, before, crlf(after, maker.rng) if style is crlf else after)
    for _ in range(4):
        text = next(texts)[:1500]
        yield maker.pair("to crlf", text, crlf(text, maker.rng))
        yield maker.pair("to lf", crlf(text, maker.rng), text)
        yield maker.pair("to spaces", tabs(text, maker.rng), text)


def encoded(maker: Maker) -> Iterator[Pair]:
    """Marks, UTF-16, and files whose encoding nobody knows."""
    texts = cycle(library_texts(maker.rng)[25:50])
    for form in FORMS:
        for number in range(10):
            before = strange(next(texts), maker.rng)
            before = crlf(before, maker.rng) if number % 2 else before
            after = changed(before, maker.rng, WORLD)
            yield maker.pair(
                f"{form.encoding} mark", before, crlf(after, maker.rng) if number % 2 else after, form
            )
    for number in range(8):
        # Bytes that are not UTF-8 stand in lines that nobody touches.
        lines = [f"{line} # {i}\n" for i, line in enumerate(next(texts).splitlines()) if line.isascii()]
        head, tail = lines[:20], lines[20:]
        foreign = "caf\udce9 \udcfc\udcdf\n" if number % 2 else "na\udcefve \udc93quoted\udc94\n"
        after = changed("".join(tail), maker.rng, ASCII)
        yield maker.pair(
            "unknown bytes",
            "".join([*head, foreign, *tail]),
            "".join([*head, foreign, after]),
            place="closed",
        )
    for encoding in ("latin-1", "cp1252", "latin-1", "cp1252"):
        before = next(texts) + "# naïve café ß\n"
        before = before.encode("ascii", "ignore").decode() + "# naïve ß\n"
        yield maker.pair("latin in the editor", before, before + "# größer\n", Form(encoding), "open")


def corners(maker: Maker) -> Iterator[Pair]:
    """What is small, empty, long, all alike, or ends without a line's end."""
    bulk = "".join(f"row {i} 値 {i * i}\n" for i in range(12_000))
    flat = "var a=1;" * 8_000 + "the_end()" + "b=2;漢" * 5_000
    same = "x = 1\n\n" * 60
    for before, after in (
        ("", "a"), ("", "a\nb\n"), ("a", ""), ("a\nb\n", ""), ("a", "b"), ("\n", ""), ("\n", "\n\n"), ("a", "a\n"),
        ("a\n", "a"), ("a\r\n", "a"), ("a", "a\r\n"), ("\r", "\n"), ("\r\n", "\r"), ("\n\r\n\r", "\r\n\r\n"),
        ("\r\r\n", "\r\n"), ("a\r\rb", "a\rb"), ("\f", "\f\f\n"), ("\u2028", "\u2028\u2029\x85\n"),
        ("🎈", "🎈🎈"), ("👩‍👩‍👧 x", "👩‍👧 x"), ("é", "e\u0301"), ("a\n\n\n\n", "\n\n\n\na"), ("漢字\n", "漢\n字\n"),
        (same, same.replace("x = 1", "x = 2", 1)), (same, same[:-7] + "y = 1\n"), (same, same + "x = 1"),
        (bulk, bulk.replace("row 7 ", "row seven ").replace("row 11999 ", "last ")),
        (flat, flat.replace("the_end()", "the_end('漢')")), ("\t\ta\n  \n", "a\n"), ("a" * 3000, "a" * 2999 + "b"),
    ):  # fmt: skip
        yield maker.pair("corner", before, after)


def halves(maker: Maker) -> Iterator[Pair]:
    """Half a character in a buffer, beside the edit and beyond it."""
    for before, after in (
        ("x = '\ud83d'\nend\n", "x = '\ud83d'\nfin\n"),
        ("\ude00 and then the end", "\ude00 and then the fin"),
        ("a\ud83d🎈 and then more 🎈", "a\ud83d🎈 and then more 🎈🎈"),
    ):
        yield maker.pair("half", before, after, HALVES, "open")


def wide(maker: Maker) -> Iterator[Pair]:
    """Edits behind characters that take another number of units in each encoding, in open documents."""
    for number in range(12):
        lines = [f"{maker.rng.choice(SCRIPTS)}\f{maker.rng.choice(SCRIPTS)} word{i} 🎈\n" for i in range(30)]
        before = mixed("".join(lines), maker.rng) if number % 2 else "".join(lines)
        after = before
        for i in maker.rng.sample(range(30), 5):
            after = after.replace(f" word{i} ", f" wörd🎈{i} " if i % 2 else " ")
        yield maker.pair("wide", before, after, place=maker.rng.choice(("open", "dirty")))


def moved(maker: Maker) -> Iterator[Pair]:
    """Files that come, go and get other names."""
    texts = library_texts(maker.rng)[50:]
    for number, text in enumerate(texts[:12]):
        text = crlf(text, maker.rng) if number % 3 == 1 else strange(text, maker.rng)
        yield maker.pair("creation", None, text.rstrip() if number % 3 == 2 else text)
    for text in (*texts[12:17], ""):
        yield maker.pair("deletion", text, None)
    for text, new in zip(
        texts[17:23], ("a b.txt", "#x%20.txt", "größe 漢 🎈.txt", "R.TXT", "é?.txt", "-x.txt"), strict=True
    ):
        pair = maker.pair("rename", text, changed(text, maker.rng, WORLD), place="closed")
        yield replace(pair, renamed=f"{Path(pair.name).parent}/{pair.name[-7:-4]}{new}")
        upper = maker.pair("case rename", text, changed(text, maker.rng, ASCII), place="closed")
        yield replace(upper, renamed=f"{Path(upper.name).parent}/{Path(upper.name).name.upper()}")
