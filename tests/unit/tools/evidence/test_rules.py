"""Each rule of the collector: a small tree in which it is met, and one like it in which it is not."""

from __future__ import annotations

import textwrap

import pytest

from postil.tools.evidence.collect import collect
from postil.tools.evidence.table import rules

TREE = str
"""Files, each after a line `=== path`; the line of a row ends in `# <<`."""


def files(tree: TREE) -> list[tuple[str, str]]:
    """Return the files of a tree; without a heading it is one Python file."""
    text = textwrap.dedent(tree).lstrip("\n")
    if not text.startswith("=== "):
        text = f"=== agent.py\n{text}"
    parts = [it.partition("\n") for it in text.split("=== ")[1:]]
    return [(path, body) for path, _, body in parts]


CASES: list[tuple[str, TREE, TREE]] = [
    (
        "loop/model-call",
        "reply = client.messages.create(model=m, max_tokens=9)  # <<",
        "reply = client.messages.fetch(model=m)",
    ),
    (
        "loop/model-call",
        """
        class A:
            def f(self):
                return self.llm.invoke("x")  # <<
        """,
        """
        class A:
            def f(self):
                return self.service.invoke("x")
        """,
    ),
    (
        "loop/model-call",
        "=== agent.ts\nconst r = await client.messages.create({model})  // # <<\n",
        "=== agent.ts\nconst r = await client.messages.list({model})\n",
    ),
    (
        "loop/around-model",
        """
        class A:
            def step(self):
                return self.model.generate("x")
            def run(self):
                while not self.done:  # <<
                    self.step()
        """,
        """
        class A:
            def step(self):
                return self.model.generate("x")
            def run(self):
                for piece in self.step():
                    print(piece)
        """,
    ),
    (
        "loop/unbounded",
        """
        def run(model):
            while True:  # <<
                model.generate("x")
        """,
        """
        def run(model, max_steps):
            while True:
                model.generate("x")
                if steps > max_steps: break
        """,
    ),
    ("loop/step-bound", "def run(max_steps=3): ...  # <<", "def run(maxi=3): ..."),
    (
        "loop/step-bound",
        "=== a.ts\nconst o = { maxSteps: 3 } // # <<\n",
        "=== a.ts\n// maxSteps is not there\n",
    ),
    ("loop/tool-dispatch", "out = tools[call.name](**call.input)  # <<", 'out = tools["read"](**call.input)'),
    ("loop/tool-dispatch", "out = self.execute_tool_call(call)  # <<", "out = self.execute_query(call)"),
    ("loop/typed-ending", "class Reply:\n    stop_reason: str  # <<", "class Reply:\n    reason: str"),
    (
        "loop/no-bound",
        "reply = client.messages.create(model=m)  # <<",
        "reply = client.messages.create(model=m)\nclass Limits:\n    max_turns: int = 9",
    ),
    (
        "tool-metadata/declared",
        'T = {"name": "read", "description": "Reads.", "input_schema": {}}  # <<',
        'T = {"name": "read", "description": "Reads."}',
    ),
    (
        "tool-metadata/declared",
        '@tool\ndef read(path: str):  # <<\n    """Read."""',
        '@cache\ndef read(path: str):\n    """Read."""',
    ),
    (
        "tool-metadata/effects",
        "class T:\n    read_only: bool = False  # <<",
        "class T:\n    reading: bool = False",
    ),
    (
        "tool-metadata/effects",
        "=== tools/read.md\n---\nname: read\nread_only: true  # <<\n---\nRead.\n",
        "=== tools/read.md\n# Read\nread_only: true\n",
    ),
    ("tool-metadata/scheduling", "from agent import scheduler  # <<", "from agent import schedules"),
    (
        "tool-metadata/no-description",
        "@tool\ndef read(path: str):  # <<\n    return 1",
        '@tool(description="Reads.")\ndef read(path: str):\n    return 1',
    ),
    (
        "tool-metadata/no-description",
        'T = {"name": "read", "parameters": {}}  # <<',
        'T = {"name": "read", "description": "Reads.", "parameters": {}}',
    ),
    (
        "tool-metadata/untyped-parameter",
        '@tool\ndef read(\n    path,  # <<\n):\n    """Read."""',
        '@tool\ndef read(path: str):\n    """Read."""',
    ),
    (
        "tool-metadata/parallel-undeclared",
        "async def f(calls):\n    return await asyncio.gather(*(run_tool(c) for c in calls))  # <<",
        "async def f(calls):\n    reads = [c for c in calls if c.read_only]\n    return await asyncio.gather(*(run_tool(c) for c in reads))",
    ),
    (
        "tool-metadata/no-effects",
        '@tool\ndef read(path: str):  # <<\n    """Read."""',
        '@tool(read_only=True)\ndef read(path: str):\n    """Read."""',
    ),
    ("permission-tiers/approval", "def needs_approval(call): ...  # <<", "def needs_room(call): ..."),
    ("permission-tiers/rules", "class P:\n    allowed_tools: list  # <<", "class P:\n    some_tools: list"),
    ("permission-tiers/sandbox", "import docker  # <<", "import dock"),
    (
        "permission-tiers/process",
        "import subprocess as sp\nsp.run([program], timeout=9)  # <<",
        "import subprocess as sp\ndef f(permission):\n    sp.run([program], timeout=9)",
    ),
    (
        "permission-tiers/process",
        "=== a.go\nc := exec.Command(name) // # <<\n",
        "=== a.go\nc := exe.Command(name)\n",
    ),
    (
        "permission-tiers/shell",
        "import subprocess\nsubprocess.run(line, shell=True, timeout=9)  # <<",
        'import subprocess\nsubprocess.run("ls -l", shell=True, timeout=9)',
    ),
    (
        "permission-tiers/shell",
        "from os import system\nsystem(line)  # <<",
        "from house import system\nsystem(line)",
    ),
    ("permission-tiers/evaluates", "eval(text)  # <<", 'eval("1 + 1")'),
    (
        "permission-tiers/evaluates",
        "import yaml\nyaml.load(text)  # <<",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
    ),
    (
        "permission-tiers/evaluates",
        "=== a.js\nconst v = eval(text) // # <<\n",
        "=== a.js\nconst v = medieval(text)\n",
    ),
    (
        "permission-tiers/remote-code",
        "load(name, trust_remote_code=True)  # <<",
        "load(name, trust_remote_code=False)",
    ),
    (
        "permission-tiers/no-approval",
        "out = execute_tool(call)  # <<",
        "def approve(call): ...\nout = execute_tool(call)",
    ),
    ("permission-tiers/no-sandbox", "exec(text)  # <<", "from e2b import Sandbox\nexec(text)"),
    (
        "fail-closed/denies",
        "def can_run(c):\n    try:\n        return look(c)\n    except KeyError:\n        return False  # <<",
        "def find(c):\n    try:\n        return look(c)\n    except KeyError:\n        return False",
    ),
    (
        "fail-closed/careful-default",
        "def tool(destructive=True): ...  # <<",
        "def tool(destructive=None): ...",
    ),
    (
        "fail-closed/careful-default",
        'x = data.get("read_only", False)  # <<',
        'x = data.get("reading", False)',
    ),
    (
        "fail-closed/swallowed",
        "try:\n    f()\nexcept Exception:  # <<\n    pass",
        "try:\n    f()\nexcept KeyError:\n    pass",
    ),
    (
        "fail-closed/swallowed",
        "=== a.ts\ntry { f() } catch (e) {} // # <<\n",
        "=== a.ts\ntry { f() } catch (e) { log(e) }\n",
    ),
    (
        "fail-closed/allows-on-error",
        "def is_allowed(c):\n    try:\n        return look(c)\n    except Exception:\n        return True  # <<",
        "def is_allowed(c):\n    try:\n        return look(c)\n    except Exception:\n        raise",
    ),
    ("fail-closed/open-default", "def run(auto_approve=True): ...  # <<", "def run(auto_approve=False): ..."),
    (
        "fail-closed/open-default",
        'x = getattr(tool, "read_only", True)  # <<',
        'x = getattr(tool, "read_only", False)',
    ),
    (
        "fail-closed/assert-guards",
        "def check_permission(c):\n    assert c.ok  # <<",
        "def compute(c):\n    assert c.ok",
    ),
    (
        "fail-closed/no-careful-default",
        "out = execute_tool(call)  # <<",
        "out = execute_tool(call)\ndef tool(needs_approval=True): ...",
    ),
    ("durability/synced", "import os\nos.fsync(fd)  # <<", "import os\nos.fstat(fd)"),
    ("durability/record", "class Journal: ...  # <<", "class Journey: ..."),
    ("durability/resume", "def resume(session): ...  # <<", "def resumee(session): ..."),
    (
        "durability/torn-write",
        "def save_state(s):\n    path.write_text(s)  # <<",
        "def save_state(s):\n    new.write_text(s)\n    os.replace(new, path)",
    ),
    (
        "durability/torn-write",
        'def save_session(s):\n    with open(path, "w") as f:  # <<\n        f.write(s)',
        'def save_session(s):\n    with open(path, "a") as f:\n        f.write(s)',
    ),
    (
        "durability/no-record",
        "model.generate(x)  # <<",
        "class CheckpointStore:\n    checkpoint: str\n    def save_state(self): ...\nmodel.generate(x)",
    ),
    ("durability/no-resume", "model.generate(x)  # <<", "model.generate(x)\ndef resume(): ..."),
    ("budgets/limit", "def run(max_tokens=9): ...  # <<", "def run(tokens=9): ..."),
    ("budgets/projection", "def count_tokens(x): ...  # <<", "def count(x): ..."),
    (
        "budgets/call-without-limit",
        "client.messages.create(model=m)  # <<",
        "client.messages.create(model=m, max_tokens=9)",
    ),
    (
        "budgets/process-without-time",
        "import subprocess\nsubprocess.run(line)  # <<",
        "import subprocess\nsubprocess.run(line, timeout=9)",
    ),
    (
        "budgets/request-without-time",
        "import requests\nrequests.get(url)  # <<",
        "import requests\nrequests.get(url, **more)",
    ),
    ("budgets/no-limit", "model.generate(x)  # <<", "model.generate(x)\nclass B:\n    budget: int"),
    ("events-and-audit/typed", "class ToolEvent: ...  # <<", "class Eventual: ..."),
    ("events-and-audit/record", "def emit(x): ...  # <<", "def omit(x): ..."),
    ("events-and-audit/print", "model.generate(x)\nprint(x)  # <<", "print(x)"),
    (
        "events-and-audit/dispatch-unrecorded",
        "def f(c):\n    return execute_tool(c)  # <<",
        "def f(c):\n    logger.info(c)\n    return execute_tool(c)",
    ),
    ("events-and-audit/no-events", "model.generate(x)  # <<", "model.generate(x)\nclass ToolEvent: ..."),
    (
        "verification/test",
        "=== tests/test_a.py\ndef test_a():  # <<\n    assert f()\n",
        "=== tests/made.py\ndef a_test():\n    assert f()\n",
    ),
    ("verification/scripted-model", "class FakeModel: ...  # <<", "class FakeMouse: ..."),
    ("verification/checks", "def verify(x): ...  # <<", "def very(x): ..."),
    (
        "verification/cannot-fail",
        "=== tests/test_a.py\ndef test_a():  # <<\n    f()\n",
        "=== tests/test_a.py\ndef test_a():\n    with pytest.raises(KeyError):\n        f()\n",
    ),
    (
        "verification/no-tests",
        "model.generate(x)  # <<",
        "=== a.py\nmodel.generate(x)\n=== test_a.py\ndef test_a():\n    assert 1\n",
    ),
    (
        "verification/no-scripted-model",
        "=== a.py\nmodel.generate(x)\n=== test_a.py\ndef test_a():  # <<\n    assert 1\n",
        "=== a.py\nmodel.generate(x)\n=== test_a.py\ndef test_a():\n    assert FakeModel()\n    fake_model()\n",
    ),
    ("agent-types/declared", "class ReviewAgent: ...  # <<", "class Agenda: ..."),
    ("agent-types/sub-agent", "def delegate(x): ...  # <<", "def relegate(x): ..."),
    (
        "agent-types/depth-unbounded",
        "def spawn_agent(x): ...  # <<",
        "def spawn_agent(x, depth): ...",
    ),
    ("agent-types/none", "model.generate(x)  # <<", "model.generate(x)\nclass ReviewAgent: ..."),
    ("deferral/on-demand", "def find_tools(x): ...  # <<", "def fine_tools(x): ..."),
    (
        "deferral/all-at-once",
        "client.messages.create(max_tokens=9, tools=[t.schema for t in all_tools])  # <<",
        "client.messages.create(max_tokens=9, tools=[t.schema for t in all_tools if t.loaded])",
    ),
    ("deferral/server-tools", "tools = session.list_tools()  # <<", "tools = session.list_fools()"),
    (
        "deferral/servers-undeferred",
        "tools = session.list_tools()  # <<",
        "tools = session.list_tools()\ndef find_tools(x): ...",
    ),
    (
        "cache-boundary/marked",
        'X = {"cache_control": {"type": "ephemeral"}}  # <<',
        'X = {"cash_control": 1}',
    ),
    ("cache-boundary/marked", "X = b',\"cache_control\":{}'  # <<", "X = b'nothing'"),
    (
        "cache-boundary/clock-in-prompt",
        'import datetime\nsystem_prompt = f"Today is {datetime.datetime.now()}."  # <<',
        'import datetime\ntitle = f"Today is {datetime.datetime.now()}."',
    ),
    (
        "cache-boundary/unordered",
        'import os\ndef system_prompt():\n    return "x".join(os.listdir(p))  # <<',
        'import os\ndef system_prompt():\n    return "x".join(sorted(os.listdir(p)))',
    ),
    (
        "cache-boundary/none",
        "client.messages.create(max_tokens=9)  # <<",
        'client.messages.create(system=[{"cache_control": 1}])',
    ),
    ("memory-tiers/working", "def compact(x): ...  # <<", "def compute(x): ..."),
    ("memory-tiers/lasting", "class MemoryStore: ...  # <<", "class Memorial: ..."),
    (
        "memory-tiers/grows",
        "def run(model):\n    while x:\n        r = model.generate(messages)\n        messages.append(r)  # <<",
        "def run(model):\n    while x:\n        r = model.generate(messages)\n        messages.append(r)\n        trim_messages(messages)",
    ),
    ("memory-tiers/no-working", "model.generate(x)  # <<", "model.generate(x)\ndef compact(): ..."),
    (
        "over-engineering/unused-module",
        "=== app/main.py\nimport app.used\n=== app/used.py\nX = 1\n=== app/alone.py\nY = 1  # <<\n",
        "=== app/main.py\nfrom app import alone\n=== app/alone.py\nY = 1\n",
    ),
    (
        "over-engineering/unused-definition",
        "def lonely(): ...  # <<",
        "def lonely(): ...\nlonely()",
    ),
    (
        "over-engineering/only-tests-use",
        "=== a.py\ndef lonely(): ...  # <<\n=== test_a.py\nfrom a import lonely\ndef test_it():\n    assert lonely()\n",
        "=== a.py\ndef lonely(): ...\nlonely()\n=== test_a.py\nfrom a import lonely\ndef test_it():\n    assert lonely()\n",
    ),
    (
        "over-engineering/one-implementation",
        "class Store(ABC): ...  # <<\nclass DiskStore(Store): ...",
        "class Store(ABC): ...\nclass DiskStore(Store): ...\nclass MemoryStore(Store): ...",
    ),
    (
        "over-engineering/forwarder",
        """
        class Layer:  # <<
            def a(self, x):
                return self._below.a(x)
            def b(self, *x):
                self._below.b(*x)
            async def c(self, y):
                return await self._below.c(y=y)
        """,
        """
        class Layer:
            def a(self, x):
                return self._below.a(x)
            def b(self, *x):
                self._below.b(*x)
            async def c(self, y):
                return await self._below.c(y=y + 1)
        """,
    ),
    (
        "over-engineering/unread-option",
        "class RunConfig:\n    colour: str = 'red'  # <<",
        "class RunConfig:\n    colour: str = 'red'\nprint(config.colour)",
    ),
    (
        "over-engineering/agents-before-durability",
        "class AAgent: ...  # <<\nclass BAgent: ...\nclass CAgent: ...\ndef delegate(depth): ...",
        "class AAgent: ...\nclass BAgent: ...\nclass CAgent: ...\ndef delegate(depth): ...\nclass Journal: ...",
    ),
]


@pytest.mark.parametrize(("rule", "met", "other"), CASES, ids=[f"{it[0]}-{n}" for n, it in enumerate(CASES)])
def test_a_rule_is_met_where_it_should_be_and_nowhere_else(rule: str, met: TREE, other: TREE) -> None:
    tree = files(met)
    wanted = {
        (path, n)
        for path, text in tree
        for n, line in enumerate(text.split("\n"), 1)
        if line.endswith("# <<")
    }
    rows = [it for it in collect(tree).rows if it.rule == rule]
    assert {(it.file, it.line) for it in rows} == wanted
    assert {(it.principle, it.kind, it.weight) for it in rows} == {
        (rule.partition("/")[0], rules()[rule].kind, rules()[rule].weight)
    }
    assert not [it.place for it in collect(files(other)).rows if it.rule == rule]


def test_every_rule_of_the_table_is_tried() -> None:
    assert {it[0] for it in CASES} == set(rules())
