"""The environment that child processes get: the user's own, without secrets and without anything that asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
"""The folders of the system's own programs, in which nothing of a workspace or of the user lies."""

_OURS = re.compile(
    r"(?:ANTHROPIC|POSTIL|CLAUDE|NVIM|VSCODE|ELECTRON|MYVIMRC)(?:_|$)|NVIM|VIM$|VIMRUNTIME$", re.IGNORECASE
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|CREDENTIALS?|APIKEY|COOKIE|AUTH|PAT|"
    r"(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|SECRET|MASTER|LICENSE|DEPLOY|ACCOUNT|SERVICE)_?KEY)(?:$|_)|"
    r"(?:TOKEN|SECRET|PASSWORD|APIKEY)$|_KEY$",
    re.IGNORECASE,
)
_NOT_SECRET = frozenset({"PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY"})
_SECRET_VALUE = re.compile(r"[a-z][a-z0-9+.-]*://[^/@\s:]*:[^/@\s]+@", re.IGNORECASE)
_STARTS_PROGRAMS = frozenset({
    "BASH_ENV", "ENV", "PROMPT_COMMAND", "PYTHONSTARTUP", "PYTHONINSPECT", "LESSOPEN", "LESSCLOSE", "RIPGREP_CONFIG_PATH",
    "PERL5OPT", "RUBYOPT", "NODE_OPTIONS", "SHELLOPTS", "BASHOPTS", "CDPATH", "GLOBIGNORE", "IFS", "FORCE_COLOR", "CLICOLOR_FORCE",
})  # fmt: skip
_QUIET = {
    "TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat", "MANPAGER": "cat", "SYSTEMD_PAGER": "cat",
    "EDITOR": "true", "VISUAL": "true", "GIT_EDITOR": "true", "GIT_SEQUENCE_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "SSH_ASKPASS_REQUIRE": "never",
    "GIT_OPTIONAL_LOCKS": "0", "DEBIAN_FRONTEND": "noninteractive", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1",
}  # fmt: skip
_FOR_PROGRAMS = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|COMSPEC|PATHEXT", re.IGNORECASE
)


_OF_A_TERMINAL = re.compile(
    r"WINDOWID|SHLVL|_|OLDPWD|PWD|COLORTERM|LS_COLORS|TERM_\w+|TERMINFO|STY|TMUX\w*|ZELLIJ\w*|SSH_(?:CLIENT|CONNECTION|TTY)|GPG_TTY|"
    r"LC_TERMINAL\w*|(?:KITTY|KONSOLE|WEZTERM|ALACRITTY|ITERM|GNOME_TERMINAL|VTE|GHOSTTY)_?\w*|INVOCATION_ID|JOURNAL_STREAM|"
    r"XDG_SESSION_\w+|XDG_ACTIVATION_TOKEN|DESKTOP_STARTUP_ID|PYTEST_\w+"
)
"""What says from where Postil was started: it is another each time, and means nothing to a command."""
_OF_A_SESSION = re.compile(
    r"SSH_AUTH_SOCK|SSH_AGENT_PID|DBUS_\w+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|PULSE_SERVER|DOCKER_HOST",
    re.IGNORECASE,
)
"""What leads to services of the machine, which a sandbox does not have."""
_OF_A_NETWORK = re.compile(r"(?:https?|ftp|all|no)_proxy", re.IGNORECASE)
_FOR_READING = re.compile(r"HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ")


def shell_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return what a command line gets: `own` without secrets, made quiet."""
    kept = {name: value for name, value in own.items() if not _kept_back(name, value)}
    return kept | _QUIET


def asked_environment(own: Mapping[str, str], path: str) -> dict[str, str]:
    """Return what a command gets that was allowed: `own` without secrets and without what changes with every start."""
    kept = {name: it for name, it in shell_environment(own).items() if not _OF_A_TERMINAL.fullmatch(name)}
    return kept | _QUIET | {"PATH": path}


def working_environment(
    own: Mapping[str, str], path: str, folder: str, *, network: bool = False
) -> dict[str, str]:
    """Return what an allowed command gets in a sandbox: nothing that leads out of it. `folder` holds its temporary files."""
    out = [_OF_A_SESSION] if network else [_OF_A_SESSION, _OF_A_NETWORK]
    asked = asked_environment(own, path).items()
    kept = {name: value for name, value in asked if not any(it.fullmatch(name) for it in out)}
    return kept | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)


def program_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return what git and ripgrep get: the few names that say where and in which language."""
    kept = {name: value for name, value in own.items() if _FOR_PROGRAMS.fullmatch(name)}
    return kept | _QUIET


def served_environment(
    own: Mapping[str, str], named: Mapping[str, str], passed: Sequence[str]
) -> dict[str, str]:
    """Return what a server of tools gets: made from nothing, with what its settings name and pass on."""
    kept = {name: value for name, value in own.items() if _FOR_PROGRAMS.fullmatch(name)}
    return kept | {name: own[name] for name in passed if name in own} | dict(named)


def reading_environment(own: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return what a command gets that runs unasked: made from nothing. `folder` holds its own programs and its temporary files."""
    kept = {name: value for name, value in own.items() if _FOR_READING.fullmatch(name)}
    paths = {"PATH": f"{folder}/bin:{SYSTEM_PATH}", "TMPDIR": f"{folder}/tmp"}
    return kept | _QUIET | paths


def _kept_back(name: str, value: str) -> bool:
    if name in _NOT_SECRET:
        return False
    return (
        name in _STARTS_PROGRAMS
        or name.startswith(("GIT_", "BASH_FUNC_"))
        or _OURS.match(name) is not None
        or _SECRET_NAME.search(name) is not None
        or (_SECRET_VALUE.match(value) is not None and not name.lower().endswith("_proxy"))
    )
