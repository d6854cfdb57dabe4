"""Keeps the user's key: in the system's keyring where there is one, else in a private file. It is never shown."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from postil.core.errors import ConfigurationError
from postil.workspace.real_disk import RealDisk

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Place = Literal["keyring", "file"]

_SERVICE = "postil"
_NAME = "api-key"
_FILE = "key"
_NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null")


class Keys:
    """The stored key. All methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def file(self) -> Path:
        """Where the key is where there is no keyring."""
        return self._folder / _FILE

    def get(self) -> str | None:
        """Return the stored key. Raises ConfigurationError where others may read its file."""
        return self._from_keyring() or self._from_file()

    def place(self) -> Place | None:
        """Say where a key is stored, without telling it."""
        if self._from_keyring():
            return "keyring"
        return "file" if self._from_file() else None

    def set(self, key: str) -> Place:
        """Store the key and say where; an older one elsewhere is forgotten."""
        key = key.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ConfigurationError("This is not a key.", "Paste it whole, on one line.")
        self.clear()
        ring = _keyring()
        if ring is not None:
            with contextlib.suppress(Exception):  # any backend's own errors; the file is still there
                cast("Any", ring).set_password(_SERVICE, _NAME, key)
                if ring.get_password(_SERVICE, _NAME) == key:
                    return "keyring"
        self._write(key)
        return "file"

    def clear(self) -> tuple[Place, ...]:
        """Forget the key, and say where there was one."""
        places: list[Place] = []
        if self._from_keyring():
            ring = _keyring()
            assert ring is not None
            ring.delete_password(_SERVICE, _NAME)
            places.append("keyring")
        if self.file.exists():
            RealDisk().remove(self.file)
            places.append("file")
        return tuple(places)

    def _from_keyring(self) -> str | None:
        ring = _keyring()
        if ring is None:
            return None
        try:
            return ring.get_password(_SERVICE, _NAME) or None
        except Exception:  # noqa: BLE001 (backends raise what they like: locked, no bus, refused)
            return None

    def _from_file(self) -> str | None:
        try:
            mode = self.file.stat().st_mode
            text = self.file.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The key file {self.file} cannot be read.", "Run “postil key set”."
            ) from error
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                f"Others can read the key file {self.file}.", f"Run: chmod 600 {self.file}"
            )
        return text or None

    def _write(self, key: str) -> None:
        disk = RealDisk()
        try:
            disk.make_dir(self._folder)
            disk.replace(self.file, f"{key}\n".encode(), mode=0o600)
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.file} cannot be written: {error.strerror}."
            ) from error


def _keyring() -> KeyringBackend | None:
    """Return the system's keyring, or None where there is none."""
    # Its import looks for backends, which takes a while: only when a key is needed.
    try:
        import keyring  # noqa: PLC0415

        ring = keyring.get_keyring()
    except Exception:  # noqa: BLE001 (a broken backend is none)
        return None
    return None if type(ring).__module__.startswith(_NO_KEYRINGS) else ring
