"""A server of tools as a settings file names it: how it is started or reached, and what it is given."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_Part = Annotated[str, Field(max_length=4_000, pattern=r"^[^\x00]*$")]


class ServerOptions(BaseModel):
    """A server of tools (Model Context Protocol), in a table `[mcp.NAME]`: either a `command` or a `url`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: tuple[_Part, ...] = ()
    """The program and its arguments, as in `["uvx", "mcp-server-time"]`. It runs outside of the sandbox."""

    url: str = ""
    """Where it is reached over HTTP, as in `"https://example.org/mcp"`."""

    env: dict[_Variable, _Part] = {}
    """Variables that the program gets. It gets no others but where programs, the home folder and temporary files are, and the language."""

    pass_env: tuple[_Variable, ...] = ()
    """Variables of Postil's own environment that the program gets as well, such as one with a token."""

    headers: dict[str, _Part] = {}
    """Headers of every request to the `url`; `${NAME}` in a value stands for a variable of Postil's own environment."""

    cwd: str = ""
    """The folder that the program runs in, relative to the workspace (default: the workspace)."""

    off: bool = False
    """Whether it is left alone."""

    start_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that it is given to start and to list its tools."""

    call_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """Seconds that one call is given."""

    @model_validator(mode="after")
    def _one_way(self) -> ServerOptions:
        if bool(self.command) == bool(self.url):
            raise ValueError("a server has either a `command` or a `url`")
        if self.url and not re.match(r"https?://[^\s/]+", self.url):
            raise ValueError("the `url` begins with https:// or http:// and a host")
        return self


@dataclass(frozen=True, slots=True)
class WrittenServer:
    """A server of tools as a file of settings has it."""

    name: str
    options: ServerOptions
    layer: Literal["administrator", "user", "workspace"]
    file: str

    @property
    def fingerprint(self) -> str:
        """A hash of all that is said of it."""
        said = {"name": self.name, **self.options.model_dump(mode="json")}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def way(self) -> str:
        """Its command line or its address, in full."""
        return self.options.url or " ".join(map(_quoted, self.options.command))


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", word) else json.dumps(word, ensure_ascii=False)
