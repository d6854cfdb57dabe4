"""What git does with its words: files that it writes by options and operands, settings that name programs, commands that it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.option_words import OptionWords, option_words
from postil.permissions.shell.part import Part
from postil.permissions.shell.touches.named import any_word
from postil.permissions.shell.touches.touched import Doing, Touched

_GLOBAL_LONG = ("git-dir", "work-tree", "namespace", "super-prefix", "config-env", "exec-path", "attr-source")
_NAMES_PROGRAM = re.compile(
    r"core\.(?:fsmonitor|hookspath|editor|pager|sshcommand|askpass|gitproxy|alternaterefscommand|attributesfile|worktree)|alias\..+|"
    r"filter\..+|diff\.(?:.+\.(?:command|textconv)|external)|merge\..+\.driver|(?:diff|merge)tool\..+|gpg\.(?:.+\.)?program|"
    r"gpg\.ssh\.defaultkeycommand|pager\..+|sequence\.editor|include(?:if)?\..+|credential\..+|init\.templatedir|"
    r"remote\..+\.(?:uploadpack|receivepack|vcs|proxy)|uploadpack\.packobjectshook|submodule\..+\.update|browser\..+|man\..+|"
    r"sendemail\..+|interactive\.difffilter|protocol\..*allow|trailer\..+\.(?:command|cmd)|receive\.proc.*|web\..+|guitool\..+|tar\..+",
    re.IGNORECASE,
)
_VALUES = {
    "commit": "mFcCt", "merge": "mFsX", "tag": "muF", "stash": "m", "notes": "mFcC", "rebase": "xsX", "difftool": "xt", "mergetool": "t", "archive": "o",
    "format-patch": "o", "clone": "ubcoj", "config": "f", "checkout": "bB", "switch": "cC", "worktree": "bB", "branch": "u", "submodule": "b",
    "log": "SGLnUlO", "show": "SGLnUlO", "diff": "SGUlO", "grep": "efABCm", "blame": "LS", "annotate": "LS", "am": "CpS", "apply": "pC", "clean": "e",
    "cherry-pick": "mX", "revert": "mX", "push": "o", "fetch": "oj", "ls-files": "xX", "reflog": "n", "hash-object": "t",
}  # fmt: skip
"""By sub-command, the letters that take a value."""
_LONG = ("output", "output-directory", "directory", "file", "exec", "extcmd", "upload-pack", "receive-pack", "message", "branch", "template",
    "separate-git-dir", "source", "pathspec-from-file", "type", "default", "value", "format", "remote", "prefix", "reference", "open-files-in-pager",
    "index-filter", "tree-filter", "msg-filter", "env-filter", "commit-filter", "parent-filter", "tag-name-filter", "setup",
    "author", "date", "grep", "pretty", "trailer", "contents", "exclude-from", "ignore-revs-file")  # fmt: skip
_ALL = frozenset({"mv", "rm", "restore", "checkout", "clean", "init"})
_LAST = frozenset({"clone"})
_RUN_OPTIONS = {
    "rebase": ("x", "exec"), "difftool": ("x", "extcmd"), "clone": ("u", "upload-pack"), "fetch": ("upload-pack",),
    "ls-remote": ("upload-pack", "exec"), "push": ("receive-pack", "exec"), "archive": ("exec",), "grep": ("O", "open-files-in-pager"),
    "fetch-pack": ("upload-pack", "exec"), "send-pack": ("receive-pack", "exec"),
    "filter-branch": ("index-filter", "tree-filter", "msg-filter", "env-filter", "commit-filter", "parent-filter", "tag-name-filter", "setup"),
}  # fmt: skip
_READ_CONFIG = (
    "get",
    "get-all",
    "get-regexp",
    "get-urlmatch",
    "list",
    "l",
    "get-color",
    "get-colorbool",
    "unset",
    "unset-all",
)
_KNOWN = frozenset(
    [
        "add",
        "am",
        "annotate",
        "apply",
        "archive",
        "bisect",
        "blame",
        "branch",
        "bugreport",
        "bundle",
        "cat-file",
        "check-attr",
        "check-ignore",
        "check-mailmap",
        "check-ref-format",
        "checkout",
        "checkout-index",
        "cherry",
        "cherry-pick",
        "clean",
        "clone",
        "commit",
        "commit-graph",
        "commit-tree",
        "config",
        "count-objects",
        "credential",
        "daemon",
        "describe",
        "diagnose",
        "diff",
        "diff-files",
        "diff-index",
        "diff-tree",
        "difftool",
        "fast-export",
        "fast-import",
        "fetch",
        "fetch-pack",
        "filter-branch",
        "fmt-merge-msg",
        "for-each-ref",
        "for-each-repo",
        "format-patch",
        "fsck",
        "gc",
        "get-tar-commit-id",
        "grep",
        "gui",
        "hash-object",
        "help",
        "hook",
        "index-pack",
        "init",
        "instaweb",
        "interpret-trailers",
        "log",
        "ls-files",
        "ls-remote",
        "ls-tree",
        "mailinfo",
        "mailsplit",
        "maintenance",
        "merge",
        "merge-base",
        "merge-file",
        "merge-index",
        "merge-tree",
        "mergetool",
        "mktag",
        "mktree",
        "multi-pack-index",
        "mv",
        "name-rev",
        "notes",
        "pack-objects",
        "pack-refs",
        "patch-id",
        "prune",
        "prune-packed",
        "pull",
        "push",
        "range-diff",
        "read-tree",
        "rebase",
        "reflog",
        "remote",
        "repack",
        "replace",
        "request-pull",
        "rerere",
        "reset",
        "restore",
        "rev-list",
        "rev-parse",
        "revert",
        "rm",
        "send-email",
        "send-pack",
        "shortlog",
        "show",
        "show-branch",
        "show-index",
        "show-ref",
        "sparse-checkout",
        "stage",
        "stash",
        "status",
        "stripspace",
        "submodule",
        "switch",
        "symbolic-ref",
        "tag",
        "unpack-objects",
        "update-index",
        "update-ref",
        "update-server-info",
        "upload-archive",
        "var",
        "verify-commit",
        "verify-pack",
        "verify-tag",
        "version",
        "whatchanged",
        "worktree",
        "write-tree",
        "lfs",
    ]
)
"""Sub-commands that git comes with."""
_READS = frozenset({
    "add", "stage", "commit", "stash", "hash-object", "apply", "am", "mv", "update-index", "diff", "difftool", "show", "log", "grep", "blame", "annotate",
    "cat-file", "archive", "notes", "send-email", "whatchanged", "diff-index", "diff-files", "diff-tree", "ls-files", "format-patch", "bundle",
    "interpret-trailers", "mailinfo", "stripspace", "check-mailmap", "config",
})  # fmt: skip
"""Sub-commands whose operands may be files that are read."""
_FILES_READ = (
    "F",
    "file",
    "t",
    "template",
    "pathspec-from-file",
    "f",
    "contents",
    "exclude-from",
    "X",
    "ignore-revs-file",
    "patch-file",
    "attach",
)


def doing_of(part: Part) -> Doing:
    """Return what a git command writes and runs."""
    given = option_words(part.operands, "Cc", _GLOBAL_LONG, operands_end=True)
    folders = tuple(it.text for it in given.values(("C", "work-tree")) if it.text)
    if not given.operands:
        return Doing()
    name = given.operands[0].text or given.operands[0].leading
    words = option_words(given.operands[1:], _VALUES.get(name, ""), _LONG)
    rest = given.operands[1:]
    scripts = (*_configured(given, name, rest), *_run(name, words, rest))
    written = tuple(_written(name, words))
    reads = tuple(_read(given, name, words))
    if name not in _KNOWN:
        # It may be an alias, or a program of its own.
        written = reads = tuple(any_word(rest))
    started = tuple(dict.fromkeys(it for it in scripts if it))
    hides = _hides(given, name, words)
    return Doing(written, reads, started, hides, _set(name, words), below=folders, by=name)


def _hides(given: OptionWords, name: str, words: OptionWords) -> bool:
    """Whether a text that it runs, or a setting that may name one, is not known."""
    values = [*given.values(("c", "config-env", "exec-path")), *words.values(_RUN_OPTIONS.get(name, ()))]
    texts = [it.text for it in words.operands]
    if (name == "submodule" and "foreach" in texts) or (name == "bisect" and texts[:1] == ["run"]):
        values += words.operands
    return any(it.text is None for it in (*values, given.operands[0]))


def _read(given: OptionWords, name: str, words: OptionWords) -> Iterator[Touched]:
    """Yield the files whose contents it takes in or shows; a revision's file is that of the workspace by its name."""
    yield from (Touched(it, certain=False) for it in given.values(("git-dir", "work-tree", "C")))
    if name not in _READS:
        yield from map(Touched, words.values(("F", "file", "pathspec-from-file", "template")))
        return
    yield from map(Touched, words.values(_FILES_READ))
    first = name == "grep" and not words.has(("e", "f"))
    for argument in words.operands[1:] if first else words.operands:
        yield Touched(argument, certain=False)
        _, colon, path = (argument.text or "").rpartition(":")
        if colon and path:
            yield Touched(Argument(path.removeprefix("/"), argument.pattern, path), certain=False)


def _configured(given: OptionWords, name: str, rest: list[Argument]) -> Iterator[str]:
    """Yield what settings of the command line run."""
    after = " ".join(it.text or "" for it in rest)
    for value in given.values(("c",)):
        key, _, text = (value.text or "").partition("=")
        if key.lower() == f"alias.{name}".lower():
            yield f"{text[1:]} {after}" if text.startswith("!") else f"git {text} {after}"
        elif _NAMES_PROGRAM.fullmatch(key):
            yield text.removeprefix("!")


def _run(name: str, words: OptionWords, rest: list[Argument]) -> Iterator[str]:
    texts = [it.text or "" for it in rest]
    if name in _RUN_OPTIONS:
        yield from (it.text or "" for it in words.values(_RUN_OPTIONS[name]))
    if name == "submodule" and "foreach" in texts:
        after = [
            it for it in texts[texts.index("foreach") + 1 :] if it not in ("--recursive", "-q", "--quiet")
        ]
        yield " ".join(after)
    if name == "bisect" and texts[:1] == ["run"]:
        yield " ".join(texts[1:])
    yield from (it.removeprefix("ext::") for it in texts if it.startswith("ext::"))


def _written(name: str, words: OptionWords) -> Iterator[Touched]:
    for value in words.values(("output", "output-directory", "directory")):
        yield Touched(value)
    if name in ("archive", "format-patch", "bundle", "bugreport", "diagnose"):
        yield from (Touched(it) for it in words.values(("o",)))
    if name == "bundle" and [it.text for it in words.operands[:1]] == ["create"]:
        yield from map(Touched, words.operands[1:2])
    if name == "config" and not words.has(_READ_CONFIG):
        yield from map(Touched, words.values(("f", "file")))
        if words.has(("e", "edit")) or [it.text for it in words.operands] == ["edit"]:
            yield Touched(Argument(".git/config", leading=".git/config"))
    if name == "worktree" and [it.text for it in words.operands[:1]] in (["add"], ["move"], ["remove"]):
        yield from map(Touched, words.operands[1:])
    if name == "submodule" and [it.text for it in words.operands[:1]] == ["add"]:
        yield from map(Touched, words.operands[2:])
    if name in _LAST:
        yield from map(Touched, words.operands[1:])
    staged = name == "restore" and words.has(("staged", "S")) and not words.has(("worktree", "W"))
    if name in _ALL and not staged and not words.has(("cached",)):
        yield from (Touched(it, whole=name in ("mv", "rm")) for it in words.operands)


def _set(name: str, words: OptionWords) -> str:
    """Return the setting that names a program and that the command sets; empty where it sets none."""
    if name != "config" or words.has(_READ_CONFIG):
        return ""
    texts = [it.text or "" for it in words.operands]
    if texts[:1] == ["set"]:
        texts = texts[1:]
    elif texts[:1] in (["get"], ["list"], ["unset"]):
        return ""
    return texts[0] if len(texts) > 1 and _NAMES_PROGRAM.fullmatch(texts[0]) else ""
