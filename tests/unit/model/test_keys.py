"""Where the key is kept and found, who gets it, and that it is never shown."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from postil.core.errors import ConfigurationError, ModelError
from postil.model import keys as keys_module
from postil.model.anthropic import AnthropicModel
from postil.model.connect import PLACEHOLDER, connect, is_loopback, key_source
from postil.model.keys import Keys
from tests.unit.model.talk import talking

KEY = "sk-ant-api03-verysecret"


class Ring:
    """A keyring of one entry, which may be locked."""

    def __init__(
        self, *, locked: bool = False, deaf: bool = False, stuck: bool = False, value: str | None = None
    ) -> None:
        self.value = value
        self.stuck = stuck
        self.locked = locked
        self.deaf = deaf

    def get_password(self, service: str, name: str) -> str | None:
        if self.locked:
            raise RuntimeError("locked")
        return self.value

    def set_password(self, service: str, name: str, value: str) -> None:
        if self.locked or self.stuck:
            raise RuntimeError("locked")
        self.value = None if self.deaf else value

    def delete_password(self, service: str, name: str) -> None:
        if self.stuck:
            raise RuntimeError("stuck")
        self.value = None


def _with(ring: Ring, patch: pytest.MonkeyPatch) -> Ring:
    patch.setattr(keys_module, "_keyring", lambda: ring)
    return ring


def test_without_a_keyring_the_key_is_in_a_private_file(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "config" / "postil")
    assert (keys.get(), keys.place(), keys.clear()) == (None, None, ())
    assert keys.set(f" {KEY}\n") == "file"
    assert (keys.get(), keys.place()) == (KEY, "file")
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600
    assert keys.set("other-key") == "file"
    assert keys.get() == "other-key"
    assert (keys.clear(), keys.get()) == (("file",), None)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.set(KEY)
    keys.file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600") as caught:
        keys.get()
    assert KEY not in str(caught.value)


def test_a_keyring_is_preferred_and_the_file_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(tmp_path)
    assert keys.set("older") == "file"
    ring = _with(Ring(), monkeypatch)
    assert keys.set(KEY) == "keyring"
    assert (ring.value, keys.get(), keys.place(), keys.file.exists()) == (KEY, KEY, "keyring", False)
    assert keys.clear() == ("keyring",)
    assert keys.get() is None


@pytest.mark.parametrize("ring", [Ring(locked=True), Ring(deaf=True)])
def test_a_keyring_that_does_not_keep_it_is_none(
    ring: Ring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with(ring, monkeypatch)
    keys = Keys(tmp_path)
    assert keys.set(KEY) == "file"
    assert keys.get() == KEY


def test_the_old_key_is_there_until_the_new_one_is_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(tmp_path / "config")
    keys.set("older")
    monkeypatch.setattr(keys, "_folder", tmp_path / "file" / "config")
    (tmp_path / "file").write_text("where a folder should be")
    ring = _with(Ring(value="in the ring", stuck=True), monkeypatch)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        keys.set(KEY)
    assert (ring.value, keys.get()) == ("in the ring", "in the ring")
    monkeypatch.undo()
    assert keys.get() == "older"


def test_an_older_key_that_would_come_first_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _with(Ring(value="older", stuck=True), monkeypatch)
    with pytest.raises(ConfigurationError, match=r"keyring could not be removed \(RuntimeError\)") as caught:
        Keys(tmp_path).set(KEY)
    assert caught.value.mend == "Unlock the keyring and try again."
    assert KEY not in str(caught.value)
    assert Keys(tmp_path).file.read_text().strip() == KEY


def test_a_locked_keyring_is_no_missing_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    _with(Ring(locked=True), monkeypatch)
    for ask in (keys.get, keys.place, keys.clear):
        with pytest.raises(ConfigurationError, match=r"cannot be read \(RuntimeError\)") as caught:
            ask()
        assert "Unlock it" in caught.value.mend


@pytest.mark.parametrize("key", ["", "  ", "two words", "two\nlines", "schlüssel"])
def test_what_is_no_key(key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Keys(tmp_path).set(key)


async def _missing(keys: Keys) -> ModelError:
    async with talking([], keys=keys, base_url=None) as talk:
        return await talk.fails()


async def test_a_missing_key_is_one_sentence_and_its_mend(tmp_path: Path) -> None:
    error = await _missing(Keys(tmp_path))
    assert (error.kind, error.attempts) == ("missing_key", 1)
    assert str(error) == (
        'There is no key for the model\'s service. Run "postil key set", or set ANTHROPIC_API_KEY.'
    )


async def test_a_key_file_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.set(KEY)
    keys.file.chmod(0o644)
    error = await _missing(keys)
    assert (error.kind, "chmod 600" in error.mend) == ("missing_key", True)


async def test_warming_up_without_a_key_does_no_harm(tmp_path: Path) -> None:
    model = AnthropicModel(keys=Keys(tmp_path))
    await model.warm()
    await model.close()


def _key(keys: Keys, base_url: str | None = None, api_key: str | None = None) -> str | None:
    client = connect(base_url, api_key, keys.get, 60)
    return client.api_key or client.auth_token


def test_whose_key_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    keys.set("stored")
    assert _key(keys) == "stored"
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")
    assert _key(keys) == "token"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "environment")
    assert _key(keys) == "environment"
    assert _key(keys, api_key="given") == "given"


def test_a_profile_of_the_sdk_comes_before_the_stored_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(tmp_path)
    keys.set("stored")
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", "identity")
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "organization")
    client = connect(None, None, keys.get, 60)
    assert client.credentials is not None
    assert client.api_key is None


def test_a_server_on_this_machine_gets_no_stored_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    keys.set("stored")
    local = "http://127.0.0.1:8080"
    assert _key(keys, local) == PLACEHOLDER
    monkeypatch.setenv("ANTHROPIC_BASE_URL", local)
    assert _key(keys) == PLACEHOLDER
    monkeypatch.setenv("ANTHROPIC_API_KEY", "environment")
    assert _key(keys) == "environment"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example.org")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert _key(keys) == "stored"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost/x", True),
        ("http://[::1]:9", True),
        ("http://127.0.0.1.example.org", False),
        ("https://api.example.org", False),
        ("", False),
        (None, False),
    ],
)
def test_what_is_on_this_machine(url: str | None, local: bool) -> None:
    assert is_loopback(url) is local


async def test_proxies_are_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with talking(["Hi."]) as talk:
        assert (await talk.reply()).message.text == "Hi."


async def test_a_wrong_key_is_said_and_never_shown(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking({"key": "right", "replies": ["Hi."]}, api_key=KEY) as talk:
        error = await talk.fails()
        assert (error.kind, error.message) == ("authentication", "The key was not accepted (401).")
        assert "postil key set" in error.mend
        assert talk.server.received == 0
    async with talking({"key": KEY, "replies": ["Hi."]}, api_key=KEY) as talk:
        await talk.reply()
        assert KEY not in repr(talk.server.requests)
    assert "verysecret" not in caplog.text + repr(error) + "".join(capfd.readouterr())


async def test_a_token_that_ran_out_is_fetched_anew_once() -> None:
    """Profiles and workload identities give tokens that expire; the service then says 401 once."""
    import anthropic
    from anthropic.lib.credentials import AccessToken

    def token(**_: Any) -> AccessToken:
        return AccessToken("token")

    refused = {"error": {"status": 401, "type": "authentication_error"}}
    async with talking([refused, "Hi.", {**refused, "times": 2}]) as talk:
        connected = await talk.model._ready()
        expiring = anthropic.AsyncAnthropic(credentials=token, base_url=talk.server.url, max_retries=0)
        talk.model._client = expiring
        assert (await talk.reply()).attempts == 2
        assert talk.model._client is not expiring
        assert (await talk.fails()).attempts == 1
        await connected.close()


def test_where_the_key_would_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(tmp_path)
    assert key_source(None, keys) is None
    keys.set(KEY)
    assert key_source(None, keys) == "file"
    assert key_source("http://localhost:8080", keys) == "local"
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "organization")
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", "identity")
    assert key_source(None, keys) == "sdk"
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert key_source(None, keys) == "environment"
