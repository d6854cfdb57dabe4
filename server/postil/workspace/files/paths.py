"""Where the workspace is: paths resolved against its roots, and names that need care."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path, PurePath

from postil.core.errors import Ignored, InvalidInput, OutsideWorkspace
from postil.workspace.files.uris import strictly, uri_to_path

_LONGEST = 4096


class Paths:
    """The roots of the workspace, and the only way from words to paths."""

    def __init__(self, roots: Sequence[Path], ignored: Callable[[Path], bool] = lambda path: False) -> None:
        """`ignored` says whether .postilignore keeps a resolved path below a root from the agent."""
        self.roots = tuple(dict.fromkeys(Path(os.path.realpath(root)) for root in roots))
        self._opened = {
            str(root): os.path.realpath(root) for root in roots if str(root) != os.path.realpath(root)
        }
        self._ignored = ignored

    def resolve(self, path: str) -> Path:
        """Return the absolute, resolved path; raises OutsideWorkspace or Ignored. The file need not exist."""
        resolved = self.locate(path)
        if self.root_of(resolved) is None:
            where = ", ".join(map(str, self.roots)) or "no folder is open"
            aside = "" if str(resolved) == path else f" (it is {resolved})"
            raise OutsideWorkspace(f"{path} lies outside the workspace{aside}.", f"The workspace: {where}.")
        return resolved

    def locate(self, path: str) -> Path:
        """Like `resolve`, for reading only: a path outside every root is returned, not refused."""
        written = self.written(path)
        resolved = Path(os.path.realpath(written))
        # After `link/..` the words and the file system part ways; whoever reads the words is misled.
        if ".." in Path(written).parts and Path(os.path.realpath(os.path.normpath(written))) != resolved:
            raise InvalidInput(f"{path} goes up from a symbolic link.", f"Say {resolved} if you mean that.")
        self.check(resolved)
        return resolved

    def check(self, path: Path) -> None:
        """Raise Ignored where .postilignore keeps the path from the agent."""
        if self.root_of(path) is not None and self._ignored(path):
            raise Ignored(f"{self.display(path)} is kept from you by .postilignore.", "Work without it.")

    def root_of(self, path: Path) -> Path | None:
        """Return the innermost root that a resolved path lies in."""
        holding = [root for root in self.roots if path.is_relative_to(root)]
        return max(holding, key=lambda root: len(root.parts), default=None)

    def display(self, path: Path) -> str:
        """Return the path as people read it; `resolve` understands it.

        Below the first root it is relative; below another, it begins with that root's name.
        """
        root = self.root_of(path)
        if root is None:
            return str(path)
        relative = path.relative_to(root)
        if root == self.roots[0]:
            return str(relative)
        named = str(root.name / relative)
        return named if self._by_name(named) == path and not self._in_roots(named) else str(path)

    def written(self, path: str) -> str:
        """Return the absolute path that the words name, links and `..` still in it. Raises InvalidInput, OutsideWorkspace."""
        if not path.strip() or "\0" in path:
            raise InvalidInput(
                f"{path!r} is not a path.", "Give a path in the workspace, such as src/app.py."
            )
        if len(path) > _LONGEST:
            raise InvalidInput("The path is longer than any file system allows.")
        if path[:5].lower() == "file:":
            named = uri_to_path(f"file:{path[5:]}") if _is_plain(path) else None
            if named is None:
                raise InvalidInput(f"{path} does not name a file on this machine.", "Give its path.")
            return str(named)
        if path.startswith("~/") and self._in_roots(path) is None:
            home = str(Path(path).expanduser())
            raise InvalidInput(f"{path} is not expanded here.", f"Say {home} if you mean that.")
        if Path(path).is_absolute():
            return self._as_opened(path)
        if not self.roots:
            raise OutsideWorkspace(f"{path} is relative, and no folder is open.", "Give an absolute path.")
        return str(self._in_roots(path) or self._by_name(path) or self.roots[0] / path)

    def link(self, path: str) -> str | None:
        """Return what a symbolic link of that name points at, as it says; None where the words name no link."""
        try:
            return str(Path(self.written(path)).readlink())
        except OSError:
            return None

    def _as_opened(self, path: str) -> str:
        """Return the path with the root it begins with as it is, where that was opened by a link to it."""
        for opened, root in self._opened.items():
            if path == opened or path.startswith(opened.rstrip("/") + "/"):
                return root + path[len(opened.rstrip("/")) :]
        return path

    def _in_roots(self, path: str) -> Path | None:
        return next((root / path for root in self.roots if os.path.lexists(root / path)), None)

    def _by_name(self, path: str) -> Path | None:
        """Return the path below another root than the first whose name the path begins with."""
        name, *rest = Path(path).parts or ("",)
        return next((root.joinpath(*rest) for root in self.roots[1:] if root.name == name), None)


def _is_plain(uri: str) -> bool:
    try:
        return strictly(uri) is not None
    except UnicodeError:
        return False


def is_secret(path: PurePath) -> bool:
    """Whether a file of this path, absolute or below a root, is known to hold secrets."""
    return holds_secrets(path.parts)


def holds_secrets(names: Iterable[str]) -> bool:
    """Whether a file of this path, given as the names on the way, is known to hold secrets."""
    parts = [_folded(part) for part in names]
    name = parts[-1] if parts else ""
    if _NOT_SECRET.fullmatch(name):
        return False
    if _SECRET_NAMES.fullmatch(name) or any(part in _SECRET_FOLDERS for part in parts[:-1]):
        return True
    return tuple(parts[-2:]) in _SECRET_TAILS or tuple(parts[-3:]) in _SECRET_TAILS


def is_protected(relative: PurePath) -> bool:
    """Whether no tool may write the path (below a root): what makes programs run or loosens Postil's own rules."""
    return is_kept_from_tools(relative.parts)


def is_kept_from_tools(names: Iterable[str]) -> bool:
    """Whether no tool may write the path below a root, given as the names on the way."""
    parts = [_folded(part) for part in names]
    if not parts:
        return False
    if any(part in _PROTECTED_FOLDERS for part in parts) or parts[-1] in _PROTECTED_NAMES:
        return True
    return any(
        part == ".postil" and _PROTECTED_IN_POSTIL.match((*parts, "")[index + 1])
        for index, part in enumerate(parts)
    )


def protected_folders() -> tuple[str, ...]:
    """Return the names of folders that are protected wherever they lie."""
    return tuple(sorted(_PROTECTED_FOLDERS))


def protected_files() -> tuple[str, ...]:
    """Return the names of files that are protected wherever they lie."""
    return tuple(sorted(_PROTECTED_NAMES))


def is_memory(relative: PurePath) -> bool:
    """Whether the path (below a root) is what Postil remembers, of which every change is shown to a person."""
    parts = [_folded(part) for part in relative.parts]
    return any(one == ".postil" and other == "memory" for one, other in pairwise(parts))


def is_conversation(path: Path) -> bool:
    """Whether the path is a chat document, which no command waits for: it is unsaved most of the time."""
    return path.parts[-3:-1] == (".postil", "chat")


def runs_later(relative: PurePath) -> bool:
    """Whether something else runs what the path (below a root) says, without anybody asking: builds on a server, editors, debuggers."""
    parts = [_folded(part) for part in relative.parts]
    return bool(parts) and (
        tuple(parts[:2]) in _LATER_FOLDERS
        or parts[0] in _LATER_FOLDERS
        or parts[-1] in _LATER_NAMES
        or tuple(parts[-2:]) in _LATER_TAILS
        or parts[-1].endswith(".code-workspace")
        or any(one in _ENVIRONMENTS and other in ("bin", "scripts") for one, other in pairwise(parts))
        or any(pair in _STARTED_FROM for pair in pairwise(parts))
    )


def runs_when_built(relative: PurePath) -> bool:
    """Whether a build, an install or a task that people start by its name runs what the path (below a root) says."""
    return _folded(relative.name) in _BUILT_NAMES or _folded(relative.suffix) == ".mk"


def _folded(name: str) -> str:
    """Return the name as the least careful file system compares it: case, composition, invisible marks, 8.3."""
    plain = name if name.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", name))
    text = plain.casefold()
    return {"git~1": ".git"}.get(text, text.rstrip(" .") or text)


_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufeff]")

_PROTECTED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".jj", ".ssh", ".gnupg", ".vscode", ".idea", ".agents", ".claude", ".codex",
    ".cursor", ".gemini", ".husky", ".githooks", ".windsurf", ".zed", ".continue", ".roo", ".amazonq", ".kiro", ".opencode", ".cline", ".junie",
    ".augment", ".goose", ".qwen", ".crush", ".fleet", ".vs", ".trae", ".devcontainer", ".direnv",
})  # fmt: skip
_PROTECTED_NAMES = frozenset({
    ".postilignore", ".mcp.json", ".gitconfig", ".gitmodules", ".bashrc", ".bash_profile", ".bash_login",
    ".bash_logout", ".bash_aliases", ".profile", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".inputrc",
    ".netrc", ".npmrc", ".pypirc", ".envrc", ".exrc", ".nvimrc", ".nvim.lua", ".vimrc", ".dir-locals.el",
})  # fmt: skip
_PROTECTED_IN_POSTIL = re.compile(r"(?!memory$)")
"""All but the team's notes: what later versions keep there is as much theirs."""

PROTECTED_PLACES = (
    *sorted(_PROTECTED_FOLDERS | _PROTECTED_NAMES),
    *(
        f".postil/{it}"
        for it in ("settings.toml", "agents", "hooks", "skills", "mcp.json", "mcp.toml", "chat")
    ),
    ".git/config",
    ".git/hooks/pre-commit",
    ".vscode/settings.json",
    ".vscode/tasks.json",
)
"""The protected paths of a root that have a name of their own."""

_LATER_FOLDERS = frozenset({
    (".github", "workflows"), (".github", "actions"), ".circleci", ".buildkite", ".woodpecker", ".gitea", ".forgejo", ".teamcity", ".tekton",
})  # fmt: skip
_LATER_NAMES = frozenset({
    ".gitlab-ci.yml", ".gitlab-ci.yaml", ".travis.yml", ".woodpecker.yml", ".woodpecker.yaml", ".cirrus.yml", ".cirrus.star", "action.yml", "action.yaml",
    ".semaphore.yml", "azure-pipelines.yaml", "jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", "appveyor.yml",
    ".appveyor.yml", "cloudbuild.yaml", "buildspec.yml", ".pre-commit-config.yaml", "lefthook.yml", "devcontainer.json",
    ".gdbinit", ".lldbinit", "mise.toml", ".mise.toml", ".gitattributes", ".aider.conf.yml", "opencode.json", "opencode.jsonc", "pyvenv.cfg",
    "sitecustomize.py", "usercustomize.py", ".yarnrc.yml", ".pnpmfile.cjs", ".tool-versions",
})  # fmt: skip
_LATER_TAILS = frozenset({
    (".helix", "languages.toml"), (".helix", "config.toml"), (".cargo", "config.toml"), (".cargo", "config"), (".mvn", "jvm.config"),
    (".mvn", "maven.config"), (".mvn", "extensions.xml"), (".emacs.d", "init.el"), (".emacs.d", "early-init.el"), (".bundle", "config"),
    (".mise", "config.toml"), (".config", "mise.toml"), ("wrapper", "gradle-wrapper.properties"), ("wrapper", "maven-wrapper.properties"),
})  # fmt: skip
_STARTED_FROM = frozenset({
    ("node_modules", ".bin"), (".local", "bin"), ("systemd", "user"), (".config", "autostart"), ("library", "launchagents"),
})  # fmt: skip
"""Folders whose files are started by their plain name, or with a session."""
_ENVIRONMENTS = frozenset({".venv", "venv", "env", ".env"})
"""Folders whose programs an activated shell, or an editor, starts by their plain name."""

_BUILT_NAMES = frozenset({
    "makefile", "gnumakefile", "bsdmakefile", "cmakelists.txt", "justfile", ".justfile", "taskfile.yml", "taskfile.yaml", "rakefile",
    "gulpfile.js", "gruntfile.js", "jakefile.js", "package.json", "noxfile.py", "tox.ini", "dodo.py", "setup.py", "build.rs",
    "sconstruct", "wscript", "meson.build", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradlew",
    "mvnw", "build.xml", "pom.xml", "build.ninja", "tiltfile", "earthfile", "magefile.go", "mise.toml", ".mise.toml",
})  # fmt: skip

_NOT_SECRET = re.compile(
    r"\.env(?:rc)?\.(?:example|sample|template|dist)|.*\.pub|"
    r"credentials?.*\.(?:py|pyi|js|jsx|mjs|ts|tsx|go|rs|java|kt|rb|c|cc|cpp|h|hpp|cs|swift|php|scala|md|rst|html|css|vue)"
)
_SECRET_NAMES = re.compile(
    r"\.env(?:rc)?|\.env\..*|.*\.env|.*\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx?|ppk|gpg|kubeconfig|tfvars|tfstate|ovpn)|"
    r"id_(?:rsa|dsa|ecdsa|ed25519).*|[._]netrc|\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|\.pgpass|\.my\.cnf|\.htpasswd|\.vault-token|"
    r"\.git-credentials|\.dockercfg|\.s3cfg|\.boto|\.terraformrc|kubeconfig|credentials?|\.?credentials?[._-].*|"
    r"secrets?\.(?:ya?ml|json|toml|ini|env|properties|txt)|service[-_]?account.*\.json|"
    r"application_default_credentials\.json|tfstate\.backup|.*\.tfstate\.backup|\.\w+_history"
)
_SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".password-store", "gcloud"})
_SECRET_TAILS = frozenset({
    (".kube", "config"), (".docker", "config.json"), ("gh", "hosts.yml"), (".cargo", "credentials.toml"),
    (".gem", "credentials"), (".config", "rclone", "rclone.conf"), (".git", "config"),
})  # fmt: skip
