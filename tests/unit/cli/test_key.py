"""`postil key`: the key is kept where only its owner can read it, and never shown."""

import stat
from pathlib import Path

import pytest

from tests.unit.cli.command import postil, postil_on_terminal

KEY = "sk-ant-test-0123456789abcdefghij"
RING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 1
    path = pathlib.Path(os.environ["RING"])

    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, username):
        return self._all().get(service + username)

    def set_password(self, service, username, password):
        self.path.write_text(json.dumps({**self._all(), service + username: password}))

    def delete_password(self, service, username):
        if os.environ.get("RING_LOCKED"):
            raise RuntimeError("locked, with " + self.get_password(service, username))
        self.path.write_text("{}")
"""


def key_file(home: Path) -> Path:
    return home / "config" / "key"


def test_set_and_clear_with_a_private_file(tmp_path: Path) -> None:
    said = postil("key", "set", home=tmp_path, data=f"{KEY}\nand more\n".encode())
    assert said.status == 0
    assert said.out == f"The key is kept in {key_file(tmp_path)}, which only you can read.\n"
    assert key_file(tmp_path).read_text().strip() == KEY
    assert stat.S_IMODE(key_file(tmp_path).stat().st_mode) == 0o600
    said = postil("key", "clear", home=tmp_path)
    assert said.status == 0
    assert said.out.startswith(f"The key was removed from {key_file(tmp_path)}")
    assert not key_file(tmp_path).exists()
    said = postil("key", "clear", home=tmp_path)
    assert (said.status, said.out) == (0, "No key was kept.\n")


def test_with_a_keyring_nothing_is_written_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "ring.py").write_text(RING)
    env = {
        "PYTHONPATH": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "ring.Ring",
        "RING": str(tmp_path / "ring.json"),
    }
    said = postil("key", "set", home=tmp_path, data=KEY.encode(), env=env)
    assert (said.status, said.out) == (0, "The key is kept in the system's keyring.\n")
    assert KEY in (tmp_path / "ring.json").read_text()
    assert not key_file(tmp_path).exists()

    said = postil("key", "clear", home=tmp_path, env={**env, "RING_LOCKED": "1"})
    assert said.status == 1
    assert said.err.startswith("postil: The key in the system's keyring could not be removed (RuntimeError)")
    assert said.err.endswith("Unlock the keyring and try again.\n")
    assert KEY not in said.all

    said = postil("key", "clear", home=tmp_path, env=env)
    assert (said.status, said.out) == (0, "The key was removed from the system's keyring.\n")
    assert KEY not in (tmp_path / "ring.json").read_text()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No key was given."),
        (b"  \n", "No key was given."),
        (f"{KEY} {KEY}\n".encode(), "This is not a key"),
        (f"{KEY}\tx\n".encode(), "This is not a key"),
        (f"{KEY}ü\n".encode(), "This is not a key"),
        (KEY.encode() + b"\xff\x00\n", "This is not a key"),
        (KEY.encode() * 200, "This is not a key"),
    ],
    ids=["nothing", "blank", "two words", "a tab", "a letter beyond ASCII", "bytes", "too long"],
)
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, data: bytes, words: str) -> None:
    said = postil("key", "set", home=tmp_path, data=data)
    assert said.status == 2
    assert said.err.startswith(f"postil: {words}")
    assert KEY not in said.all
    assert not key_file(tmp_path).exists()


def test_a_refused_key_leaves_the_old_one(tmp_path: Path) -> None:
    postil("key", "set", home=tmp_path, data=KEY.encode())
    assert postil("key", "set", home=tmp_path, data=b"no key at all").status == 2
    assert key_file(tmp_path).read_text().strip() == KEY


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    said = postil("key", "set", home=tmp_path, data=KEY.encode())
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert KEY not in said.all


def test_on_a_terminal_it_is_not_shown(tmp_path: Path) -> None:
    said = postil_on_terminal("key", "set", home=tmp_path, at="API key (not shown):", typed=KEY)
    assert said.status == 0
    assert "The key is kept in" in said.out
    assert KEY not in said.all
    assert key_file(tmp_path).read_text().strip() == KEY


def test_nothing_typed_is_no_key(tmp_path: Path) -> None:
    said = postil_on_terminal("key", "set", home=tmp_path, at="API key (not shown):", typed="")
    assert said.status == 2
    assert "No key was given." in said.out


def test_an_environment_that_comes_first_is_told_of_without_its_value(tmp_path: Path) -> None:
    other = "sk-ant-test-of-the-environment"
    said = postil("key", "set", home=tmp_path, data=KEY.encode(), env={"ANTHROPIC_API_KEY": other})
    assert said.status == 0
    assert "ANTHROPIC_API_KEY is set in this environment and comes first.\n" in said.out
    assert other not in said.all
    assert KEY not in said.all


def test_the_log_does_not_show_it_either(tmp_path: Path) -> None:
    said = postil("key", "set", home=tmp_path, data=KEY.encode(), env={"POSTIL_LOG": "debug"})
    assert said.status == 0
    assert KEY not in said.all


@pytest.mark.parametrize("arguments", [(), ("show",)])
def test_there_is_nothing_else_to_do_with_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert postil("key", *arguments, home=tmp_path).status == 2
