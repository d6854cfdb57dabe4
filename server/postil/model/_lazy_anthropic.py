"""Makes importing the SDK cheaper: its packages of types and resources load what they re-export when it is asked for.

Importing `anthropic` loads some 2,500 modules of `anthropic.types` and `anthropic.resources`, most of them only because a
package's `__init__` re-exports every name below it; a request needs two thirds. Those `__init__`s, and nothing else of
the SDK, get a loader of ours: it runs them with an `__import__` that notes `from .module import Name` instead of doing it,
and the package's `__getattr__` does it later. There is no lock of ours: the import system has one for each module.
Left over is one difference: `vars()` of such a package holds only what was asked for so far. A package that does more
than to re-export is imported plainly, and so is one where anything goes wrong; POSTIL_LAZY_ANTHROPIC=0 asks for it.
"""

import builtins
import importlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from opcode import opmap
from types import CodeType, ModuleType
from typing import Any, Final

logger = logging.getLogger(__name__)

SWITCH: Final = "POSTIL_LAZY_ANTHROPIC"
_ROOT: Final = "anthropic"
_PACKAGES: Final = (f"{_ROOT}.types", f"{_ROOT}.resources")
_BELOW: Final = tuple(f"{package}." for package in _PACKAGES)
_OURS: Final = frozenset({"__getattr__", "__dir__"})


def install() -> None:
    """Prepare the next import of the SDK; does nothing when it is imported already, or when switched off."""
    if os.environ.get(SWITCH) == "0" or _ROOT in sys.modules:
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def is_lazy() -> bool:
    """Whether the SDK of this process is the deferred one."""
    module = sys.modules.get(_PACKAGES[0])
    return module is not None and isinstance(module.__dict__.get("__getattr__"), _Resolver)


class _Finder(MetaPathFinder):
    """Finds the SDK's types and resources as ever, but gives the packages among them a loader of ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _PACKAGES and not fullname.startswith(_BELOW):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.submodule_search_locations and isinstance(spec.loader, InspectLoader):
            spec.loader = _PackageLoader(spec.loader)
        return spec


class _PackageLoader(Loader):
    def __init__(self, inner: InspectLoader) -> None:
        self.inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module is left as the plain import would leave it.
        module.__loader__ = self.inner
        if module.__spec__ is not None:
            module.__spec__.loader = self.inner
        try:
            names = _names(self.inner.get_code(module.__name__), module.__name__)
        except Exception:
            logger.warning("importing %s without the shortcut", module.__name__, exc_info=True)
            names = None
        if names is None:
            self.inner.exec_module(module)
        else:
            _defer(module, names)


@dataclass(slots=True)
class _Names:
    """What the `__init__` of a package binds."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    """What is there at once, such as `__all__`."""
    deferred: dict[str, "_Deferred"] = field(default_factory=dict[str, "_Deferred"])
    modules: set[str] = field(default_factory=set[str])
    """The modules of the package that it imports from; the plain import binds them too."""


@dataclass(frozen=True, slots=True)
class _Deferred:
    """A name of another module, not imported yet."""

    module: str
    name: str

    def value(self) -> Any:
        """Import it. Raises ImportError or AttributeError."""
        return getattr(importlib.import_module(self.module), self.name)


class _StandIn:
    """What an import gives while it is only noted; `from` takes its names off it."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __getattr__(self, name: str) -> _Deferred:
        return _Deferred(self.module, name)


def _names(code: CodeType | None, package: str) -> _Names | None:
    """Run the code of a package's `__init__` with imports noted; return None where it does more than to re-export."""
    if code is None or not _only_binds(code):
        return None
    names = _Names()

    def note(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the parameters of `__import__`
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level != 1 or not name or not fromlist or "*" in fromlist:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        names.modules.add(name.partition(".")[0])
        return _StandIn(f"{package}.{name}")

    # Apart from the module itself, which is untouched should this fail.
    bound: dict[str, Any] = {
        "__name__": package,
        "__package__": package,
        "__builtins__": {**vars(builtins), "__import__": note},
    }
    before = set(bound)
    exec(code, bound)
    for name in bound.keys() - before:
        value = bound[name]
        (names.deferred if isinstance(value, _Deferred) else names.values)[name] = value
    # The import system binds a module in its package when it is loaded, which would hide an export of the same name.
    return None if names.deferred.keys() & names.modules else names


def _only_binds(code: CodeType) -> bool:
    """Say whether the code reads no name and makes no function or class, so that nothing in it needs what it imports."""
    reads = opmap["LOAD_NAME"] in code.co_code[::2]
    return not reads and not any(isinstance(value, CodeType) for value in code.co_consts)


def _defer(module: ModuleType, names: _Names) -> None:
    resolver = _Resolver(module, names)
    module.__dict__.update(names.values, __getattr__=resolver, __dir__=resolver.names)
    # As `exec` leaves it in every module.
    module.__dict__["__builtins__"] = vars(builtins)


class _Resolver:
    """The `__getattr__` of a package: imports what is asked for, and binds it as the plain import would have.

    Threads that ask for the same name at once bind the same object.
    """

    def __init__(self, module: ModuleType, names: _Names) -> None:
        self.module = module
        self.pending = names

    def __call__(self, name: str) -> Any:
        deferred = self.pending.deferred.get(name)
        if deferred is not None:
            value = deferred.value()
            setattr(self.module, name, value)
            return value
        if name == "__all__":
            # Asked for by `import *`, which without one takes all that is bound: all has to be.
            for other in self.pending.deferred:
                getattr(self.module, other)
        if not name.startswith("_"):
            # The plain import would have loaded this module of the package on its way.
            with suppress(ModuleNotFoundError):
                return importlib.import_module(f"{self.module.__name__}.{name}")
        raise AttributeError(
            f"module {self.module.__name__!r} has no attribute {name!r}", name=name, obj=self.module
        )

    def names(self) -> list[str]:
        """Return what `dir` lists, before it is sorted; the package's `__dir__`."""
        return [*({*vars(self.module), *self.pending.deferred, *self.pending.modules} - _OURS)]
