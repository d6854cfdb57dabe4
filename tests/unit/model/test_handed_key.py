"""A key that an editor keeps: it is used while it is handed over, and the next call has the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.errors import ConfigurationError
from postil.model import keys as stored
from postil.model.anthropic import AnthropicModel
from postil.model.keys import Keys

ELSEWHERE = "https://model.invalid"


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(stored, "_keyring", lambda: None)


def test_it_comes_before_a_stored_one_and_is_never_written(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "config")
    keys.set("of-the-file")
    keys.hand_over("of-the-editor")
    assert (keys.get(), keys.place()) == ("of-the-editor", "editor")
    assert keys.file.read_text("utf-8") == "of-the-file\n"
    keys.hand_over(None)
    assert (keys.get(), keys.place()) == ("of-the-file", "file")


@pytest.mark.parametrize("key", ["", "  ", "two words", "schlüssel", "a\nb"])
def test_what_is_no_key_changes_nothing(key: str, tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.hand_over("good")
    with pytest.raises(ConfigurationError, match="not a key"):
        keys.hand_over(key)
    assert (keys.get(), keys.handed_over) == ("good", 1)


async def test_the_next_call_has_the_newest_and_the_one_that_runs_is_left_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    model = AnthropicModel(keys=keys, base_url=ELSEWHERE)
    keys.hand_over("first")
    first = await model._ready()
    assert first.api_key == "first"
    assert await model._ready() is first
    keys.hand_over("first")
    assert await model._ready() is first
    keys.hand_over("second")
    second = await model._ready()
    assert second.api_key == "second"
    assert not first.is_closed()
    await model.close()
    assert first.is_closed()
    assert second.is_closed()
