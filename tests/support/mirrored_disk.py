"""A simulated disk of which one folder exists for real too: tools read files past any `Disk`, and write through it."""

from __future__ import annotations

import shutil
from pathlib import Path

from postil.workspace.files.disk import Handle
from postil.workspace.files.real_disk import RealDisk
from tests.support.sim_disk import SimDisk, SimHandle, Tree


class MirroredHandle(SimHandle):
    """An open file of both."""

    def __init__(self, disk: MirroredDisk, node: int, real: Handle) -> None:
        super().__init__(disk, node)
        self.real = real

    def write(self, data: bytes) -> None:
        super().write(data)
        self.real.write(data)

    def truncate(self, size: int) -> None:
        super().truncate(size)
        self.real.truncate(size)

    def close(self) -> None:
        super().close()
        self.real.close()


class MirroredDisk(SimDisk):
    """A `SimDisk` that does to the real files below `root` what it does to its own. It syncs only its own."""

    def __init__(self, root: Path, tree: Tree | None = None, files: dict[str, bytes] | None = None) -> None:
        """Begin with a disk's content, or with these files in `root`; either way the real folder becomes so."""
        self._root = root
        self._real = RealDisk()
        super().__init__(tree or _planted(root, files or {}))
        _lay_out(root, self.content(self.tree))

    def content(self, tree: Tree) -> dict[str, bytes | None]:
        """Return what a disk has below the real folder, by path within it; None for a folder."""
        within = f"{self._root}/"
        return {path.removeprefix(within): data for path, data in tree.paths() if path.startswith(within)}

    def open_append(self, path: Path) -> Handle:
        handle = super().open_append(path)
        if not self._mirrors(path):
            return handle
        assert isinstance(handle, SimHandle)
        return MirroredHandle(self, handle.node, self._real.open_append(path))

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        if self._mirrors(source):
            self._real.rename(source, target)

    def _new(self, path: Path, mode: int) -> Handle:
        handle = super()._new(path, mode)
        if not self._mirrors(path):
            return handle
        assert isinstance(handle, SimHandle)
        return MirroredHandle(self, handle.node, self._real._new(path, mode))

    def _keep_attributes(self, source: Path, target: Handle) -> None:
        if isinstance(target, MirroredHandle):
            self._real._keep_attributes(source, target.real)

    def _mkdir(self, path: Path, mode: int) -> None:
        super()._mkdir(path, mode)
        if self._mirrors(path):
            path.mkdir(mode)

    def _unlink(self, path: Path) -> None:
        super()._unlink(path)
        if self._mirrors(path):
            path.unlink()

    def _sweep(self, path: Path) -> None:
        super()._sweep(path)
        if self._mirrors(path):
            self._real._sweep(path)

    def _mirrors(self, path: Path) -> bool:
        return path.is_relative_to(self._root)


def _planted(root: Path, files: dict[str, bytes]) -> Tree:
    """Return a disk's content with these files below `root`."""
    disk = SimDisk()
    disk.make_dir(root)
    for name, data in files.items():
        disk.make_dir((root / name).parent)
        disk.replace(root / name, data)
    return disk.tree


def _lay_out(root: Path, content: dict[str, bytes | None]) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name, data in content.items():
        if data is None:
            (root / name).mkdir()
        else:
            (root / name).write_bytes(data)
