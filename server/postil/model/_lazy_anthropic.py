"""Makes importing the SDK cheaper: its packages of types and resources load what they re-export when it is asked for.

Importing `anthropic` loads some 2,500 modules of `anthropic.types` and `anthropic.resources`, most of them only because a
package's `__init__` re-exports every name below it; a request needs two thirds. Those `__init__`s, and nothing else of
the SDK, get a loader of ours: it runs them with an `__import__` that notes `from .module import Name` instead of doing it,
and the package's `__getattr__` does it later. There is no lock of ours: the import system has one for each module.
Left over is one difference: `vars()` of such a package holds only what was asked for so far. A package that does more
than to re-export is imported plainly, and so is one where anything goes wrong; POSTIL_LAZY_ANTHROPIC=0 asks for it.

The SDK's own `__init__` does more: it loads every cloud and helper there is. What it exports is taken from where it takes
it, and all of it is run with the first name that it does not merely take over.
"""

import ast
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
_RUN: Final = "_run_by_postil"
_WHOLE: Final = f"{_ROOT}.{_RUN}"
"""The name under which the SDK's `__init__` is run, so that the import system sees to it that this happens once."""
_OURS: Final = frozenset({"__getattr__", "__dir__", _RUN})
_LOGGING: Final = "ANTHROPIC_LOG"
"""Where it is set, the SDK's `__init__` sets up logging, and nothing of it is put off."""


def install() -> None:
    """Prepare the next import of the SDK; does nothing when it is imported already, or when switched off."""
    if os.environ.get(SWITCH) == "0" or _ROOT in sys.modules:
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def is_lazy() -> bool:
    """Whether the SDK of this process is the deferred one."""
    module = sys.modules.get(_PACKAGES[0]) or sys.modules.get(_ROOT)
    return module is not None and isinstance(module.__dict__.get("__getattr__"), _Resolver | _Root)


class _Finder(MetaPathFinder):
    """Finds the SDK's types and resources as ever, but gives the packages among them a loader of ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _WHOLE:
            return ModuleSpec(fullname, _WholeLoader())
        if fullname not in (_ROOT, *_PACKAGES) and not fullname.startswith(_BELOW):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.submodule_search_locations and isinstance(spec.loader, InspectLoader):
            spec.loader = (_RootLoader if fullname == _ROOT else _PackageLoader)(spec.loader)
        return spec


class _PackageLoader(Loader):
    def __init__(self, inner: InspectLoader) -> None:
        self.inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        _hand_over(module, self.inner)
        try:
            names = _names(self.inner.get_code(module.__name__), module.__name__)
        except Exception:
            logger.warning("importing %s without the shortcut", module.__name__, exc_info=True)
            names = None
        if names is None:
            self.inner.exec_module(module)
        else:
            _defer(module, names)


def _hand_over(module: ModuleType, inner: InspectLoader) -> None:
    """Leave of the loader what the plain import would leave."""
    module.__loader__ = inner
    if module.__spec__ is not None:
        module.__spec__.loader = inner


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


class _RootLoader(_PackageLoader):
    """Loads the SDK itself: its `__init__` is read, not run."""

    def exec_module(self, module: ModuleType) -> None:
        _hand_over(module, self.inner)
        exports: dict[str, _Deferred] = {}
        try:
            if not os.environ.get(_LOGGING):
                exports = _exports(self.inner.get_source(module.__name__) or "")
        except Exception:
            logger.warning("importing %s without the shortcut", module.__name__, exc_info=True)
        if exports:
            root = _Root(module, exports)
            module.__dict__.update(__getattr__=root, __dir__=root.names)
        else:
            self.inner.exec_module(module)


def _exports(source: str) -> dict[str, _Deferred]:
    """Return where each name of `__all__` is taken from; one that the source makes itself is not among them."""
    found: dict[str, _Deferred] = {}
    public: set[str] = set()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module is not None:
            module = f"{_ROOT}.{statement.module}"
            found |= {it.asname or it.name: _Deferred(module, it.name) for it in statement.names}
        elif isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            public = set(ast.literal_eval(statement.value))
    return {name: it for name, it in found.items() if name in public}


class _Root:
    """The `__getattr__` of the SDK."""

    def __init__(self, module: ModuleType, exports: Mapping[str, _Deferred]) -> None:
        self.module = module
        self.exports = exports

    def __call__(self, name: str) -> Any:
        deferred = self.exports.get(name)
        if deferred is not None:
            value = deferred.value()
            if not name.startswith("__"):
                with suppress(TypeError, AttributeError):
                    value.__module__ = _ROOT  # as the SDK's `__init__` has it
            setattr(self.module, name, value)
            return value
        if not name.startswith("__") or name == "__all__":
            with suppress(ModuleNotFoundError):
                return importlib.import_module(f"{_ROOT}.{name}")
            importlib.import_module(_WHOLE)
            with suppress(KeyError):
                return vars(self.module)[name]
        raise AttributeError(f"module {_ROOT!r} has no attribute {name!r}", name=name, obj=self.module)

    def names(self) -> list[str]:
        """Return what `dir` lists, before it is sorted; the SDK's `__dir__`."""
        importlib.import_module(_WHOLE)
        return [*({*vars(self.module)} - _OURS)]


class _WholeLoader(Loader):
    """Runs the SDK's `__init__` after all."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        root = sys.modules[_ROOT]
        loader = root.__loader__
        assert isinstance(loader, InspectLoader)
        loader.exec_module(root)
        del root.__dict__["__getattr__"]
