"""The policy that is in force for one decision, put together from its sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from postil.config.load import Loaded, WrittenRule
from postil.core.errors import ConfigurationError
from postil.core.state import Workflow
from postil.permissions.modes import both
from postil.permissions.rule import Rule, Source, parse
from postil.permissions.shell.surroundings import NOWHERE, Surroundings
from postil.permissions.taint import CLEAN, NOT_TRUSTED, Taint, taint_of


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force, where the workspace is, and what a mode makes of a question."""

    rules: tuple[Rule, ...]
    roots: tuple[Path, ...]
    deny_questions: bool = False
    """A mode may answer every question with no."""
    around: Surroundings = NOWHERE
    """The world that commands would run in."""
    only_reads: bool = False
    """A mode may deny every command that is not known only to read, whatever rule allows it, and every tool that was added."""
    taint: Taint = CLEAN
    """What rules that allow have to stand up to."""
    only_by_rules: bool = False
    """Whether even reading inside the workspace has to be allowed by a rule."""

    @property
    def at_root(self) -> Surroundings:
        """The same world, seen from the workspace's first root."""
        roots = tuple(map(str, self.roots))
        return replace(self.around, roots=roots, cwd=roots[0] if roots else self.around.cwd)


def policy_for(
    workflow: Workflow,
    standing: tuple[Rule, ...],
    roots: tuple[Path, ...],
    around: Surroundings = NOWHERE,
    held: str = "",
) -> Policy:
    """Return the policy for a session: its mode, the rules given to it, its grants, and the `standing` rules.

    `held` is a mode that a call is held in beside the session's.

    A session's own words (rules and grants in its events) that cannot be parsed grant nothing.
    """
    configuration = workflow.configuration
    names = ("default",)
    if configuration is not None:
        names = (configuration.mode, configuration.held, *configuration.handed)
    in_mode = both(*names, held)
    given = configuration.rules if configuration is not None else ()
    granted = tuple(grant.rule for grant in workflow.grants if grant.scope == "session")
    session = tuple(rule for text in (*given, *granted) if (rule := _parsed(text)) is not None)
    taint = taint_of(workflow, roots)
    return Policy(
        (*in_mode.rules, *session, *standing),
        roots,
        in_mode.deny_questions,
        restricted(around) if taint.restricted else around,
        in_mode.only_reads,
        taint,
    )


def restricted(around: Surroundings) -> Surroundings:
    """Return the surroundings of commands in a workspace that is not trusted: nothing looks at its repositories."""
    return replace(around, repository=_not_trusted, filters=_no_filters)


def policy_if_trusted(
    workflow: Workflow,
    standing: tuple[Rule, ...],
    roots: tuple[Path, ...],
    around: Surroundings,
    held: str = "",
) -> Policy:
    """Return the policy as it would be if the workspace were trusted. Nothing looks at its repositories for that."""
    trusted = workflow.model_copy(update={"restricted_since": None})
    return policy_for(
        trusted, standing, roots, replace(around, repository=_nothing_known, filters=_no_filters), held
    )


def _no_filters(_folder: str) -> tuple[str, ...]:
    return ()


def _not_trusted(_folder: str) -> str:
    return NOT_TRUSTED


def _nothing_known(_folder: str) -> str:
    return ""


def fixed_rules(loaded: Loaded) -> tuple[Rule, ...]:
    """Return the rules of the files of settings. Raises ConfigurationError where one is no rule, naming its file."""
    return tuple(_of_file(it) for it in loaded.rules)


def readable_rules(loaded: Loaded) -> tuple[tuple[Rule, ...], tuple[tuple[WrittenRule, str], ...]]:
    """Return the rules of the files of settings that are rules, and of the others what is wrong with each."""
    rules: list[Rule] = []
    faults: list[tuple[WrittenRule, str]] = []
    for written in loaded.rules:
        try:
            rules.append(_of_file(written))
        except ConfigurationError as error:
            faults.append((written, f"{error.message} {error.mend}".strip()))
    return tuple(rules), tuple(faults)


def _of_file(written: WrittenRule) -> Rule:
    source: Source = "user" if written.layer in ("editor", "environment", "call") else written.layer
    try:
        return parse(written.text, written.verdict, source, written.file)
    except ConfigurationError as error:
        raise ConfigurationError(f"{written.file}: {error.message}", error.mend) from error


def _parsed(text: str) -> Rule | None:
    try:
        return parse(text, "allow", "session")
    except ConfigurationError:
        return None
