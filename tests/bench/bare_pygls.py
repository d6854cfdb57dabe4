"""The smallest pygls server there is: what an empty server costs."""

from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")

if __name__ == "__main__":
    server.start_io()
