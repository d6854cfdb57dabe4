"""The LSP face: the only package that knows the language server protocol."""

from postil.lsp import _lazy_lsprotocol

# Any module of this package may be the first to import lsprotocol, so the hook stands before all of them.
_lazy_lsprotocol.install()
