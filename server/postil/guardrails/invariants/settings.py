"""Settings: every file can be read, every option, rule and example in it counts as it is written, and nothing is sent in the clear."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from postil.config.load import settings_files
from postil.config.options import Layer
from postil.core.errors import UsageError
from postil.guardrails.harness import Harness
from postil.guardrails.report import Finding
from postil.permissions.modes import mode
from postil.permissions.policy_file import look_together

TITLE = "Settings can be read, and say what they mean"


async def check(harness: Harness) -> Sequence[Finding]:
    """Look at the files, and at what came of them."""
    return await asyncio.to_thread(lambda: [*_files(harness), *_in_force(harness), *_service(harness)])


def _files(harness: Harness) -> Iterator[Finding]:
    texts: list[tuple[Layer, str, str]] = []
    for layer, path in settings_files(harness.roots):
        try:
            texts.append((layer, str(path), path.read_text("utf-8")))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            yield Finding(f"it cannot be read: {error}", str(path), "Mend it: it may hold rules that forbid")
    for (_, file, _), found in zip(texts, look_together(texts), strict=True):
        for it in found.problems:
            mend = "Mend the example or the rule" if it.code == "failing-test" else "Mend that line"
            where = f"{file}:{it.span.line + 1}"
            yield Finding(it.message.rstrip("."), where, mend, weak=it.severity == "warning")


def _in_force(harness: Harness) -> Iterator[Finding]:
    options = harness.loaded.options
    types = harness.types()
    for of in (lambda: mode(options.mode), lambda: types.find(options.agent)):
        try:
            of()
        except UsageError as error:
            yield Finding(error.message.rstrip("."), "the settings", error.mend.rstrip("."))


def _service(harness: Harness) -> Iterator[Finding]:
    url = harness.loaded.options.base_url
    if url and in_the_clear(url):
        mend = "Write https://, or reach it through this machine"
        yield Finding(
            f"{url} is not encrypted: your key and your code could be read on the way", "base_url", mend
        )


def in_the_clear(url: str) -> bool:
    """Whether what is sent to an address crosses a network unencrypted."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "http" and not here


def file_of(harness: Harness, rule: str) -> str:
    """Return the file that a rule stands in, as far as a file has it."""
    found = (it.file for it in harness.loaded.rules if it.text.strip() == rule)
    return next(found, "") or str(Path("the settings"))
