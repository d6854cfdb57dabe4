"""The hooks of a file of settings, in the order in which they run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from postil.config.layer import accepted
from postil.config.options import HookGroup, Layer
from postil.core.errors import ConfigurationError
from postil.core.hooks import Hook, Moment, Owner

SETTINGS = Path(".postil") / "settings.toml"
"""The file of settings of a workspace's folder."""
_OWNERS: Mapping[Layer, Owner] = {"administrator": "administrator", "user": "user", "workspace": "workspace"}


def hooks_of(kept: Mapping[str, Any], layer: Layer, file: str, root: str = "") -> tuple[Hook, ...]:
    """Return the hooks among options that were accepted."""
    groups = cast("Mapping[Moment, tuple[HookGroup, ...]]", kept.get("hooks", {}))
    return tuple(
        Hook(
            moment=moment,
            matcher="" if group.matcher == "*" else group.matcher,
            command=it.command,
            seconds=it.timeout,
            owner=_OWNERS[layer],
            file=file,
            root=root,
        )
        for moment, several in groups.items()
        for group in several
        for it in group.hooks
    )


def workspace_hooks(root: Path) -> tuple[Hook, ...]:
    """Return the hooks that a folder of the workspace comes with. Blocking. Raises ConfigurationError where they cannot be read."""
    file = root / SETTINGS
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}.", "Mend it: it may hold hooks.") from error
    if "hooks" not in table:
        return ()
    kept, faults = accepted({"hooks": table["hooks"]}, "workspace")
    if faults:
        raise ConfigurationError(f"{file}: hooks: {faults[0].message}.", "Mend it.")
    return hooks_of(kept, "workspace", str(file), str(root))
