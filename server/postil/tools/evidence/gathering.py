"""Evidence of a folder of the workspace: its files are found and read through the port, so what rules keep back stays back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.errors import ToolError
from postil.core.ports import Views, Workspace
from postil.core.redaction.redact import redact
from postil.tools.evidence.collect import Bounds, Collector
from postil.tools.evidence.row import Evidence
from postil.tools.evidence.source import PATTERN, language

_AT_ONCE = 16
"""Files whose texts are held together; between batches a call can be cancelled."""


async def gather(path: Path, workspace: Workspace, bounds: Bounds | None = None) -> Evidence:
    """Return what is seen below a folder, or in one file, without secrets. Raises NotFound, ToolError."""
    collector = Collector(bounds or Bounds())
    found = await workspace.glob(PATTERN, path, collector.bounds.files)
    names = {_relative(it, path): it for it in found.paths}
    wanted = sorted(it for it in names if language(it) is not None)
    for start in range(0, len(wanted), _AT_ONCE):
        batch = wanted[start : start + _AT_ONCE]
        if why := collector.closed():
            for name in wanted[start:]:
                collector.leave_out(name, why)
            break
        await workspace.read_each([names[it] for it in batch], _adding(batch, names, collector))
    evidence = collector.finish()
    notes = [
        *evidence.left_out,
        *(
            [f"Only the first {collector.bounds.files:,} files were found: look at a smaller folder."]
            if not found.complete
            else []
        ),
        *([found.note] if found.note else []),
    ]
    rows = tuple(replace(it, quote=redact(it.quote).text) for it in evidence.rows)
    return replace(evidence, rows=rows, left_out=tuple(notes))


def _relative(file: Path, path: Path) -> str:
    return file.relative_to(path).as_posix() if file != path else file.name


def _adding(batch: Sequence[str], names: dict[str, Path], collector: Collector) -> Callable[[Views], None]:
    def add(views: Views) -> None:
        for name in batch:
            view = views[names[name]]
            if isinstance(view, ToolError):
                collector.leave_out(name, "that could not be read")
            else:
                collector.add(name, view.text)

    return add
