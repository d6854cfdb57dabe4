"""Makes importing lsprotocol cheap: each of its classes becomes an attrs class at first use, not at import.

Importing `lsprotocol.types` runs `attrs.define` on some 550 classes, which is most of the time that a language server
takes to answer `initialize`, while a session uses about a quarter of them. During that one import, `define` only hangs
two stand-ins on the class, an `__init__` and an `__attrs_attrs__`; whichever is touched first runs the real `define`.
Left over is one difference: the classes have no `__slots__`. Whatever goes wrong here falls back to the plain import;
POSTIL_LAZY_LSPROTOCOL=0 asks for it.
"""

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final, get_type_hints

logger = logging.getLogger(__name__)

SWITCH: Final = "POSTIL_LAZY_LSPROTOCOL"
_TYPES: Final = "lsprotocol.types"
_HOOKS: Final = "lsprotocol._hooks"
_RESOLVED: Final = "_resolved_forward_references"

Define = Callable[..., Any]


def install() -> None:
    """Prepare the next import of lsprotocol; does nothing when it is imported already, or when switched off."""
    if os.environ.get(SWITCH) == "0" or _TYPES in sys.modules or _HOOKS in sys.modules:
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds two modules of lsprotocol as ever, but gives them a loader of ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in {_TYPES, _HOOKS}:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _TypesLoader(spec.loader) if fullname == _TYPES else _HooksLoader(spec.loader)
        return spec


class _WrappedLoader(Loader):
    def __init__(self, inner: Loader) -> None:
        self.inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def hand_back(self, module: ModuleType) -> None:
        """Leave the module as the plain import would have."""
        module.__loader__ = self.inner
        if module.__spec__ is not None:
            module.__spec__.loader = self.inner


class _TypesLoader(_WrappedLoader):
    def exec_module(self, module: ModuleType) -> None:
        self.hand_back(module)
        attrs: Any = importlib.import_module("attrs")
        define: Define = attrs.define
        deferred = _Deferred(module, define)
        try:
            attrs.define = deferred.define
            self.inner.exec_module(module)
        except Exception:
            logger.warning("importing lsprotocol without the shortcut", exc_info=True)
            deferred.failed = True
        finally:
            attrs.define = define
        if deferred.failed:
            self.inner.exec_module(module)
        else:
            module.__dict__[_MARK] = True


class _HooksLoader(_WrappedLoader):
    """Stops lsprotocol from resolving the references of every class at once; each is resolved when it is made."""

    def exec_module(self, module: ModuleType) -> None:
        self.hand_back(module)
        self.inner.exec_module(module)
        if is_lazy() and hasattr(module, _RESOLVED):
            setattr(module, _RESOLVED, True)


_MARK: Final = "__postil_lazy__"


def is_lazy() -> bool:
    """Whether the lsprotocol of this process is the deferred one."""
    module = sys.modules.get(_TYPES)
    return module is not None and _MARK in module.__dict__


class _Deferred:
    """Stands in for `attrs.define` while lsprotocol is imported, and makes its classes real later."""

    def __init__(self, module: ModuleType, define: Define) -> None:
        self.module = module
        self.real_define = define
        self.failed = False
        # One class is made at a time, and making one may touch another.
        self.lock = threading.RLock()

    def define(self, maybe_cls: type | None = None, **options: Any) -> Any:
        """Another thread may be importing attrs classes of its own at this moment; those get the real thing."""
        if maybe_cls is None or options or maybe_cls.__module__ != self.module.__name__:
            return self.real_define(maybe_cls, **options)
        stand_in = _StandIn(self, maybe_cls)
        maybe_cls.__attrs_attrs__ = stand_in
        maybe_cls.__init__ = stand_in.make_init()
        return maybe_cls

    def make_real(self, cls: type) -> None:
        """Run the real `define` on a class, in place so that it stays the same object, and resolve its references."""
        with self.lock:
            if isinstance(cls.__dict__["__attrs_attrs__"], _StandIn):
                # `init=True`, or attrs would take our stand-in for an `__init__` written by hand. The types are resolved
                # on the way: once `__attrs_attrs__` is real, other threads no longer come through this lock.
                self.real_define(cls, slots=False, init=True, field_transformer=self._resolve)
                cls.__attrs_types_resolved__ = cls

    def _resolve(self, cls: type, fields: list[Any]) -> list[Any]:
        hints = get_type_hints(cls, dict(self.module.__dict__["ALL_TYPES_MAP"]), {})
        return [field.evolve(type=hints[field.name]) if field.name in hints else field for field in fields]


class _StandIn:
    """The `__attrs_attrs__` of a class that is not made yet."""

    def __init__(self, deferred: _Deferred, cls: type) -> None:
        self.deferred = deferred
        self.cls = cls

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        self.deferred.make_real(self.cls)
        return self.cls.__dict__["__attrs_attrs__"]

    def make_init(self) -> Callable[..., None]:
        """An `__init__` that makes the class, then hands over to the real one."""
        deferred, cls = self.deferred, self.cls

        def __init__(self: object, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            deferred.make_real(cls)
            cls.__init__(self, *args, **kwargs)

        return __init__
