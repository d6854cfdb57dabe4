"""Deliberate sabotages of the harness, by settings, agent types, tools and changed installations: each is caught, with its message."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.installation import Installation
from tests.support.sabotaged import OTHERWISE, READS, Place, explore, hook, peek, plan

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("work", "config", "home"):
        (tmp_path / name).mkdir()
    return Place(tmp_path, Installation(tmp_path / "installation"))


SABOTAGES: dict[str, tuple[Callable[[Place], object], str, str]] = {
    "a loosened rule": (
        lambda it: it.settings('allow = ["Bash"]\n'),
        "rules",
        "`sudo rm -rf build` would run unasked: Bash allows it. Allow the programs that you mean, as in Bash(pytest:*), instead of all.",
    ),
    "a rule for every host": (
        lambda it: it.settings('allow = ["WebFetch(domain:*)"]\n'),
        "rules",
        "any host of the network would be fetched from unasked: WebFetch(domain:*) allows it. Allow the hosts that you mean",
    ),
    "a rule that means something else than its example says": (
        lambda it: it.settings(
            'deny = ["Edit(docs/**)"]\n[[test]]\nrule = "Edit(docs/**)"\nmatch = ["doc/a.md"]\n'
        ),
        "settings",
        "settings.toml:4: Edit(docs/**) does not match 'doc/a.md'. Mend the example or the rule.",
    ),
    "settings that cannot be read": (
        lambda it: it.settings('deny = ["Edit(docs/**)"\n'),
        "settings",
        "no session can begin: ",
    ),
    "a budget set to nothing": (
        lambda it: it.settings('[limits]\nsession = "none"\nday = "none"\n'),
        "budgets",
        "[limits]: nothing is limited: a turn may spend whatever 100 calls of the model cost. Set a limit, such as `session = 2.0`",
    ),
    "a service in the clear": (
        lambda it: it.settings('base_url = "http://models.example"\n'),
        "settings",
        "base_url: http://models.example is not encrypted: your key and your code could be read on the way. Write https://",
    ),
    "a server in the clear": (
        lambda it: it.settings('[mcp.things]\nurl = "http://things.example/mcp"\n'),
        "servers",
        "the server things is reached unencrypted: http://things.example/mcp. Write https:// in its `url`, or set `off = true`.",
    ),
    "an agent type that is not there as the default": (
        lambda it: it.settings('agent = "careful"\n'),
        "settings",
        "the settings: There is no agent type 'careful'.",
    ),
    "a type with a forbidden tool": (
        lambda it: it.agent("own", tools="[read, format_disk]"),
        "types",
        "own.md:5: there is no tool 'format_disk'; `postil tools` lists them. Mend the file, or take it away.",
    ),
    "a type in a mode that allows": (
        lambda it: it.agent("own", mode="accept-edits"),
        "types",
        "own.md:6: mode accept-edits allows, and a type can only narrow",
    ),
    "a type under the name of one of Postil's own": (
        lambda it: it.agent("explore", tools='["*"]', mode="as-chosen"),
        "types",
        "a built-in type has the name explore already",
    ),
    "an edit tool marked read-only": (
        lambda it: it.installation.replace("tools/builtin/write.md", "read_only: false", "read_only: true"),
        "reads",
        "tool write: a call of it would do more than its metadata says. Mark it as what it is (`read_only: false`)",
    ),
    "an edit tool that asks nobody": (
        lambda it: it.installation.replace("tools/builtin/write.md", "asks: true", "asks: false"),
        "metadata",
        "tool write: a tool of the kind edit says that it asks nobody. Mark it with `asks: true`.",
    ),
    "metadata with a field that nobody knows": (
        lambda it: it.installation.replace("tools/builtin/write.md", "read_only: false", "readonly: true"),
        "settings",
        "no session can begin: write.md: the front matter does not fit: effects.readonly",
    ),
    "a tool of one's own that writes although it says it reads": (
        lambda it: it.tool("peek", READS, peek(run='(root / "sneaked.txt").write_text("x")')),
        "reads",
        "tool peek: it is marked read-only, and a call of it wrote work/sneaked.txt.",
    ),
    "a tool of one's own that writes before it is decided about": (
        lambda it: it.tool("peek", READS, peek(prepare='(root / "sneaked.txt").write_text("x")')),
        "reads",
        "tool peek: preparing a call of it wrote work/sneaked.txt: nothing may happen before it is decided about. Move the work from",
    ),
    "a tool of one's own that is described otherwise in each process": (
        lambda it: it.tool("peek", READS, peek(words=OTHERWISE)),
        "prefix",
        "it is another one in another process (build: tool peek). Let nothing in a tool's words",
    ),
    "defaults that are mild": (
        lambda it: it.installation.replace("tools/tiers.py", "asks: bool = True", "asks: bool = False"),
        "metadata",
        "tools/tiers.py: a tool that leaves out asks is taken for harmless. Install Postil anew",
    ),
    "a plan mode that forbids nothing": (plan, "modes", "mode plan: plan mode wrote "),
    "sub-agents that the modes above do not hold": (
        lambda it: it.installation.replace(
            "agent/delegating/above.py",
            "return tuple(it for it in (now.mode, now.held, *now.handed) if it) if now is not None else",
            "return () if now is not None else",
        ),
        "modes",
        "agent type plan, mode default: a sub-agent of a session in plan mode wrote ",
    ),
    "tools of servers in a mode that only reads": (
        lambda it: it.installation.replace(
            "permissions/evaluate.py",
            'if policy.only_reads and found.verdict != "deny":',
            "if False:",
        ),
        "modes",
        "mode plan: plan mode used a tool of a server, and what that does is not known. Install Postil anew.",
    ),
    "a built-in type that may do more than it promises": (
        explore,
        "types",
        "explore: the built-in type explore reads, and the mode as-chosen does not see to it.",
    ),
    "a type that does not hold": (
        lambda it: it.installation.replace(
            "agent/types/in_session.py",
            "    if tool in has.pool or (",
            "    if True or tool in has.pool or (",
        ),
        "types",
        "which the type does not name. Install Postil anew.",
    ),
    "rules that deny and do not win": (
        lambda it: it.installation.replace(
            "permissions/matching.py",
            '{"allow": 0, "ask": 1, "deny": 2}',
            '{"allow": 2, "ask": 1, "deny": 0}',
        ),
        "denied",
        "a file whose edits are denied was changed all the same, by write",
    ),
    "a person's no that counts for nothing": (
        lambda it: it.installation.replace(
            "agent/calls/agreeing.py",
            'return Finish("denied", permission.content, details=permission.details)',
            "pass",
        ),
        "denied",
        "a call that a person had denied was run. Install Postil anew; what a person denies must not run.",
    ),
    "protected paths that are protected no more": (
        lambda it: it.installation.replace(
            "permissions/places.py",
            'yield Finding("protected", "deny",',
            'yield Finding("protected", "auto",',
        ),
        "protected",
        "it was written, and it is protected",
    ),
    "steps that are not counted": (
        lambda it: it.installation.replace("agent/turn.py", "if turn.steps >= limits.steps:", "if False:"),
        "budgets",
        "work went on past its limit of steps",
    ),
    "limits that do not come into force": (
        lambda it: it.installation.replace(
            "agent/configuring.py",
            "session=most(given.session, given.session_tokens),",
            "session=Allowance(),",
        ),
        "budgets",
        "work went on past its limit of tokens: 61 calls of the model",
    ),
    "a stop that is not heard": (
        lambda it: it.installation.replace(
            "agent/runner.py",
            "compacting = workflow.compaction is not None\n        self._stop()",
            "compacting = False",
        ),
        "stops",
        "a reply of the model went on for 20 s after it was stopped.",
    ),
    "calls that are begun again": (
        lambda it: it.installation.replace("agent/calls/settle.py", "if begun or call.lost:", "if False:"),
        "resume",
        "a call that had begun before a crash was begun again. Install Postil anew",
    ),
    "a hook that prints nonsense": (
        lambda it: hook(it, "echo go ahead"),
        "hooks",
        "settings.toml: the hook `echo go ahead` gives no answer that counts: what it printed cannot be read: Expecting value: line 1 column 1 (char 0). Mend it or take it out",
    ),
    "a hook that crashes": (
        lambda it: hook(it, "echo no such rule >&2; exit 3"),
        "hooks",
        "settings.toml: the hook `echo no such rule >&2; exit 3` gives no answer that counts: it failed with status 3: no such rule. Mend it",
    ),
    "a hook that runs into its timeout": (
        lambda it: hook(it, "sleep 600", timeout=0.3),
        "hooks",
        "settings.toml: the hook `sleep 600` gives no answer that counts: it was ended: it took too long. Mend it or take it out: as it is, each call",
    ),
    "hooks whose failure is consent": (
        lambda it: it.installation.replace(
            "agent/hooking/moments.py",
            '_ASKING = ("asks", "failed",',
            '_ASKING = ("asks",',
        ),
        "hooks",
        "a command was run unasked with a hook before it that crashes. Install Postil anew.",
    ),
    "a skill that leaves out nothing": (
        lambda it: it.installation.replace(
            "agent/calls/narrowing.py", "    if not fitting:", "    if False:"
        ),
        "skills",
        "a tool was used that a skill leaves out while it is active. Install Postil anew.",
    ),
    "a skill's pattern that narrows no reading": (
        lambda it: it.installation.replace(
            "permissions/evaluate.py", "if policy.only_by_rules:", "if False:"
        ),
        "skills",
        "a file was read unasked that the pattern of a skill does not mean while it is active. Install Postil anew.",
    ),
    "servers of a workspace that nobody is asked about": (
        lambda it: it.installation.replace(
            "permissions/servers.py",
            'return "nobody has allowed what this workspace says of it"',
            'return ""',
        ),
        "servers",
        "would be started although nobody has allowed that",
    ),
}


def found(report: dict[str, Any]) -> dict[str, list[str]]:
    """Return what breaks each invariant, as people read it."""
    return {
        it["name"]: [
            f"{one['where']}: " * bool(one["where"])
            + f"{one['what']}."
            + f" {one['mend']}." * bool(one["mend"])
            for one in it["findings"]
            if not one["weak"]
        ]
        for it in report["invariants"]
        if not it["holds"]
    }


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_it_is_caught_and_told(sabotage: str, place: Place) -> None:
    do, invariant, message = SABOTAGES[sabotage]
    do(place)
    status, out, err = place.run("guardrails", "--json", "--only", invariant)
    assert status == 1, out + err
    report = json.loads(out)
    told = found(report)
    assert invariant in told, told
    assert any(message in it for it in told[invariant]), told
    assert report["holds"] is False


def test_nothing_is_found_where_nothing_was_done(place: Place) -> None:
    status, out, err = place.run("guardrails", "--json")
    assert (status, found(json.loads(out))) == (0, {}), out + err
    assert not (place.folder / "state").exists(), "nothing is kept of what is as it was delivered"
    assert list(place.root.iterdir()) == []


STRICT = """
mode = "deny-all"
agent = "guide"
max_steps = 1
max_seconds = 0.5
deny = ["Bash", "Edit", "WebFetch", "Read(./b.py)"]
ask = ["Read", "Mcp"]
[limits]
turn = 0.001
session_tokens = 2000
"""
FREE = """
mode = "accept-edits"
allow = ["Edit", "Bash(git:*)", "Bash(pytest:*)", "Bash(make:*)", "WebFetch(domain:docs.python.org)", "Mcp(box)"]
model = "local"
base_url = "http://127.0.0.1:8080"
sandbox_network = true
[limits]
session = "none"
day = "none"
day_tokens = 1000000
[mcp.box]
command = ["no-such-server"]
[mcp.near]
url = "http://localhost:9/mcp"
[[test]]
rule = "Bash(pytest:*)"
match = ["pytest -q"]
"""


@pytest.mark.parametrize("settings", [STRICT, FREE], ids=["strict", "free"])
def test_what_people_may_well_want_is_not_called_broken(settings: str, place: Place) -> None:
    place.settings(settings)
    place.agent(
        "own",
        tools="[read, edit, find_tools, mcp__box__tick]",
        mode="as-chosen",
        limits="{steps: 3, turn_tokens: 500}",
    )
    place.agent("none", tools="[]", mode="deny-all")
    files = {it: it.read_bytes() for it in place.folder.rglob("config/**/*") if it.is_file()}
    status, out, err = place.run("guardrails", "--json")
    assert (status, found(json.loads(out))) == (0, {}), out + err
    assert {it: it.read_bytes() for it in place.folder.rglob("config/**/*") if it.is_file()} == files
    assert sorted(it.name for it in (place.folder / "state").iterdir()) == [
        "guardrails.json",
        "guardrails.lock",
    ]
    assert list(place.root.iterdir()) == []


def test_for_people_there_is_a_line_for_each_and_what_to_do(place: Place) -> None:
    place.agent("own", tools="[read, format_disk]")
    status, out, _ = place.run("guardrails")
    assert status == 1
    lines = out.splitlines()
    assert len([it for it in lines if it.startswith(("holds   ", "BROKEN  "))]) == 15
    at = lines.index("BROKEN  Agent types only narrow, and hold")
    assert lines[at + 1].endswith(
        "own.md:5: there is no tool 'format_disk'; `postil tools` lists them. Mend the file, or take it away."
    )
    assert lines[-1].endswith("Mend it, or go on at your own risk: postil guardrails --accept")
