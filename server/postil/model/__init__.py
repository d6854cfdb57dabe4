"""The model's service: the adapter for the Messages API, its prices and keys, and a scripted stand-in."""

from postil.model import _lazy_anthropic

# Any module of this package may be the first to import the SDK, so the hook stands before all of them.
_lazy_anthropic.install()
