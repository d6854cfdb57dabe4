"""Pairs of files, before and after: files as people keep them, two releases of a program, and what is awkward.

Each kind is drawn from a generator of its own, and of nothing that is installed: the pairs are the same everywhere.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Literal

from tests.support import made_texts
from tests.support.edit_calls import can_be_said
from tests.support.text_changes import SCRIPTS, changed, cr, crlf, mixed, odd, strange, tabs

Place = Literal["closed", "open", "dirty"]
ASCII = "abcdefgh (),.:=+_ "
WORLD = "aé ß漢字かな한글🎈👩‍👩‍👧e\u0301\t"


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
    """The name that the file gets before it is edited."""

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
    """Makes the pairs of one kind: the same on every run and every machine, whatever other kinds there are."""

    kind: str
    count: int = 0
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.kind)

    def text(self) -> str:
        """Return a text as people keep them."""
        return made_texts.text(self.rng)

    def pair(
        self, before: str | None, after: str | None, form: Form = UTF8, place: Place | None = None
    ) -> Pair:
        """Return a pair; its place is drawn, except that what is no file yet, or no more, is not open."""
        self.count += 1
        name = f"{self.kind.replace(' ', '-')}/{self.count:03d}.txt"
        if before is None or after is None:
            return Pair(self.kind, name, before, after, form)
        place = place or self.rng.choice(("closed", "closed", "open", "dirty"))
        saved = changed(before, self.rng, ASCII) if place == "dirty" else None
        return Pair(self.kind, name, before, after, form, place, saved)


def all_pairs() -> list[Pair]:
    """Return every pair, in an order that mixes the kinds."""
    pairs = [
        *people(),
        *styled(),
        *encoded(),
        *unknown(),
        *corners(),
        *halves(),
        *wide(),
        *come_and_gone(),
        *renamed(),
    ]
    Random("order").shuffle(pairs)
    return pairs


def people() -> Iterator[Pair]:
    """Files with changes at random, files that become others, and two releases of a program."""
    changes = Maker("changed")
    for _ in range(60):
        text = changes.text()
        yield changes.pair(text, changed(text, changes.rng, ASCII))
    others = Maker("other file")
    for _ in range(8):
        yield others.pair(others.text(), others.text())
    releases = Maker("release")
    for _ in range(24):
        yield releases.pair(*made_texts.two_releases(releases.rng))


def styled() -> Iterator[Pair]:
    """Every kind of line ending and of odd characters, changed and converted."""
    for style, kind in ((crlf, "crlf"), (cr, "cr"), (mixed, "mixed"), (odd, "odd breaks"), (tabs, "tabs")):
        maker = Maker(kind)
        for _ in range(9):
            before = style(maker.text(), maker.rng)
            after = changed(before, maker.rng, WORLD if maker.rng.random() < 0.4 else ASCII)
            yield maker.pair(before, crlf(after, maker.rng) if style is crlf else after)
    for kind in ("to crlf", "to lf", "to spaces"):
        maker = Maker(kind)
        for _ in range(4):
            text = made_texts.program(maker.rng)[:1500]
            style = tabs if kind == "to spaces" else crlf
            pair = maker.pair(style(text, maker.rng), text)
            yield pair.back() if kind == "to crlf" else pair


def encoded() -> Iterator[Pair]:
    """Marks, UTF-16, and what an editor shows of files in an older encoding."""
    for form in FORMS:
        maker = Maker(f"{form.encoding} mark")
        for number in range(10):
            before = strange(maker.text(), maker.rng)
            before = crlf(before, maker.rng) if number % 2 else before
            after = changed(before, maker.rng, WORLD)
            yield maker.pair(before, crlf(after, maker.rng) if number % 2 else after, form)
    maker = Maker("latin in the editor")
    for encoding in ("latin-1", "cp1252", "latin-1", "cp1252"):
        before = maker.text() + "\n# naïve ß\n"
        yield maker.pair(before, before + "# größer\n", Form(encoding), "open")


def unknown() -> Iterator[Pair]:
    """Files whose encoding nobody knows: the bytes that are not UTF-8 stand in lines that nobody touches."""
    maker = Maker("unknown bytes")
    said = 0
    while said < 12:
        foreign = "caf\udce9 \udcfc\udcdf\n" if said % 2 else "na\udcefve \udc93quoted\udc94\n"
        head, tail = made_texts.program(maker.rng) + foreign, made_texts.program(maker.rng)
        pair = maker.pair(head + tail, head + changed(tail, maker.rng, ASCII), place="closed")
        # What can be told apart by those bytes alone nobody can ask for: then another is drawn.
        if all(can_be_said(it.name, it.before or "", it.after or "") for it in (pair, pair.back())):
            said += 1
            yield pair


def corners() -> Iterator[Pair]:
    """What is small, empty, long, all alike, or ends without a line's end."""
    bulk = "".join(f"row {i} 値 {i * i}\n" for i in range(12_000))
    flat = "var a=1;" * 8_000 + "the_end()" + "b=2;漢" * 5_000
    same = "x = 1\n\n" * 60
    maker = Maker("corner")
    for before, after in (
        ("", "a"), ("", "a\nb\n"), ("a", ""), ("a\nb\n", ""), ("a", "b"), ("\n", ""), ("\n", "\n\n"), ("a", "a\n"),
        ("a\n", "a"), ("a\r\n", "a"), ("a", "a\r\n"), ("\r", "\n"), ("\r\n", "\r"), ("\n\r\n\r", "\r\n\r\n"),
        ("\r\r\n", "\r\n"), ("a\r\rb", "a\rb"), ("\f", "\f\f\n"), ("\u2028", "\u2028\u2029\x85\n"),
        ("🎈", "🎈🎈"), ("👩‍👩‍👧 x", "👩‍👧 x"), ("é", "e\u0301"), ("a\n\n\n\n", "\n\n\n\na"), ("漢字\n", "漢\n字\n"),
        (same, same.replace("x = 1", "x = 2", 1)), (same, same[:-7] + "y = 1\n"), (same, same + "x = 1"),
        (bulk, bulk.replace("row 7 ", "row seven ").replace("row 11999 ", "last ")),
        (flat, flat.replace("the_end()", "the_end('漢')")), ("\t\ta\n  \n", "a\n"), ("a" * 3000, "a" * 2999 + "b"),
    ):  # fmt: skip
        yield maker.pair(before, after)


def halves() -> Iterator[Pair]:
    """Half a character in a buffer, beside the edit and beyond it."""
    maker = Maker("half")
    for before, after in (
        ("x = '\ud83d'\nend\n", "x = '\ud83d'\nfin\n"),
        ("\ude00 and then the end", "\ude00 and then the fin"),
        ("a\ud83d🎈 and then more 🎈", "a\ud83d🎈 and then more 🎈🎈"),
    ):
        yield maker.pair(before, after, HALVES, "open")


def wide() -> Iterator[Pair]:
    """Edits behind characters that take another number of units in each encoding, in open documents."""
    maker = Maker("wide")
    for number in range(12):
        lines = [f"{maker.rng.choice(SCRIPTS)}\f{maker.rng.choice(SCRIPTS)} word{i} 🎈\n" for i in range(30)]
        before = mixed("".join(lines), maker.rng) if number % 2 else "".join(lines)
        after = before
        for i in maker.rng.sample(range(30), 5):
            after = after.replace(f" word{i} ", f" wörd🎈{i} " if i % 2 else " ")
        yield maker.pair(before, after, place=maker.rng.choice(("open", "dirty")))


def come_and_gone() -> Iterator[Pair]:
    """Files that are made, and files of every form that are deleted."""
    maker = Maker("creation")
    for number in range(12):
        text = maker.text()
        text = crlf(text, maker.rng) if number % 3 == 1 else strange(text, maker.rng)
        yield maker.pair(None, text.rstrip() if number % 3 == 2 else text)
    maker = Maker("deletion")
    for form in (UTF8, UTF8, *FORMS):
        yield maker.pair(crlf(strange(maker.text(), maker.rng), maker.rng), None, form)
    for text in ("", "a", "\n", "caf\udce9\n", made_texts.table(maker.rng).rstrip()):
        yield maker.pair(text, None)


def renamed() -> Iterator[Pair]:
    """Files that get another name and are edited under it, and back."""
    maker = Maker("rename")
    for new in ("a b.txt", "#x%20.txt", "größe 漢 🎈.txt", "R.TXT", "é?.txt", "-x.txt", "deep/er/x.txt"):
        text = maker.text()
        pair = maker.pair(text, changed(text, maker.rng, WORLD), place="closed")
        yield replace(pair, renamed=f"{Path(pair.name).parent}/{pair.name[-7:-4]}{new}")
    maker = Maker("case rename")
    for form in (UTF8, UTF8, UTF8, *FORMS):
        text = crlf(maker.text(), maker.rng)
        pair = maker.pair(text, crlf(changed(text, maker.rng, ASCII), maker.rng), form, "closed")
        yield replace(pair, renamed=f"{Path(pair.name).parent}/{Path(pair.name).name.upper()}")
