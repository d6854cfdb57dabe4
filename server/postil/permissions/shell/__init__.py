"""The shell guard: which command lines are provably read-only, which are never run, and which a person is asked about."""
