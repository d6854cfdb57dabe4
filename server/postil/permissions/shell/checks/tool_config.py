"""Programs that read code or settings of the workspace, even to tell their version."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("npm ls", "yarn --version", "cargo tree", "go vet", "python3 -m json.tool a", "make -n", "pnpm why x", "eslint a",
         "rustc --version", "mypy a", "pytest --version"),
    auto=("python3 --version", "node --version", "git --version"),
)  # fmt: skip

_READ_CONFIG = frozenset({
    "npm", "npx", "yarn", "pnpm", "bun", "bunx", "corepack", "deno", "cargo", "rustc", "rustup", "rustfmt", "clippy-driver", "go", "gofmt",
    "make", "gmake", "cmake", "ninja", "meson", "bazel", "gradle", "gradlew", "mvn", "ant", "sbt", "eslint", "prettier", "tsc", "jest",
    "vitest", "mocha", "webpack", "vite", "rollup", "babel", "python", "python3", "pip", "pip3", "uv", "uvx", "poetry", "pipenv", "hatch",
    "tox", "nox", "pytest", "mypy", "ruff", "black", "flake8", "pylint", "pyright", "basedpyright", "isort", "pre-commit", "node", "ts-node",
    "tsx", "ruby", "bundle", "gem", "rake", "rspec", "rubocop", "php", "composer", "phpunit", "perl", "dotnet", "swift", "xcodebuild",
    "terraform", "docker", "docker-compose", "podman", "kubectl", "helm", "ansible", "vagrant", "direnv", "mise", "asdf", "just", "task",
    "vim", "nvim", "emacs", "ctags", "clang-format", "clang-tidy", "shellcheck", "hadolint", "gh", "nix", "stack", "cabal", "ghc", "mix",
    "elixir", "iex", "lua", "luac", "R", "Rscript", "julia",
})  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Ask about them in every form but the few that their table names."""
    for index, part, usage in view.direct:
        if part.base in _READ_CONFIG and (usage is None or usage.doubts):
            yield Finding(
                "tool-config",
                "ask",
                f"{part.base} may run what the workspace configures",
                index,
                by_rule=True,
            )
