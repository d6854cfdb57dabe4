"""Trees for the rules about the loop, tools, permission, failing closed and durability."""

SAFETY: list[tuple[str, str, str]] = [
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
        "loop/model-call",
        "class A:\n    def f(self):\n        return self.model(x), self.model.query(x)  # <<",
        "class A:\n    def f(self):\n        return self.select_model(x), self.model_name(x)",
    ),
    (
        "fail-closed/open-default",
        "class Tool:\n    read_only: bool = True  # <<",
        "class Mount:\n    read_only: bool = True",
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
        'x = tool.get("read_only", False)  # <<',
        'x = tool.get("reading", False)',
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
]
"""A rule, a tree in which it is met, and one in which it is not."""
