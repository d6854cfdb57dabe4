"""What writes to what Postil is bound by, or to what runs by itself later: settings, hooks, journals, trust, and git's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.kept import is_open
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.protected import protected
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.targets import linked, mentioned, redirected, written
from postil.permissions.shell.touches.words import doing_of

EXAMPLES = Examples(
    deny=("echo x > .postil/settings.toml", "rm .git/config", "tee .git/hooks/pre-commit", "mv .postil x", "cd .git && rm config",
          "sed -i s/a/b/ .postil/settings.toml", "cp a .vscode/tasks.json", "ln -s a .mcp.json", "rm -rf .git", "chmod +x .git/hooks/x",
          "sudo tee .postil/hooks/a", "bash -c 'echo x >> .git/config'", "echo x >> ~/.bashrc", "python3 x.py --out=.postil/settings.toml",
          "dd of=.git/config", "mkdir -p .postil/hooks", "cp a .GIT/config", "cat a >.git/hooks/x", "rm -rf ~/.config/postil"),
    spared=("cat .git/config", "echo x > a", "git commit -m x", "rm .gitignore", "mv src lib"),
    auto=("ls .postil", "cat .postil/settings.toml", "ls .git/hooks"),
)  # fmt: skip

_OWN_PROGRAM = frozenset({"postil"})
_OWN = re.compile(r"(?:-m)?(?:.*/)?postil(?:\.[\w.]+)?(?:[=@<>~!].*)?")
"""How other programs are told to start it: by its name, its place, its module or its package."""
_ENDS = frozenset({"pkill", "killall"})
_FOR_PEOPLE = {
    "trust": ("allow", "deny", "forget"),
    "permissions": ("revoke",),
    "mcp": ("allow", "deny"),
    "data": ("delete",),
    "key": ("set", "clear"),
    "sessions": ("delete",),
}
"""Postil's own commands by which people say what it is bound by, and by which they lose its records."""
_LOOSENING = ("--trust", "--allow", "--mode", "--raise", "--accept")
"""Options of its that let it do more."""


def find(view: View) -> Iterator[Finding]:
    """Deny it in every mode and under every rule."""
    for index, part in enumerate(view.parts):
        reason = _reason(part, view.around, counts=is_open(part, view.usages[index]))
        if reason:
            yield Finding("self-protection", "deny", reason)
            return


def _reason(part: Part, around: Surroundings, *, counts: bool) -> str:
    path = _written(part, around, counts=counts)
    if path is not None:
        return f"it could write {path}, which is protected"
    path = _linked(part, around)
    if path is not None:
        return f"it would give another name to {path}, which is protected or holds what is"
    setting = doing_of(part).setting if part.base == "git" else ""
    if setting:
        return f"it sets {setting}, by which git would start a program unasked"
    texts = [it.text or "" for it in part.operands]
    if _is_for_people(_own_words(part, texts) if counts or part.base in _OWN_PROGRAM else ()):
        return "it is a command of Postil's that only people give"
    if part.base in _ENDS and any("postil" in it for it in texts):
        return "it ends Postil"
    return ""


def _own_words(part: Part, texts: Sequence[str]) -> Sequence[str]:
    """Return the words that Postil is given, by its name or by what runs it, such as `python -m` or `uv run`; none where it is not."""
    if part.base in _OWN_PROGRAM:
        return texts
    at = next((at for at, it in enumerate(texts) if _OWN.fullmatch(it)), len(texts))
    return texts[at + 1 :]


def _is_for_people(texts: Sequence[str]) -> bool:
    loosens = any(
        len(it) > 3 and option.startswith(it.split("=")[0]) for it in texts for option in _LOOSENING
    )
    return loosens or any(set(texts) & set(actions) for name, actions in _FOR_PEOPLE.items() if name in texts)


def _linked(part: Part, around: Surroundings) -> str | None:
    """Return the protected place, or what holds one of Postil's own, that gets another name."""
    return next((it for _, it in linked(part, around) if protected(it, around, whole=True)), None)


def _written(part: Part, around: Surroundings, *, counts: bool) -> str | None:
    targets = written(part, around) if counts else redirected(part, around)
    for one in targets:
        for path in one.paths:
            if protected(path, around, whole=one.whole):
                return one.word.text or path
    for path in mentioned(part, around) if counts else ():
        if protected(path, around):
            return path
    return None
