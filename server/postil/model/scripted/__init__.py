"""A Messages API on loopback that answers from a script: for the demo, for tests, for anyone who writes tools.

    async with ScriptedModel.load(Path("fix.yaml")) as server:
        ...  # point ANTHROPIC_BASE_URL at server.url
        server.requests[0].body["messages"]

It speaks real HTTP, reports usage with a simulated prompt cache, and refuses what the real service would refuse.
README.md beside this file documents the script.
"""

from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Reply, Script, ScriptError
from postil.model.scripted.server import Received, ScriptedModel, serve

__all__ = ["Received", "Refusal", "Reply", "Script", "ScriptError", "ScriptedModel", "serve"]
