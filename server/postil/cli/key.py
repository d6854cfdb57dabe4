"""`postil key`: keeps the key for the model's service, or forgets it; the key itself is never printed."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from postil.config.load import user_config_dir
from postil.core.errors import UsageError
from postil.model.keys import Keys, Place

LONGEST = 4096
VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def key(options: argparse.Namespace) -> int:
    """Set the key, or clear it."""
    keys = Keys(user_config_dir())
    if options.action == "set":
        place = keys.set(_read())
        private = ", which only you can read" if place == "file" else ""
        print(f"The key is kept in {_place(place, keys)}{private}.")
    else:
        places = " and ".join(_place(place, keys) for place in keys.clear())
        print(f"The key was removed from {places}." if places else "No key was kept.")
    _tell_of_environment()
    return 0


def _read() -> str:
    """Return a key from the terminal, unseen, or from one line of stdin. Raises UsageError."""
    if sys.stdin is not None and sys.stdin.isatty():
        try:
            text = getpass.getpass("API key (not shown): ")
        except EOFError:
            text = ""
    else:
        text = _line()
    text = text.strip()
    if not text:
        raise UsageError("No key was given.", "Paste it, or pass it on one line: postil key set < FILE.")
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError("This is not a key: it is one word of letters, digits and signs.", "Paste it whole.")
    return text


def _line() -> str:
    if sys.stdin is None:
        return ""
    # Bytes, because what is not text must not end in a traceback that shows it.
    return sys.stdin.buffer.readline(2 * LONGEST).decode("utf-8", "replace")


def _place(place: Place, keys: Keys) -> str:
    return "the system's keyring" if place == "keyring" else str(keys.file)


def _tell_of_environment() -> None:
    for name in VARIABLES:
        if os.environ.get(name):
            print(f"{name} is set in this environment and comes first.")
