"""Content blocks become a prompt: links are mentions, what cannot be taken is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from acp.schema import (
    BlobResourceContents,
    EmbeddedResourceContentBlock,
    ImageContentBlock,
    ResourceContentBlock,
    TextContentBlock,
    TextResourceContents,
)

from postil.acp.content import prompt_of
from postil.core.errors import UsageError


def relative(path: Path) -> str:
    return str(path.relative_to("/w")) if path.is_relative_to("/w") else str(path)


def text(words: str) -> TextContentBlock:
    return TextContentBlock(type="text", text=words)


def link(uri: str, name: str = "it") -> ResourceContentBlock:
    return ResourceContentBlock(type="resource_link", name=name, uri=uri)


@pytest.mark.parametrize(
    ("uri", "written"),
    [
        ("file:///w/src/app.py", "@src/app.py"),
        ("file:///w/src/app.py#L10", "@src/app.py:10"),
        ("file:///w/src/app.py#L40-L10", "@src/app.py:10-40"),
        ("file:///w/src/app.py#L10:40", "@src/app.py:10"),
        ("file:///w/diff", "@./diff"),
        ("file:///w/a%20b.py", "`a b.py`"),
        ("file:///elsewhere/x.py", "`/elsewhere/x.py`"),
        ("https://example.org/x", "it (https://example.org/x)"),
    ],
)
def test_a_link_is_a_mention_where_it_can_be_written_so(uri: str, written: str) -> None:
    assert prompt_of([text("See"), link(uri), text("and go on.")], relative, "acp").text == (
        f"See {written} and go on."
    )


def test_what_the_client_attached_from_elsewhere_is_the_networks() -> None:
    block = EmbeddedResourceContentBlock(
        type="resource", resource=TextResourceContents(uri="https://example.org/x", text="words " * 10_000)
    )
    prompt = prompt_of([text("Read:"), block], relative, "acp")
    (attached,) = prompt.context
    assert attached.path == ""
    assert [it.origin for it in attached.sources] == ["network"]
    assert len(attached.text) == 40_000
    assert attached.note.startswith("cut: the first 40,000 of 60,000")


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [text("  \n")],
        [text("Look"), ImageContentBlock(type="image", data="aGk=", mime_type="image/png")],
        [
            text("Look"),
            EmbeddedResourceContentBlock(
                type="resource", resource=BlobResourceContents(uri="file:///w/x", blob="aGk=")
            ),
        ],
    ],
)
def test_what_cannot_be_taken_is_refused(blocks: list[Any]) -> None:
    with pytest.raises(UsageError):
        prompt_of(blocks, relative, "acp")
