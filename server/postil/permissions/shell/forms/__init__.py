"""Programs whose words are a small language of their own: each is read by one module here, the rest by its table."""

from __future__ import annotations

from postil.permissions.shell.forms import find, git, test
from postil.permissions.shell.part import Part
from postil.permissions.shell.programs import tables
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.usage import Usage, usage_of


def usage_for(part: Part, around: Surroundings) -> Usage | None:
    """Return how the part's program takes its arguments; None where nothing is known of it."""
    name = part.name
    program = tables().get(name)
    if program is None or not part.argv or part.argv[0].text is None:
        return None
    if name == "git":
        return git.usage(part.operands)
    if program.language == "find":
        return find.usage(program, part.operands)
    if program.language == "test":
        return test.usage(program, part.operands, name)
    return usage_of(program, part.operands, fed=part.fed)
