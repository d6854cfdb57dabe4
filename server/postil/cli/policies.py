"""The rules in force in a workspace, for commands of the terminal that run no session."""

from __future__ import annotations

from pathlib import Path

from postil.cli.finding import layout
from postil.config.load import Loaded, load, user_config_dir
from postil.journal.layout import state_directory
from postil.permissions.configures import configured_by
from postil.permissions.grants import GrantStore
from postil.permissions.modes import mode
from postil.permissions.policy import Policy, fixed_rules, restricted
from postil.permissions.taint import RESTRICTED
from postil.permissions.trust import TrustStore
from postil.permissions.trusting import InForce, started_here
from postil.permissions.world import this_machine


def loaded_here(root: Path) -> Loaded:
    """Return the settings; raises ConfigurationError where they may hold back a rule."""
    loaded = load((root,))
    loaded.check()
    return loaded


def grants_here(root: Path) -> GrantStore:
    """Return the grants of the workspace; where Postil has never worked there, there are none."""
    folder = layout().workspace(root)
    return GrantStore((folder or state_directory() / "workspaces" / "none") / "grants.json")


def policy_here(root: Path, loaded: Loaded | None = None) -> Policy:
    """Return what a new session of no agent type would be under: by the settings, or by those that were `loaded`."""
    loaded = loaded or loaded_here(root)
    in_mode = mode(loaded.options.mode)
    rules = (*in_mode.rules, *fixed_rules(loaded), *grants_here(root).rules())
    now = InForce(False, "", configured=((root, configured_by(root)),))
    started = started_here(loaded, (root,), lambda: now)
    around = this_machine([root], [state_directory(), user_config_dir()], started=started)
    known = (rules, (root,), in_mode.deny_questions)
    if TrustStore(state_directory()).standing(root).trusted:
        return Policy(*known, around, in_mode.only_reads)
    return Policy(*known, restricted(around), in_mode.only_reads, RESTRICTED)
