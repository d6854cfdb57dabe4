"""Each kind of secret is found in its examples, and what is spared is left as it is."""

from __future__ import annotations

import pytest

from postil.core.redaction.kinds import KINDS, Kind
from postil.core.redaction.marks import mark
from postil.core.redaction.redact import redact
from tests.support.secrets import filled

EXAMPLES = [(kind, example) for kind in KINDS for example in kind.examples]
SPARED = [spared for kind in KINDS for spared in kind.spared]


@pytest.mark.parametrize(
    ("kind", "example"), EXAMPLES, ids=lambda it: it.name if isinstance(it, Kind) else it
)
def test_an_example_is_replaced(kind: Kind, example: str) -> None:
    for seed in range(5):
        text = filled(example, seed)
        found = redact(text)
        assert found.count >= 1, text
        assert mark(kind.name) in found.text, text
        assert not set(_places(example, seed)) & set(found.text.split())


@pytest.mark.parametrize("spared", SPARED)
def test_what_only_looks_like_it_is_left(spared: str) -> None:
    text = filled(spared)
    assert redact(text).text == text


def test_names_are_told_apart_and_every_kind_has_both() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind.examples, kind.name
        assert kind.spared, kind.name
        assert all(any(hint in filled(it) for hint in kind.hints) for it in kind.examples), kind.name


def _places(example: str, seed: int) -> list[str]:
    """Return the words of a filled example that are its secret alone."""
    plain = set(example.split())
    return [word for word in filled(example, seed).split() if len(word) >= 16 and word not in plain]
