"""Puts Postil together from its options: the only place that constructs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from postil.agent.budgets.projecting import Projector
from postil.agent.changed_harness import trying
from postil.agent.commanding.collection import PromptFiles
from postil.agent.configuring import configured
from postil.agent.contributions.in_workspace import InWorkspace
from postil.agent.granting.grants import Grants, own_rules
from postil.agent.granting.why import Why
from postil.agent.hooking.scripts import HookScripts
from postil.agent.parts import Compacting, Parts
from postil.agent.remembering import Remembering
from postil.agent.sessions import Sessions
from postil.agent.types.beginning import Beginning
from postil.agent.types.collection import AgentTypes
from postil.agent.verifying.named import checks_of
from postil.config.load import Loaded, user_config_dir
from postil.config.options import Options
from postil.context.estimate import Estimator
from postil.core.errors import ConfigurationError
from postil.core.events import ConfigurationInForce
from postil.core.ids import Ids, RandomIds
from postil.core.outlook import Starts
from postil.core.ports import Clock, Editor, Model, Web
from postil.core.ports.servers import NoServers
from postil.journal.crashes import watch
from postil.journal.layout import Layout, state_directory
from postil.journal.rulings import RulingLog
from postil.journal.spending import DayLedger
from postil.journal.store import SessionStore
from postil.memory.instructions import Instructions
from postil.memory.notes import Notes
from postil.model.anthropic import AnthropicModel
from postil.model.keys import Keys
from postil.permissions.grants import GrantStore, StandingRules
from postil.permissions.keeping_back import kept_back
from postil.permissions.modes import mode
from postil.permissions.policy import Policy, fixed_rules
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.trust import TrustStore
from postil.permissions.trusting import WorkspaceTrust, agreed_in, started_here
from postil.permissions.world import this_machine
from postil.requesting import requesting
from postil.tools.registry import Registry
from postil.tools.skills.library import Library
from postil.web.reading import HttpWeb
from postil.workspace.commands.hook_runner import LocalHookRunner
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.commands.login_path import LoginPath
from postil.workspace.commands.reading import Reading
from postil.workspace.commands.ways import Ways
from postil.workspace.commands.working import Working
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.local import LocalWorkspace
from postil.workspace.system_clock import SystemClock

if TYPE_CHECKING:
    from postil.tools.mcp.servers import Servers


@dataclass(frozen=True, slots=True)
class App:
    """What a face works with."""

    sessions: Sessions
    grants: Grants
    why: Why
    types: AgentTypes
    skills: Library
    commands: PromptFiles
    workspace: LocalWorkspace
    shell: LocalShell
    model: Model
    keys: Keys
    loaded: Loaded
    trust: WorkspaceTrust
    memory: Remembering
    servers: Servers | None
    """Of tools; None where settings name none."""
    in_workspace: InWorkspace
    """Says everything that is in force."""
    end_crash_watch: Callable[[], None]

    async def close(self, reason: str) -> None:
        """Close every session and let go of connections; a command that does not end when it is asked to is ended."""
        try:
            await self.sessions.close_all(reason)
        finally:
            self.shell.close()
        if self.servers is not None:
            await self.servers.close()
        await self.memory.close()
        await self.model.close()
        await asyncio.to_thread(self.end_crash_watch)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and for whom Postil runs."""

    roots: tuple[Path, ...]
    editor: Editor
    interactive: bool
    allow: tuple[str, ...] = ()
    """Rules given for the sessions of this run alone."""
    trust: bool = False
    """Whether the workspace is trusted for this run, without keeping that."""
    client_trusts: bool = True
    """Whether the editor trusts the workspace; it may only tighten."""
    ids: Ids = field(default_factory=RandomIds)
    clock: Clock = field(default_factory=SystemClock)
    model: Model | None = None
    """A model to use instead of the configured service."""
    web: Web | None = None
    """A network to use instead of the machine's."""
    state: Path | None = None
    """A folder for all that is kept, instead of the user's."""
    tries_changes: bool = False
    """Whether a configuration that changed is tried before the first turn that would use it."""


def build(loaded: Loaded, setting: Setting) -> App:
    """Return Postil, ready for a face. Reads a few small files, so call it away from a running loop.

    Raises ConfigurationError or UsageError where an option or a rule cannot be used.
    """
    loaded.check()
    options, clock, roots = loaded.options, setting.clock, setting.roots
    state_dir = setting.state or state_directory()
    layout, store = Layout(RealDisk(), state_dir), SessionStore(state_dir, clock=clock.now)
    home = _workspace_folder(state_dir, roots[0])
    grants, keys = GrantStore(home / "grants.json"), Keys(user_config_dir())
    workspace = LocalWorkspace(roots, setting.editor, notes=_notes(home))
    trust = _trust(state_dir, workspace, setting)
    around = _around(loaded, workspace.roots, state_dir, home, trust)
    servers = _servers(loaded, home, workspace.roots, trust, clock.now)
    registry = Registry.collect().with_plugins(servers) if servers is not None else Registry.collect()
    ways = _ways(state_dir, setting, workspace.roots, around, trust, network=options.sandbox_network)
    shell, model = LocalShell(ways), setting.model or AnthropicModel(keys=keys, base_url=options.base_url)
    standing = StandingRules(fixed_rules(loaded), grants)
    withheld = _withholding(options, standing, workspace, around)
    memory = _memory(home, workspace, store, withheld)
    types = AgentTypes(user_config_dir(), workspace.roots, registry.names, trusted=lambda: trust.now.trusted)
    skills, commands = _by_name(home, workspace, withheld, types)
    parts = Parts(
        model=model,
        workspace=workspace,
        shell=shell,
        tools=registry,
        standing=standing,
        trust=trust,
        around=around,
        request=requesting(clock, roots, registry, workspace, memory, types, options.max_tokens),
        projector=Projector(model, Estimator()),
        ledger=DayLedger(layout, clock.now),
        skills=skills,
        commands=commands,
        hooks=loaded.hooks,
        scripts=HookScripts(agreed_in(home, trust)),
        hook_runner=LocalHookRunner(ways),
        checks=checks_of(loaded, workspace.roots, lambda: trust.now.trusted),
        compacting=_compacting(options),
        clock=clock,
        ids=setting.ids,
        interactive=setting.interactive,
        hot=memory.begin,
        memory=memory,
        servers=servers or NoServers(),
        web=setting.web or HttpWeb(),
        reads_at_once=options.reads_at_once,
        harness=trying(setting, options, state_dir, trust),
        shelve=memory.shelve,
    )
    beginning = _beginning(types, registry, loaded, setting, trust)
    sessions = Sessions(store, roots, setting.ids, lambda: parts, beginning)
    kept = Grants(grants, RulingLog(layout, roots[0]), sessions, own_rules(loaded))
    within = InWorkspace(parts, beginning, types, registry, loaded.servers, servers, skills, loaded.problems)
    return App(
        sessions, kept, Why(parts, beginning), types, skills, commands, workspace, shell, model, keys, loaded, trust, memory,
        servers, within, watch(state_dir),
    )  # fmt: skip


def _trust(state_dir: Path, workspace: LocalWorkspace, setting: Setting) -> WorkspaceTrust:
    return WorkspaceTrust(
        TrustStore(state_dir), workspace.roots, setting.clock.now,
        for_this_run=setting.trust, client_trusts=setting.client_trusts,
    )  # fmt: skip


def _around(
    loaded: Loaded, roots: tuple[Path, ...], state_dir: Path, home: Path, trust: WorkspaceTrust
) -> Surroundings:
    started = started_here(loaded, roots, lambda: trust.now)
    return this_machine(roots, [state_dir, user_config_dir()], _notes(home), started)


def _by_name(
    home: Path,
    workspace: LocalWorkspace,
    withheld: Callable[[Path], Callable[[Path], bool] | None],
    types: AgentTypes,
) -> tuple[Library, PromptFiles]:
    """Return the skills and the prompt files that there may be; what rules keep from the agent is none of them."""
    keeps_back = _keeps_back(withheld, workspace)
    skills = Library(workspace.roots, Path(os.path.realpath(Path.home())), home.name, keeps_back)
    return skills, PromptFiles(user_config_dir(), workspace.roots, keeps_back, types.why_not)


def _beginning(
    types: AgentTypes, registry: Registry, loaded: Loaded, setting: Setting, trust: WorkspaceTrust
) -> Beginning:
    options = loaded.options
    same = configured(options, setting.allow, loaded.fixed_limits)

    def given() -> ConfigurationInForce:
        now = trust.now
        return same.model_copy(update={"trusted": now.trusted, "trust": now.why})

    return Beginning(types, options.agent, registry.specs, given, setting.interactive, options.sub_agents)


def _servers(
    loaded: Loaded, home: Path, roots: tuple[Path, ...], trust: WorkspaceTrust, now: Callable[[], float]
) -> Servers | None:
    """Return the servers of tools that settings name; their room is not entered where there are none."""
    if not loaded.servers:
        return None
    from postil.permissions.servers import Approvals, ApprovalStore  # noqa: PLC0415 - see above
    from postil.tools.mcp.servers import Servers  # noqa: PLC0415 - see above

    store = ApprovalStore(home / "servers.json")
    agreed = agreed_in(home, trust)
    approvals = Approvals(store, lambda: trust.now.trusted, now, loaded.servers, roots, agreed)
    return Servers(loaded.servers, roots[0], approvals)


def _compacting(options: Options) -> Compacting:
    at = options.compact_at
    return Compacting(at if isinstance(at, float) else None, options.compact_between_turns)


def _withholding(
    options: Options, standing: StandingRules, workspace: LocalWorkspace, around: Surroundings
) -> Callable[[Path], Callable[[Path], bool] | None]:
    """Return what tells, for all that is below a folder, what rules keep from the agent; the workspace heeds it from now on."""
    in_mode = mode(options.mode).rules

    def withheld(start: Path) -> Callable[[Path], bool] | None:
        # A grant only allows: none keeps anything back, or gives free what another rule does.
        return kept_back(start, Policy((*in_mode, *standing.fixed), workspace.roots, around=around))

    workspace.withhold(withheld)
    return withheld


def _memory(
    home: Path,
    workspace: LocalWorkspace,
    store: SessionStore,
    withheld: Callable[[Path], Callable[[Path], bool] | None],
) -> Remembering:
    """Return what is remembered of the workspace; what rules keep from the agent is no part of it."""

    root, keeps_back = workspace.roots[0], _keeps_back(withheld, workspace)
    instructions = Instructions(workspace, user_config_dir(), keeps_back)
    return Remembering(home, root, store, instructions, Notes(_notes(home), root, keeps_back))


def _keeps_back(
    withheld: Callable[[Path], Callable[[Path], bool] | None], workspace: LocalWorkspace
) -> Callable[[Path], bool]:
    """Return what tells of one file whether it is kept from the agent."""

    def keeps_back(path: Path) -> bool:
        judge = withheld(Path(path.anchor))
        return (judge is not None and judge(path)) or workspace.ignores(path)

    return keeps_back


def _notes(home: Path) -> Path:
    return Path(os.path.realpath(home)) / "memory"


def _ways(
    state_dir: Path,
    setting: Setting,
    roots: tuple[Path, ...],
    around: Surroundings,
    trust: WorkspaceTrust,
    *,
    network: bool,
) -> Ways:
    """Return how commands run: in sandboxes, from folders of Postil's own that none of them sees."""
    hidden = [state_dir, user_config_dir()]
    own = _workspace_folder(state_dir, setting.roots[0]) / "run"

    def starts(line: str, cwd: Path) -> Starts:
        from postil.permissions.shell.started_programs import starts_of  # noqa: PLC0415 - a session that begins reads no command

        return starts_of(line, cwd, around)

    path = LoginPath(None, roots, lambda: trust.now.trusted)
    return Ways(
        Reading(state_dir / "run", roots, hidden, trusted=lambda: trust.now.trusted),
        Working(own, roots, hidden, path=path, network=network, started=around.started),
        starts,
    )


def _workspace_folder(state_dir: Path, root: Path) -> Path:
    try:
        return Layout(RealDisk(), state_dir).make_workspace(root)
    except OSError as error:
        raise ConfigurationError(
            f"The state folder {state_dir} cannot be used: {error.strerror or error}.",
            "Make room there and let it be written, or name another one in POSTIL_STATE_DIR.",
        ) from error
