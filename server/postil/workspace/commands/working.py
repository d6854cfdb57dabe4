"""How commands run that a person or a rule allowed: in a sandbox that lets them change the workspace, where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from postil.core.effects import Command
from postil.workspace.commands.environment import asked_environment, working_environment
from postil.workspace.commands.login_path import LoginPath
from postil.workspace.files.disk import PRIVATE_FOLDER
from postil.workspace.sandbox.asked import Place, for_working
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.confinement import concealed
from postil.workspace.sandbox.covers import Covers
from postil.workspace.sandbox.guarding import Guard, Nothing, Prepared
from postil.workspace.sandbox.homes import program_folders, python_base, tools_of
from postil.workspace.sandbox.mechanism import Launch, Mechanism, Unconfined
from postil.workspace.sandbox.repositories import repository_of
from postil.workspace.sandbox.survey import survey


class Working:
    """Prepares commands that were allowed. Blocking: call it in a thread."""

    def __init__(  # noqa: PLR0913 - all of it is where and for whom commands run
        self,
        folder: Path,
        roots: Sequence[Path],
        hidden: Sequence[Path] = (),
        sandbox: Callable[[], Mechanism] = choose,
        path: LoginPath | None = None,
        own: Mapping[str, str] | None = None,
        *,
        network: bool = False,
        started: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`folder` is private to this workspace, `hidden` what no command sees. `own` is the environment that secrets
        are taken out of; by default the process's. `started` gives files of the workspace that run outside of any sandbox."""
        self._folder = folder
        self._place = Place(tuple(roots), _home(), folder / "tmp", tuple(hidden), network)
        self._sandbox = sandbox
        self._started = started
        self._own = own
        self.path = path or LoginPath(own, roots)
        self._covers = Covers(folder / "covers")

    @property
    def network(self) -> bool:
        """Whether commands have a network in their sandbox."""
        return self._place.network

    def why_outside(self) -> str:
        """Return why commands run outside of a sandbox here; empty where they run in one."""
        mechanism = self._sandbox()
        if isinstance(mechanism, Unconfined):
            return "there is none on this machine"
        if not mechanism.lets_work:
            return f"{mechanism.title} cannot let a command change the workspace and keep what is protected there"
        if any(self._place.home.is_relative_to(it) for it in self._place.roots):
            return "the workspace holds your home"
        return ""

    def environment(self, *, outside: bool) -> dict[str, str]:
        """Return the whole environment of a command."""
        own = self._own if self._own is not None else os.environ
        if outside:
            return asked_environment(own, self.path.text())
        private = str(self._place.private)
        return working_environment(own, self.path.text(), private, network=self.network)

    def prepare(self, argv: Sequence[str], command: Command) -> Prepared:
        """Return the command as it is started; outside where it is to run there, or no sandbox would do. Raises OSError."""
        if command.outside or self.why_outside():
            return Prepared(Launch(tuple(argv), self.environment(outside=True)), Nothing())
        self._place.private.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        self._covers.sweep()
        repositories = [repository_of(it) for it in self._place.roots]
        found = survey(self._place.roots)
        started = [Path(it) for it in sorted(self._started())]
        within = for_working(self._place, self._tools(command), found, repositories, command.laid, started)
        watched = [it for one in repositories for it in one.watched]
        environment = self.environment(outside=False)
        launch = self._sandbox().launch(argv, command.cwd, environment, within)
        try:
            return Prepared(launch, Guard(self._place.roots, within, found, watched, self._covers))
        except BaseException:
            launch.close()
            raise

    def _tools(self, command: Command) -> list[Path]:
        """Return what stays readable beside the workspace: toolchains on PATH, and those that its environments are made from."""
        walls = concealed(self._place.home, self._place.hidden)
        programs = [Path(file) for _, file in command.outlook.programs if file]
        folders = [*self.path.folders(), *(it for file in programs for it in program_folders(file))]
        tools = list(tools_of(self._place.home, self._outer(folders), walls))
        environments = [root / name for root in self._place.roots for name in (".venv", "venv")]
        bases = (python_base(it, self._place.home, walls) for it in environments)
        return [*tools, *self._outer(programs), *(it for it in bases if it is not None)]

    def _outer(self, paths: Sequence[Path]) -> list[Path]:
        """Return those outside of the workspace: what lies in it is no tool of the machine's, and can be changed."""
        return [it for it in paths if not any(it.is_relative_to(root) for root in self._place.roots)]


def _home() -> Path:
    return Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 (without a home it raises nothing)
