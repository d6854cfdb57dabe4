"""Sub-agents: sessions that work for a call of another session, within what that one has."""
