"""Where the result of a call comes from, read from what it touched. Doubt is the world outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from postil.core.effects import Access
from postil.core.events import CallStarted
from postil.core.origin import Source
from postil.permissions.shell.surroundings import NOWHERE

if TYPE_CHECKING:
    from postil.permissions.shell.part import Part

USER = Source(origin="user")

_FETCHES = frozenset({
    "aria2c", "aws", "az", "curl", "dig", "drill", "elinks", "fetch", "ftp", "gcloud", "gh", "glab", "gsutil", "host", "http", "https", "iwr", "kubectl",
    "lftp", "links", "lwp-request", "lynx", "mosh", "nc", "ncat", "netcat", "nslookup", "rclone", "rsh", "rsync", "s3cmd", "scp", "sftp",
    "smbclient", "socat", "ssh", "svn", "telnet", "tftp", "w3m", "websocat", "wget", "whois", "xh", "yt-dlp",
})  # fmt: skip
"""Programs that print, or lay down, what somebody else's machine says."""
_SOMETIMES = {
    "git": {"clone", "fetch", "pull", "ls-remote", "submodule", "request-pull"},
    "hg": {"clone", "pull", "incoming", "identify"},
    "npm": {"view", "info", "show", "v", "search", "s", "se", "find"},
    "pnpm": {"view", "info", "show", "search"},
    "yarn": {"info"},
    "pip": {"download", "index", "search"},
    "pip3": {"download", "index", "search"},
    "cargo": {"search", "info"},
    "gem": {"search", "query", "fetch"},
    "docker": {"search", "pull"},
    "podman": {"search", "pull"},
    "brew": {"info", "search"},
    "openssl": {"s_client"},
}
"""Programs that do so in some of their forms."""
_INTERPRETER = re.compile(
    r"(?:python|pypy|perl|ruby|php|node|lua)[\d.]*|deno|bun|rscript|pwsh|java|go|ts-node|tsx|"
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>`)\]}]+", re.IGNORECASE)
_HERE = re.compile(r"localhost|127(?:\.\d+){3}|\[?::1\]?|0\.0\.0\.0|.*\.localhost")


def sources_of(access: Access, roots: Sequence[Path], tool: str) -> tuple[Source, ...]:
    """Return where the result of a call comes from that touched this. Parses a command: away from the loop.

    Nothing where it touched nothing: then the words are Postil's own.
    """
    found: list[Source] = []
    paths = [*access.reads, *(it.path for it in access.edits)]
    found += [_of_path(it, roots) for it in paths]
    found += [Source(origin="network", name=_host(it) or it) for it in access.hosts]
    if access.command is not None:
        outlook = access.command.outlook
        confined = bool(outlook.sandbox) and not outlook.network
        found += _of_command(access.command.line, access.command.cwd, roots, confined=confined)
    elif access.open_world:
        name = access.added.name.partition("/")[0] if access.added is not None else tool
        found.append(Source(origin="mcp", name=name))
    return tuple(dict.fromkeys(found))


def sources_of_intent(intent: CallStarted, roots: Sequence[Path]) -> tuple[Source, ...]:
    """Return the same of a call of which only the intent is left."""
    found = [_of_path(Path(it.path), roots) for it in intent.edits]
    if intent.command is not None:
        found += _of_command(intent.command, Path(intent.cwd or "/"), roots, confined=False)
    elif intent.effect_class == "network":
        found.append(Source(origin="network", name=intent.tool))
    elif intent.effect_class == "other":
        found.append(Source(origin="mcp", name=intent.tool))
    elif not found:
        found.append(_of_path(roots[0] if roots else Path("/"), roots))
    return tuple(dict.fromkeys(found))


def _of_path(path: Path, roots: Sequence[Path]) -> Source:
    """Return the root that a file lies in; of one that lies in none, the file itself."""
    root = max((it for it in roots if path.is_relative_to(it)), key=lambda it: len(it.parts), default=path)
    return Source(origin="workspace", name=str(root))


def _of_command(line: str, cwd: Path, roots: Sequence[Path], *, confined: bool) -> Iterator[Source]:
    yield _of_path(cwd, roots)
    if confined:
        return  # It has no network.
    from postil.permissions.shell.guard import look  # noqa: PLC0415 - a session that begins reads no command

    try:
        yield from _fetched(look(line, NOWHERE).parts)
    except Exception:  # noqa: BLE001 - a line that cannot be read may have fetched anything
        yield Source(origin="network", name="a command")


def _fetched(parts: Iterable[Part]) -> Iterator[Source]:
    for part in parts:
        name, words = part.base.lower(), [it.text or "" for it in part.operands]
        hosts = [it for it in (_host(address) for word in words for address in _ADDRESS.findall(word)) if it]
        if _FETCHES & set(part.through):
            continue  # what another machine runs is that machine's
        if name in _FETCHES or _first_word(words) in _SOMETIMES.get(name, ()):
            abroad = [it for it in hosts if not _HERE.fullmatch(it)]
            if abroad or not hosts:
                yield from (Source(origin="network", name=it) for it in abroad or [name])
        elif _INTERPRETER.fullmatch(name):
            yield from (Source(origin="network", name=it) for it in hosts if not _HERE.fullmatch(it))


def _first_word(words: Sequence[str]) -> str:
    """Return the sub-command: the first word that is neither an option nor the folder or setting of one."""
    rest = iter(words)
    for word in rest:
        if word in ("-C", "-c"):
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return ""


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return "an address"
