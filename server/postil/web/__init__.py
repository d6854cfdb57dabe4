"""HTTP for tools: what an address answers, and no way to an address that nobody allowed."""
