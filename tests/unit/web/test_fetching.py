"""What an address answers, over real connections on loopback: redirects, limits, and addresses that were not judged."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping, Sequence

import pytest

from postil.core.errors import ToolError
from postil.core.ports import Nowhere
from postil.web.fetching import Limits
from postil.web.reading import HttpWeb
from tests.support.web_server import HANG, answer, redirect, web_server


class Told:
    """A reach that says what a test tells it, and keeps what it was asked."""

    def __init__(self, redirects: Sequence[str] = (), refused: Mapping[str, str] | None = None) -> None:
        self.redirects = redirects
        self.refused = refused or {}
        self.asked: list[str] = []

    async def redirect(self, address: str) -> str:
        self.asked.append(address)
        return "" if address in self.redirects else "no rule"

    async def connect(self, host: str, ip: str, *, here: bool = False) -> str:
        self.asked.append(f"{host} {ip}{' here' if here else ''}")
        return self.refused.get("here" if here else ip, "")


class Names:
    """Names that lead where a test says, and may lead elsewhere at the next look."""

    def __init__(self, *looks: Sequence[str]) -> None:
        self.looks = list(looks)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del host, port
        if not self.looks:
            raise OSError("no such name")
        return self.looks.pop(0)


async def test_a_page_comes_as_it_is_answered() -> None:
    async with web_server({"/a?b=c": answer("Hello.", "text/plain; charset=utf-8")}) as served:
        page = await HttpWeb().get(served.url("/a?b=c"), Told())
    assert (page.status, page.content_type, page.charset) == (200, "text/plain", "utf-8")
    assert (page.body, page.whole, page.hosts) == (b"Hello.", True, ("localhost",))
    assert served.requests == ["GET /a?b=c HTTP/1.1"]
    assert served.headers[0]["host"] == f"localhost:{served.port}"
    assert "cookie" not in served.headers[0]


async def test_what_nobody_allows_is_not_even_connected_to() -> None:
    async with web_server({"/": answer("Hello.")}) as served:
        with pytest.raises(ToolError, match=r"It was not requested: nothing allows 127.0.0.1."):
            await HttpWeb().get(served.url("/", "127.0.0.1"), Nowhere())
    assert not served.requests


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    names = Names(["127.0.0.1"], ["203.0.113.9"])
    told = Told()
    async with web_server({"/": answer("Hello.")}) as served:
        page = await HttpWeb(resolve=names).get(served.url("/", "docs.example"), told)
    assert page.body == b"Hello."
    # Looked up once; that both ends are this machine is judged again.
    assert told.asked == ["docs.example 127.0.0.1", "docs.example 127.0.0.1 here"]
    assert len(names.looks) == 1
    assert served.headers[0]["host"] == f"docs.example:{served.port}"


async def test_a_name_that_leads_to_a_refused_address_is_not_requested() -> None:
    async with web_server({"/": answer("Hello.")}) as served:
        with pytest.raises(ToolError, match=r"It was not requested: private."):
            await HttpWeb(resolve=Names(["127.0.0.1"])).get(
                served.url("/", "docs.example"), Told(refused={"127.0.0.1": "private"})
            )
    assert not served.requests


async def test_of_several_addresses_those_that_may_be_reached_are_tried_in_order() -> None:
    names, told = Names(["10.0.0.1", "127.0.0.9", "127.0.0.1"]), Told(refused={"10.0.0.1": "private"})
    async with web_server({"/": answer("Hello.")}) as served:
        page = await HttpWeb(resolve=names).get(served.url("/", "docs.example"), told)
    assert page.body == b"Hello."


async def test_a_public_address_that_turns_out_to_be_this_machine_is_left() -> None:
    async with web_server({"/": answer("Hello.")}) as served:
        with pytest.raises(ToolError, match=r"It was not requested: this is us."):
            await HttpWeb(resolve=Names(["127.0.0.1"])).get(
                served.url("/", "docs.example"), Told(refused={"here": "this is us"})
            )
    assert not served.requests


async def test_a_redirect_on_the_same_host_is_followed() -> None:
    async with web_server({"/a": redirect("/b#part"), "/b": answer("There.")}) as served:
        told = Told()
        page = await HttpWeb().get(served.url("/a"), told)
    assert (page.body, page.url) == (b"There.", served.url("/b"))
    assert all(" " in it for it in told.asked)  # connections alone


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://other.example/x", "no rule"),
        ("//other.example/x", "no rule"),
        ("http://localhost:1/x", "no rule"),
        ("http://me@localhost:{port}/x", "no rule"),
        ("http://127.0.0.1:{port}/x", "no rule"),
        ("file:///etc/passwd", "it is no address of http or https"),
        ("javascript:alert(1)", "it is no address of http or https"),
    ],
)
async def test_a_redirect_elsewhere_is_an_answer_and_no_request(location: str, why: str) -> None:
    async with web_server() as served:
        target = location.format(port=served.port)
        served.answers["/a"] = redirect(target)
        page = await HttpWeb().get(served.url("/a"), Told())
    assert page.why == why
    assert page.leads_to == (f"http:{target}" if target.startswith("//") else target)
    assert (page.body, len(served.requests)) == (b"", 1)


async def test_a_redirect_that_a_rule_allows_is_followed_and_both_hosts_are_told() -> None:
    async with web_server({"/b": answer("There.")}) as served:
        target = served.url("/b", "other.localhost")
        served.answers["/a"] = redirect(target)
        web = HttpWeb(resolve=Names(["127.0.0.1"], ["127.0.0.1"]))
        page = await web.get(served.url("/a"), Told(redirects=[target]))
    assert (page.body, page.hosts) == (b"There.", ("localhost", "other.localhost"))


async def test_redirects_end() -> None:
    async with web_server({"/a": redirect("/a")}) as served:
        with pytest.raises(ToolError, match="localhost redirects on and on"):
            await HttpWeb(limits=Limits(redirects=3)).get(served.url("/a"), Told())
    assert len(served.requests) == 4


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b"Hello.", mtime=0), "gzip"),
        (zlib.compress(b"Hello."), "deflate"),
        (zlib.compress(b"Hello.")[2:-4], "deflate"),
        (b"Hello.", "identity"),
    ],
)
async def test_packed_bodies_are_unpacked(packed: bytes, encoding: str) -> None:
    async with web_server({"/": answer(packed, content_encoding=encoding)}) as served:
        assert (await HttpWeb().get(served.url("/"), Told())).body == b"Hello."


@pytest.mark.parametrize(
    ("packed", "encoding"), [(b"Hello.", "gzip"), (b"Hello.", "br"), (b"x", "gzip, gzip")]
)
async def test_what_cannot_be_unpacked_is_told(packed: bytes, encoding: str) -> None:
    async with web_server({"/": answer(packed, content_encoding=encoding)}) as served:
        with pytest.raises(ToolError, match="packed"):
            await HttpWeb().get(served.url("/"), Told())


async def test_a_bomb_is_read_up_to_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    async with web_server({"/": answer(bomb, content_encoding="gzip")}) as served:
        page = await HttpWeb(limits=Limits(body=100_000)).get(served.url("/"), Told())
    assert (len(page.body), page.whole) == (100_000, False)


async def test_what_does_not_answer_in_time_is_given_up() -> None:
    async with web_server({"/": HANG}) as served:
        with pytest.raises(ToolError, match=r"did not answer in full within 0.2 seconds"):
            await HttpWeb(limits=Limits(seconds=0.2)).get(served.url("/"), Told())
        await served.gone.wait()


async def test_cancelling_lets_go_of_the_connection() -> None:
    async with web_server({"/": HANG}) as served:
        task = asyncio.create_task(HttpWeb().get(served.url("/"), Told()))
        await served.asked.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await served.gone.wait()


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]
)
async def test_what_speaks_no_http_is_told(garbage: bytes) -> None:
    async with web_server({"/": garbage}) as served:
        with pytest.raises(ToolError, match="localhost cannot be read"):
            await HttpWeb().get(served.url("/"), Told())


async def test_nobody_there() -> None:
    async with web_server() as served:
        address = served.url("/")
    with pytest.raises(ToolError, match="localhost cannot be read"):
        await HttpWeb().get(address, Told())
    with pytest.raises(ToolError, match=r"the name nowhere.example cannot be resolved"):
        await HttpWeb(resolve=Names()).get("http://nowhere.example/", Told())


async def test_a_proxy_of_the_environment_gets_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async with web_server({"http://docs.example/a": answer("Hello.")}) as proxy:
        monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
        told = Told()
        page = await HttpWeb(resolve=Names(["203.0.113.9"])).get("http://docs.example/a", told)
        assert page.body == b"Hello."
        assert proxy.headers[0]["proxy-authorization"].startswith("Basic ")
        assert told.asked == ["docs.example 203.0.113.9"]
        # A name that nobody here knows is the proxy's to look up; one that leads to what is near is refused all the same.
        assert (await HttpWeb(resolve=Names()).get("http://docs.example/a", Told())).body == b"Hello."
        with pytest.raises(ToolError, match=r"It was not requested: private"):
            await HttpWeb(resolve=Names(["10.1.1.1", "203.0.113.9"])).get(
                "http://docs.example/a", Told(refused={"10.1.1.1": "private"})
            )
    assert len(proxy.requests) == 2


async def test_a_proxy_is_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with web_server({"/": answer("Hello.")}) as served:
        assert (await HttpWeb().get(served.url("/"), Told())).body == b"Hello."
        monkeypatch.setenv("no_proxy", ".example")
        page = await HttpWeb(resolve=Names(["127.0.0.1"])).get(served.url("/", "a.example"), Told())
        assert page.body == b"Hello."
