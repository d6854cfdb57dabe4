"""`fetch`: the address that is judged, and the text that comes of a page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from postil.core.effects import Access, Fact
from postil.core.errors import InvalidInput, NotText, ToolError
from postil.core.origin import Source
from postil.core.ports import Nowhere, Page, Reach
from postil.tools.page_text import charset, text_of
from tests.unit.tools.calling import Desk, desk

LONG = "word " * 10_000


class Pages:
    """Answers with pages, and keeps what it was asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []

    async def get(self, url: str, reach: Reach) -> Page:
        assert isinstance(reach, Nowhere)  # fail-closed where nobody says otherwise
        self.asked.append(url)
        return replace(self.page, url=url, hosts=self.page.hosts or ("docs.org",))


def page(body: str | bytes, content_type: str = "text/plain", **more: object) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return replace(Page("", 200, content_type, body=data), **more)


def at(answer: Page) -> tuple[Desk, Pages]:
    it, web = desk(), Pages(answer)
    it.web = web
    return it, web


async def test_fetch_says_what_it_would_request_and_requests_nothing() -> None:
    it, web = at(page("Hello."))
    invocation = await it.prepare("fetch", url=" https://Docs.org:443/a b".replace(" b", "?q=ü#part"))
    url = "https://docs.org/a?q=%C3%BC"
    assert (invocation.title, invocation.kind) == (f"Fetch {url}", "fetch")
    assert invocation.access == Access(hosts=(url,))
    assert invocation.access.effect_class == "network"
    assert invocation.preview.subject == url
    assert invocation.preview.facts == (Fact(name="sends", text="this address, to docs.org"),)
    assert not web.asked
    result = await it.run(invocation)
    assert result.content == f"[{url}: 200 OK, text/plain]\n\nHello."
    assert result.sources == (Source(origin="network", name="docs.org"),)
    assert (result.is_error, result.details) == (False, {"status": 200, "characters": 6, "bytes": 6})
    assert web.asked == [url]


@pytest.mark.parametrize(
    "url",
    [
        "docs.org", "ftp://docs.org/", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///a", "https://me@docs.org/",
        "https://me:secret@docs.org/", "https://docs.org\\@evil.org/", "https://docs.org/a b", "https://docs.org/\u202e", "http://[::1/",
        "https://docs.org:99999/", "https://docs.org/\n", "data:text/plain,x", "https://.org/",
    ],
)  # fmt: skip
async def test_what_is_no_plain_address(url: str) -> None:
    it, web = at(page(""))
    if url.endswith("\n"):
        assert (await it.prepare("fetch", url=url)).access.hosts == ("https://docs.org/",)
        return
    with pytest.raises(InvalidInput, match="The address cannot be fetched"):
        await it.prepare("fetch", url=url)
    assert not web.asked


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTP://Docs.ORG", "http://docs.org/"),
        ("https://docs.org.:443/", "https://docs.org/"),
        ("http://docs.org:8080/%7Ea", "http://docs.org:8080/%7Ea"),
        ("https://d\u043ecs.org/", "https://xn--dcs-sed.org/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
    ],
)
async def test_the_address_is_judged_in_one_form(url: str, wanted: str) -> None:
    it, _ = at(page(""))
    assert (await it.prepare("fetch", url=url)).access.hosts == (wanted,)


async def test_long_pages_come_in_pieces() -> None:
    it, _ = at(page(LONG))
    first = await it.call("fetch", url="https://docs.org/")
    assert "[Characters 1 to 25,000 of 50,000; to go on, fetch it with start=25001.]" in first.content
    second = await it.call("fetch", url="https://docs.org/", start=25_001)
    pieces = [it.content.partition("]\n\n")[2] for it in (first, second)]
    assert "".join(pieces) == LONG
    with pytest.raises(InvalidInput, match="50001 is past its end"):
        await it.call("fetch", url="https://docs.org/", start=50_001)


async def test_a_secret_is_taken_out_before_the_text_is_cut() -> None:
    secret = "ghp_" + "a1B2" * 9
    it, _ = at(page("x" * 24_980 + " " + secret + " end"))
    for start in (1, 24_990):
        result = await it.call("fetch", url="https://docs.org/", start=start)
        assert "a1B2a1" not in result.content


async def test_an_error_of_the_server_is_told_with_its_text() -> None:
    it, _ = at(page("Gone for good.", status=410))
    result = await it.call("fetch", url="https://docs.org/")
    assert (result.is_error, result.content) == (
        True,
        "[https://docs.org/: 410 Gone, text/plain]\n\nGone for good.",
    )


async def test_a_redirect_elsewhere_is_told_and_is_no_page() -> None:
    it, _ = at(Page("", 302, leads_to="https://evil.org/x", why="no rule allows the host evil.org"))
    result = await it.call("fetch", url="https://docs.org/")
    assert result.is_error
    assert result.content == (
        "https://docs.org/ redirects to https://evil.org/x, which was not requested: no rule allows the host evil.org. "
        "Fetch that address if you need it."
    )


async def test_without_a_network() -> None:
    with pytest.raises(ToolError, match="There is no network here"):
        await desk().call("fetch", url="https://docs.org/")


HTML = """<!DOCTYPE html><html><head><title>Guide</title><style>p {}</style></head><body>
<nav><a href="/home">Home</a></nav>
<main><h1>Start</h1><p>Use <code>run()</code> &amp; see <a href="/more">more</a>.</p><pre><code>x = 1
  y = 2</code></pre><ul><li>one</li><li>two</li></ul><table><tr><th>a</th></tr><tr><td>1</td></tr></table>
<script>alert("no")</script><img src="https://evil.org/p.png" alt="a picture"><p>FILLER</p></main>
<footer>All rights</footer></body></html>""".replace("FILLER", "Some more words. " * 20)


def test_html_becomes_markdown_without_what_stands_around_it() -> None:
    text = text_of(page(HTML, "text/html"))
    assert text.startswith("# Guide\n\n# Start\n\nUse `run()` & see [more](/more).")
    assert "```\nx = 1\n  y = 2\n```" in text
    assert "- one\n- two" in text
    assert "| a |" in text
    for absent in ("Home", "All rights", "alert", "evil.org", "p {}"):
        assert absent not in text


def test_a_page_without_a_main_part_loses_what_stands_around_it() -> None:
    text = text_of(page(HTML.replace("main>", "div>"), "text/html"))
    assert "# Start" in text
    assert "Home" not in text


def test_html_in_its_encoding() -> None:
    body = '<html><head><meta charset="iso-8859-1"></head><body><p>Gr\xfc\xdfe</p></body></html>'.encode(
        "latin-1"
    )
    assert text_of(page(body, "text/html")) == "Grüße"
    assert text_of(page("<p>Grüße</p>".encode("utf-16"), "text/html")) == "Grüße"
    assert text_of(page("<p>Gr\xfc\xdfe</p>".encode("latin-1"), "text/html", charset="latin-1")) == "Grüße"
    assert text_of(page("<html><p>ok", "")) == "ok"


UNITS = [
    "<div>",
    "<b><i>",
    "<ul><li>",
    "<table><tr><td>",
    "<a href='x'>",
    "<!--",
    "<pre>",
    "<main>",
    "<a href=x>y</a>",
    "<nav>",
    "</p>",
    "<",
]


@pytest.mark.parametrize("unit", UNITS)
def test_html_that_is_nested_without_end_is_told_all_the_same(unit: str) -> None:
    text = text_of(page("<p>Hello</p>" + unit * 20_000 + "there", "text/html"))
    assert text.startswith("Hello")


def test_lists_and_links_that_lead_nowhere() -> None:
    html = (
        "<html><body><ol><li>one<ul><li>inner</li></ul></li><li>two</li></ol><a href='#top'>up</a> <a href='javascript:x'>no</a>"
        "<a href='/p'><img src='x'></a><dl><dt>word<dd>meaning</dl>a<br>b<hr><pre>x  y\n z</pre></body></html>"
    )
    wanted = "1. one\n  - inner\n2. two\n\nup no\n\nword\n: meaning\n\na\nb\n\n---\n\n```\nx  y\n z\n```"
    assert text_of(page(html, "text/html")) == wanted


@pytest.mark.parametrize(
    ("body", "named", "text"),
    [
        ("Grüße".encode(), "", "Grüße"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("latin-1"), "ISO-8859-1", "Grüße"),
        ("Grüße".encode("utf-16"), "", "Grüße"),
        (b"\xef\xbb\xbfa", "latin-1", "a"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        (b"a\xff", "utf-8", "a\ufffd"),
        (b"plain", "no-such-charset", "plain"),
        (b"+AGE-", "utf-7", "+AGE-"),
        (b"789c", "hex", "789c"),
    ],
)
def test_text_in_its_encoding(body: bytes, named: str, text: str) -> None:
    assert text_of(page(body, charset=named)) == text


@pytest.mark.parametrize("name", ["zip", "rot13", "base64", "idna", "unicode_escape", "x\0y", "a" * 500, ""])
def test_what_is_no_encoding_of_text(name: str) -> None:
    assert charset(name) is None


def test_the_beginning_of_a_body_may_end_within_a_character() -> None:
    assert text_of(page("Grüß".encode()[:-1], whole=False)) == "Grü\ufffd"


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.x+json"])
def test_json_in_one_line_gets_lines(kind: str) -> None:
    text = text_of(page(json.dumps({"a": [1, 2]}), kind))
    assert text == '{\n "a": [\n  1,\n  2\n ]\n}'
    assert text_of(page("[" * 100_000, kind)) == "[" * 100_000


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "application/zip", "application/octet-stream", "video/mp4"]
)
def test_what_is_no_text_is_not_read(kind: str) -> None:
    with pytest.raises(NotText, match=kind):
        text_of(page(b"%PDF", kind))


def test_what_only_says_that_it_is_text() -> None:
    with pytest.raises(NotText, match="no text, whatever it says"):
        text_of(page(b"a\0b"))
