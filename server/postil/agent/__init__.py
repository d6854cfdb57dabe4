"""The agent: sessions, turns, the scheduling of calls, and the path of each call from wish to result."""
