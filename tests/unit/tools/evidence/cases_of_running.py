"""Trees for the rules about budgets, records, checks, agents, prompts, memory, and what could be left out."""

RUNNING: list[tuple[str, str, str]] = [
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
"""A rule, a tree in which it is met, and one in which it is not."""
