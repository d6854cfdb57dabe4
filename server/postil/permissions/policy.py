"""The policy that is in force for one decision, put together from its sources."""

from __future__ import annotations

from pathlib import Path

from postil.config.load import Loaded, WrittenRule
from postil.core.errors import ConfigurationError
from postil.core.state import Workflow
from postil.permissions.evaluate import Policy
from postil.permissions.modes import mode
from postil.permissions.rule import Rule, Source, parse
from postil.permissions.shell.surroundings import NOWHERE, Surroundings


def policy_for(
    workflow: Workflow,
    standing: tuple[Rule, ...],
    roots: tuple[Path, ...],
    around: Surroundings = NOWHERE,
) -> Policy:
    """Return the policy for a session: its mode, the rules given to it, its grants, and the `standing` rules.

    A session's own words (rules and grants in its events) that cannot be parsed grant nothing.
    """
    configuration = workflow.configuration
    in_mode = mode(configuration.mode if configuration is not None else "default")
    given = configuration.rules if configuration is not None else ()
    granted = tuple(grant.rule for grant in workflow.grants if grant.scope == "session")
    session = tuple(rule for text in (*given, *granted) if (rule := _parsed(text)) is not None)
    return Policy((*in_mode.rules, *session, *standing), roots, in_mode.deny_questions, around)


def fixed_rules(loaded: Loaded) -> tuple[Rule, ...]:
    """Return the rules of the files of settings. Raises ConfigurationError where one is no rule, naming its file."""
    return tuple(_of_file(it) for it in loaded.rules)


def _of_file(written: WrittenRule) -> Rule:
    source: Source = "user" if written.layer in ("environment", "call") else written.layer
    try:
        return parse(written.text, written.verdict, source, written.file)
    except ConfigurationError as error:
        raise ConfigurationError(f"{written.file}: {error.message}", error.mend) from error


def _parsed(text: str) -> Rule | None:
    try:
        return parse(text, "allow", "session")
    except ConfigurationError:
        return None
