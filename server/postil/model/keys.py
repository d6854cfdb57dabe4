"""Keeps the user's key: in the system's keyring where there is one, else in a private file. It is never shown.

An editor may keep it instead. What it hands over is in memory alone, and comes before a stored one.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from postil.core.errors import ConfigurationError
from postil.workspace.files.real_disk import RealDisk

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Place = Literal["editor", "keyring", "file"]
"""`editor`: an editor keeps it, and handed it over for as long as this process lives."""

_SERVICE = "postil"
_NAME = "api-key"
_FILE = "key"
_NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null")


class _Unreadable(ConfigurationError):
    """There is a keyring, and it does not tell."""


class Keys:
    """The stored key. All methods block: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handed: str | None = None
        self.handed_over = 0
        """How often an editor has handed over another key, or taken it back."""

    def hand_over(self, key: str | None) -> None:
        """Use the key that an editor keeps, or none any more. Raises ConfigurationError for what is no key."""
        wanted = _checked(key) if key is not None else None
        if wanted != self._handed:
            self._handed = wanted
            self.handed_over += 1

    def hand_over_as(self, other: Keys) -> None:
        """Use the key that an editor handed over there, if it did."""
        self.hand_over(other._handed)

    @property
    def file(self) -> Path:
        """Where the key is where there is no keyring."""
        return self._folder / _FILE

    def get(self) -> str | None:
        """Return the stored key. Raises ConfigurationError where it cannot be read, or others may read its file."""
        found = self._find()
        return found[0] if found else None

    def place(self) -> Place | None:
        """Say where a key is stored, without telling it. Raises as `get` does."""
        found = self._find()
        return found[1] if found else None

    def set(self, key: str) -> Place:
        """Store the key and say where; an older one is forgotten once the new one is safe.

        Raises ConfigurationError where it cannot be stored; then the older one is as it was.
        """
        key = _checked(key)
        ring = _keyring()
        if ring is not None and _keeps(ring, key):
            self._remove_file()
            return "keyring"
        self._write(key)
        with contextlib.suppress(_Unreadable):  # What cannot be read is not what comes first.
            if self._from_keyring():
                self._remove_from_keyring()
        return "file"

    def clear(self) -> tuple[Place, ...]:
        """Forget the key, and say where there was one. Raises ConfigurationError where it cannot be removed."""
        places: list[Place] = []
        if self._remove_file():
            places.append("file")
        if self._from_keyring():
            self._remove_from_keyring()
            places.insert(0, "keyring")
        return tuple(places)

    def _find(self) -> tuple[str, Place] | None:
        if self._handed is not None:
            return self._handed, "editor"
        locked: ConfigurationError | None = None
        try:
            if key := self._from_keyring():
                return key, "keyring"
        except _Unreadable as error:
            locked = error
        if key := self._from_file():
            return key, "file"
        if locked is not None:
            raise locked
        return None

    def _from_keyring(self) -> str | None:
        ring = _keyring()
        if ring is None:
            return None
        try:
            return ring.get_password(_SERVICE, _NAME) or None
        except Exception as error:  # backends raise what they like: locked, no bus, refused
            raise _Unreadable(
                f"The system's keyring cannot be read ({type(error).__name__}).",
                "Unlock it and try again, or set ANTHROPIC_API_KEY.",
            ) from error

    def _remove_from_keyring(self) -> None:
        ring = _keyring()
        assert ring is not None
        try:
            ring.delete_password(_SERVICE, _NAME)
        except Exception as error:
            raise ConfigurationError(
                f"The key in the system's keyring could not be removed ({type(error).__name__}); it comes first.",
                "Unlock the keyring and try again.",
            ) from error

    def _remove_file(self) -> bool:
        try:
            there = self.file.exists()
            RealDisk().remove(self.file)
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.file} could not be removed: {error.strerror}.", "Remove it yourself."
            ) from error
        return there

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


def _checked(key: str) -> str:
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError("This is not a key.", "Paste it whole, on one line.")
    return key


def _keeps(ring: KeyringBackend, key: str) -> bool:
    """Store the key in the keyring, and say whether it is there."""
    try:
        cast("Any", ring).set_password(_SERVICE, _NAME, key)
        return ring.get_password(_SERVICE, _NAME) == key
    except Exception:  # noqa: BLE001 (any backend's own errors; there is still the file)
        return False


def _keyring() -> KeyringBackend | None:
    """Return the system's keyring, or None where there is none."""
    # Its import looks for backends, which takes a while: only when a key is needed.
    try:
        import keyring  # noqa: PLC0415

        ring = keyring.get_keyring()
    except Exception:  # noqa: BLE001 (a broken backend is none)
        return None
    return None if type(ring).__module__.startswith(_NO_KEYRINGS) else ring
