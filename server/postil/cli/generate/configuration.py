"""`docs/configuration.md`: every option, with its type, its default and where it may be set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from postil.cli.generate.markdown import code, document, table
from postil.config.options import CheckOptions, Layer, LimitOptions, Options, setters
from postil.config.server_options import ServerOptions
from postil.core.docstrings import field_docs
from postil.permissions.modes import modes

OPTION_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "model": ("POSTIL_MODEL",),
    "base_url": ("POSTIL_BASE_URL", "ANTHROPIC_BASE_URL"),
    "guardrails": ("POSTIL_GUARDRAILS",),
}
"""Environment variables that set an option, the strongest first."""
OPTION_FLAGS: Mapping[str, str] = {"model": "--model", "mode": "--mode", "allow": "--allow"}
"""Flags of `postil ask` that set an option for one run; `--allow` adds to it."""
OTHER_VARIABLES: Mapping[str, str] = {
    "POSTIL_CONFIG_DIR": "the folder of your own settings and of the key file",
    "POSTIL_STATE_DIR": "the folder that sessions are kept in",
    "POSTIL_LOG": "how much is said on stderr: `WARNING`, `INFO`, `DEBUG`",
    "POSTIL_LAZY_LSPROTOCOL": "`0` loads the protocol's types whole at the start; only to look for a fault in the short way",
    "POSTIL_PROJECT_DIR": "not read but set, for hooks, to the workspace's folder; `CLAUDE_PROJECT_DIR` is the same",
    "POSTIL_READS_PATH": "not read but set, to `1`, for your shell when Postil asks it for your `PATH`: what it starts can know",
    "POSTIL_LAZY_ANTHROPIC": "`0` loads all types of the SDK at its import; only to look for a fault in the short way",
    "ANTHROPIC_LOG": "`debug` or `info` has the SDK log what it sends on stderr",
    "ANTHROPIC_API_KEY": "the key; it is used before a stored one",
    "ANTHROPIC_AUTH_TOKEN": "a token in place of a key",
}
"""What is not an option and yet read from the environment."""

_FILES: Mapping[Layer, str] = {"workspace": "a workspace's own file", "administrator": "the machine's file"}

_INTRO = """
Options are read in this order, and the later one wins: the defaults, your own `settings.toml`, your own settings in VS Code (as `postil.NAME`,
with capitals in place of underscores: `postil.maxSteps`), the environment, the flags of the command. Your own file is `~/.config/postil/settings.toml` on Linux, `~/Library/Application Support/postil/settings.toml` on macOS.
What the machine's file sets, `/etc/postil/settings.toml`, nobody else sets.
`postil doctor` names what could not be used and why; an option that does not fit keeps its default.

    # settings.toml
    mode = "default"
    allow = ["Bash(pytest:*)", "Edit(src/**)"]
"""
_LIMITS = """
How much may be spent, in US dollars and in tokens (read and written, cached ones included); `"none"` is without limit. Before each call of the
model what it may use in the worst case is held against every limit. What does not fit gets less output, down to 1,024 tokens; if that is not
enough the turn halts before the call, and you are asked: *Raise the limit and continue*, or *End turn*. Where a model's price is not known,
limits on money say nothing and those on tokens hold. A limit that the machine's file sets nobody raises.

    [limits]
    session = 5.0
    day_tokens = 20_000_000
"""
_SERVERS = """
Servers of tools (Model Context Protocol), each a table `[mcp.NAME]`. One is started when a first request is under way, never before, and none holds up a turn.
Its tools are found by `find_tools`, asked about unless a rule such as `Mcp(NAME/*)` allows them, and what they answer counts as material from elsewhere.

    [mcp.time]
    command = ["uvx", "mcp-server-time"]

    [mcp.forge]
    url = "https://forge.example/mcp"
    headers = { Authorization = "Bearer ${FORGE_TOKEN}" }

`postil tools` shows every tool and how each server stands; `postil mcp allow NAME` says yes to one that a trusted workspace names. That holds for the
definition as it is: where it changes, you are asked again.
"""
_CHECKS = """
What tells whether the project works. After a turn that has edited files those that are about one of the files are run, under the mode `no-edits`, and where rules do not allow one you are
asked, for once or for longer as about any command. Without a table the files of the project tell: pyproject.toml and the like (pytest, ruff, mypy, pyright), package.json (test, lint,
typecheck), Cargo.toml, go.mod, mix.exs, pom.xml, gradlew; and where none of these does, the target `check` or `test` of a Makefile or justfile, or tox.

    [[check]]
    name = "tests"
    command = "pytest -q tests/unit"
    covers = ["*.py"]
"""
_MACHINE = """
## The machine's file

An administrator writes `/etc/postil/settings.toml`. Its rules are the highest tier: what it denies or asks about, no other rule loosens; what it
allows is allowed. Other options that it sets are fixed for everybody.
"""
_WORKSPACE = """
## A workspace's own file

`.postil/settings.toml` in a workspace may come from anyone who can write to the repository, so it can only tighten: {names} count,
everything else in it is reported and left alone. That is so in a workspace that you trust, too: what allows is in your own file.
A server of tools that it names is started only where you trust the workspace and have said yes to what it says of that server.
"""
_RULES = """
## Rules

`Kind(pattern)`, or `Kind` alone for everything of its kind. Deny beats ask, and ask beats allow, wherever they are written.

* `Read(pattern)` and `Edit(pattern)` take patterns as in .gitignore: `src/**` starts at a folder of the workspace, `//etc/hosts` at the
  root of the file system, `~/x` at your home, and a pattern without a slash matches a name at any depth.
  Files that hold secrets, files that run later by themselves (builds on a server, `Makefile`, `package.json`) and names that are another
  file's on some system are asked about all the same, unless the rule is the very path, as in `Edit(./Makefile)`.
* `Bash(pytest -q)` is that one command, `Bash(pytest:*)` or `Bash(pytest *)` everything that starts with those words, and a star alone
  stands for one word or more. Words are compared as the program gets them, quotes read. Of several commands in a line each needs its own
  rule; redirections, substitutions, variables and functions are never covered by one.
* `Mcp(server/tool)` is one tool of a plugin, `Mcp(server/*)` all of that server's, `Skill(name)` one skill. Only rules of people allow these, and a tool
  that says of itself that it destroys is allowed by its very name alone.
* `WebFetch(domain:example.org)` is that host alone, `WebFetch(domain:*.example.org)` all below it. One that denies or asks counts for
  commands too that name such an address, as in `curl https://example.org/x` or `scp notes me@example.org:`; one that allows does not.

What allows is read narrowly, what denies or asks widely: behind `sudo`, `timeout`, `bash -c` and the like, whatever the case of letters,
with options in between. `postil permissions why COMMAND` tells what decides.
"""

_HOOKS = """
## Hooks

A hook is a command of yours that runs at a moment of a session, gets one JSON object on its standard input, and may tighten what happens:

    [[hooks.PreToolUse]]
    matcher = "shell|edit"
    hooks = [{ type = "command", command = "~/bin/look-first", timeout = 10 }]

The moments are `PreToolUse`, `PostToolUse`, `UserPromptSubmit`, `SessionStart`, `Stop`, `SubagentStart`, `SubagentStop` and `PreCompact`. Hooks of
the machine's file run first, then yours, then those of a workspace that you trust. [Hooks](howto/hooks.md) has what they get and what they
may answer.
"""


def render() -> str:
    """Return the whole page."""
    properties: Mapping[str, Mapping[str, Any]] = Options.model_json_schema()["properties"]
    docs = field_docs(Options)
    rows = [
        (code(name), _type(form), _default(form), _places(name), docs[name])
        for name, form in properties.items()
    ]
    return document(
        "Configuration",
        _INTRO,
        "## Options\n\n" + table(("option", "type", "default", "besides your own file", "meaning"), rows),
        _limits(),
        _servers(),
        _checks(),
        _MACHINE,
        _WORKSPACE.format(names=", ".join(code(it) for it in Options.model_fields if "workspace" in setters(it))),
        _RULES,
        _HOOKS,
        "## Modes\n\n"
        + table(("mode", "title", "meaning"), [(code(it.name), it.title, it.summary) for it in modes().values()]),
        "## Environment\n\n" + table(("variable", "meaning"), _variables()),
    )  # fmt: skip


def _limits() -> str:
    properties: Mapping[str, Mapping[str, Any]] = LimitOptions.model_json_schema()["properties"]
    docs = field_docs(LimitOptions)
    rows = [(code(name), _type(form), _default(form), docs[name]) for name, form in properties.items()]
    return (
        "## Limits\n\n"
        + _LIMITS.strip()
        + "\n\n"
        + table(("in `[limits]`", "type", "default", "meaning"), rows)
    )


def _servers() -> str:
    properties: Mapping[str, Mapping[str, Any]] = ServerOptions.model_json_schema()["properties"]
    docs = field_docs(ServerOptions)
    rows = [(code(name), _type(form), _default(form), docs[name]) for name, form in properties.items()]
    return (
        "## Servers of tools\n\n"
        + _SERVERS.strip()
        + "\n\n"
        + table(("in `[mcp.NAME]`", "type", "default", "meaning"), rows)
    )


def _checks() -> str:
    properties: Mapping[str, Mapping[str, Any]] = CheckOptions.model_json_schema()["properties"]
    docs = field_docs(CheckOptions)
    rows = [(code(name), _type(form), docs[name]) for name, form in properties.items()]
    return "## Checks\n\n" + _CHECKS.strip() + "\n\n" + table(("in `[[check]]`", "type", "meaning"), rows)


def _type(form: Mapping[str, Any]) -> str:
    if forms := [it for it in form.get("anyOf", ()) if it.get("type") != "null"]:
        return _type(forms[0])
    if "$ref" in form or form.get("type") == "object":
        return "table"
    if form.get("type") == "object":
        patterns = cast("dict[str, dict[str, Any]]", form.get("patternProperties", {}))
        extra = cast("dict[str, Any] | None", form.get("additionalProperties"))
        inner: dict[str, Any] = extra or next(iter(patterns.values()), dict[str, Any]())
        return "tables" if "$ref" in inner else "table of texts"
    if form.get("type") == "array":
        return f"list of {_type(form.get('items', {}))}"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    bounds = [
        f"{word} {form[key]:,}"
        for key, word in {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}.items()
        if key in form
    ]
    return ", ".join([words[form["type"]], " ".join(bounds)] if bounds else [words[form["type"]]])


def _default(form: Mapping[str, Any]) -> str:
    default = form.get("default")
    return "none" if default in (None, [], (), {}, "") else code(json.dumps(default))


def _places(name: str) -> str:
    places = [code(variable) for variable in OPTION_VARIABLES.get(name, ())]
    if name in OPTION_FLAGS:
        places.append(code(f"postil ask {OPTION_FLAGS[name]}"))
    places += ["VS Code"] if "editor" in setters(name) else []
    places += [words for layer, words in _FILES.items() if layer in setters(name)]
    return ", ".join(places)


def _variables() -> list[tuple[str, str]]:
    options = [
        (code(variable), f"the option `{name}`")
        for name, variables in OPTION_VARIABLES.items()
        for variable in variables
    ]
    return options + [(code(name), doc) for name, doc in OTHER_VARIABLES.items()]
