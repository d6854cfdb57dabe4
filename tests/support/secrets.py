"""Texts of the shapes of secrets, made when they are needed: no file here holds one."""

from __future__ import annotations

import random
import re
import string

_PLACE = re.compile(r"<(\d+)(?::(hex|upper|letters))?>")
_ALPHABETS = {
    None: string.ascii_letters + string.digits,
    "hex": "0123456789abcdef",
    "upper": string.ascii_uppercase + "234567",
    "letters": string.ascii_letters,
}


def filled(example: str, seed: int = 0) -> str:
    """Return an example with its places filled, the same ones for the same seed."""
    chance = random.Random(f"{seed}:{example}")

    def fill(place: re.Match[str]) -> str:
        size, alphabet = int(place[1]), _ALPHABETS[place[2]]
        made = "".join(chance.choices(alphabet, k=size))
        # Letters and digits by turns, as a random text of that length nearly always has them.
        return made if place[2] or size < 6 else f"{made[: size - 4]}k7Q2"

    return _PLACE.sub(fill, example)


def secret(seed: int = 0) -> str:
    """Return a token of a known shape."""
    return filled("ghp_<36>", seed)


def key_lines(count: int = 12, seed: int = 0) -> list[str]:
    """Return the lines of a private key, those of dashes included."""
    chance = random.Random(f"key {seed}")
    signs = string.ascii_letters + string.digits + "+/"
    body = ["".join(chance.choices(signs, k=64)) for _ in range(count - 1)]
    last = "".join(chance.choices(signs, k=30)) + "=="
    return [f"-----BEGIN RSA PRIVATE {'KEY'}-----", *body, last, f"-----END RSA PRIVATE {'KEY'}-----"]
