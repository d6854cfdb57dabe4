"""The trust that is in force for a workspace: its least trusted folder decides, and an editor may only tighten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from postil.config.load import Loaded
from postil.core.hooks import Hook
from postil.permissions.agreed_files import AgreedFiles
from postil.permissions.configures import Configured, configured_by
from postil.permissions.named_files import started_by
from postil.permissions.trust import Standing, TrustStore, Verdict


@dataclass(frozen=True, slots=True)
class InForce:
    """Whether the workspace is trusted, and why."""

    trusted: bool
    why: str
    """A sentence without its full stop."""
    undecided: tuple[Path, ...] = ()
    """Folders that a person may be asked about; none where asking would change nothing."""
    configured: tuple[tuple[Path, Configured], ...] = ()
    """Of the folders that have some run by itself: what it is."""

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """The hooks of the workspace that are in force: none where it is not trusted."""
        return tuple(hook for _, it in self.configured for hook in it.hooks) if self.trusted else ()


class WorkspaceTrust:
    """Keeps what was found of the workspace's folders, and tells who listens when that changes."""

    def __init__(
        self,
        store: TrustStore,
        roots: Sequence[Path],
        now: Callable[[], float],
        *,
        for_this_run: bool = False,
        client_trusts: bool = True,
    ) -> None:
        """`for_this_run` trusts the workspace without keeping that. Blocking: it looks at the store."""
        self._store = store
        self._roots = tuple(roots)
        self._clock = now
        self._for_this_run = for_this_run
        self._client_trusts = client_trusts
        self._listeners: list[Callable[[], None]] = []
        self._asking: str | None = None
        self._now = self._looked()

    @property
    def now(self) -> InForce:
        """What is in force, as it was last looked at."""
        return self._now

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` whenever something else is in force; returns what ends that."""
        self._listeners.append(told)
        return lambda: self._listeners.remove(told) if told in self._listeners else None

    async def look(self) -> InForce:
        """Look again, as another process may have asked, or the folder may have been replaced."""
        return self._set(await asyncio.to_thread(self._looked))

    async def decide(
        self,
        verdict: Verdict,
        face: str,
        folders: Sequence[Path] | None = None,
        shown: Mapping[Path, str] | None = None,
    ) -> InForce:
        """Keep what a person says of folders of the workspace, by default of all. Raises OSError where it cannot be kept.

        `shown` has the digests of what they were shown that the folders would run by themselves.
        """
        await asyncio.to_thread(self._keep, verdict, face, folders or self._roots, shown or {})
        return await self.look()

    async def forget(self) -> InForce:
        """Forget what was said of the workspace's folders. Raises OSError."""
        await asyncio.to_thread(lambda: [self._store.forget(root) for root in self._roots])
        return await self.look()

    async def follow_client(self, *, trusts: bool) -> InForce:
        """Take note of whether the editor trusts the workspace: where it does not, nothing does."""
        self._client_trusts = trusts
        return await self.look()

    def claim(self, session_id: str) -> bool:
        """Whether the session may ask: one question for all sessions of a workspace."""
        if self._asking is None:
            self._asking = session_id
        return self._asking == session_id

    def release(self, session_id: str) -> None:
        """Let another session ask."""
        if self._asking == session_id:
            self._asking = None

    def word(self) -> str:
        """Return what tells the word that the workspace is trusted by from any other; empty where none lasts. Blocking."""
        if self._for_this_run or not self._now.trusted:
            return ""
        words = [self._store.word(root) for root in self._roots]
        return "\n".join(words) if all(words) else ""

    def _keep(self, verdict: Verdict, face: str, folders: Sequence[Path], shown: Mapping[Path, str]) -> None:
        for folder in folders:
            self._store.decide(folder, verdict, self._clock(), face, runs=shown.get(folder))

    def _set(self, found: InForce) -> InForce:
        if found != self._now:
            self._now = found
            for told in tuple(self._listeners):
                told()
        return found

    def _looked(self) -> InForce:
        if not self._client_trusts:
            return InForce(False, "The editor does not trust this workspace")
        # What is compared is what is run: it is read once.
        runs = {root: configured_by(root) for root in self._roots}
        found = tuple((root, it) for root, it in runs.items() if it.digest)
        if self._for_this_run:
            unread = next((f"{root}: {it.why_not}".removesuffix(".") for root, it in found if it.why_not), "")
            return InForce(not unread, unread or "Trusted for this run", configured=found)
        standings = [(root, self._store.standing(root, it)) for root, it in runs.items()]
        return replace(_together(standings), configured=found)


def _together(standings: Sequence[tuple[Path, Standing]]) -> InForce:
    lacking = [(root, it) for root, it in standings if not it.trusted]
    if not lacking:
        return InForce(bool(standings), " and ".join(f"{root} {it.why}" for root, it in standings))
    root, first = next(((root, it) for root, it in lacking if it.decided), lacking[0])
    refused = any(it.decided for _, it in lacking)
    undecided = () if refused else tuple(root for root, _ in lacking)
    return InForce(False, f"{root} {first.why}", undecided)


def agreed_in(folder: Path, trust: WorkspaceTrust) -> AgreedFiles:
    """Return what was agreed to of the workspace that has its state in the folder."""
    return AgreedFiles(folder / "agreed_files.json", trust.word)


def started_here(
    loaded: Loaded, roots: Sequence[Path], now: Callable[[], InForce]
) -> Callable[[], frozenset[str]]:
    """Return what gives the files of the workspace, there or not, that hooks and servers name. Blocking."""
    own = started_by(loaded.servers, loaded.hooks, roots)

    def started() -> frozenset[str]:
        return own.union(*(it.started for _, it in now().configured))

    return started
