"""What writes to what Postil is bound by, or to what runs by itself later: settings, hooks, journals, trust, and git's own."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.harm import mentioned, protected, resolved, targets
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.surroundings import Surroundings

EXAMPLES = Examples(
    deny=("echo x > .postil/settings.toml", "rm .git/config", "tee .git/hooks/pre-commit", "mv .postil x", "cd .git && rm config",
          "sed -i s/a/b/ .postil/settings.toml", "cp a .vscode/tasks.json", "ln -s a .mcp.json", "rm -rf .git", "chmod +x .git/hooks/x",
          "sudo tee .postil/hooks/a", "bash -c 'echo x >> .git/config'", "echo x >> ~/.bashrc", "python3 x.py --out=.postil/settings.toml",
          "dd of=.git/config", "mkdir -p .postil/hooks", "cp a .GIT/config", "cat a >.git/hooks/x", "rm -rf ~/.config/postil"),
    spared=("cat .git/config", "echo x > a", "git commit -m x", "rm .gitignore", "mv src lib"),
    auto=("ls .postil", "cat .postil/settings.toml", "ls .git/hooks"),
)  # fmt: skip

_MOVES_WHOLE = frozenset(
    {
        "rm",
        "mv",
        "rmdir",
        "ln",
        "rsync",
        "rename",
        "shred",
        "unlink",
        "trash",
        "find",
        "chmod",
        "chown",
        "cp",
    }
)
_ONLY_READ = frozenset({"cp", "ln", "rsync", "install", "scp"})
"""Programs whose last operand is written and the others are read."""
_NO_FILES = frozenset(
    {"echo", "printf", "git", "cd", "pushd", "test", "[", "[[", "true", "false", ":", "export"}
)


def find(view: View) -> Iterator[Finding]:
    """Deny it in every mode and under every rule."""
    for index, part in enumerate(view.parts):
        usage = view.usages[index]
        path = _written(part, view.around, reads=usage is not None and not usage.doubts)
        if path is not None:
            yield Finding("self-protection", "deny", f"it could write {path}, which is protected")
            return


def _written(part: Part, around: Surroundings, *, reads: bool) -> str | None:
    for one in part.redirections:
        if one.writes and one.target is not None and one.target.text is not None:
            for path in resolved(one.target.text, part.cwds, around):
                if protected(path, around):
                    return one.target.text
    if reads or part.base in _NO_FILES or (part.base in STARTERS and part.base != "find"):
        return None
    whole = part.base in _MOVES_WHOLE
    for path in (*_targets(part, around), *mentioned(part, around)):
        if protected(path, around, whole=whole):
            return path
    return None


def _targets(part: Part, around: Surroundings) -> Iterator[str]:
    """Yield what the part may write: of programs that copy, only where to."""
    if part.base in _ONLY_READ and not any((it.text or "").startswith("-t") for it in part.operands):
        last = part.operands[-1:]
        yield from (path for it in last for path in resolved(it.text or "", part.cwds, around))
        return
    yield from targets(part, around)
