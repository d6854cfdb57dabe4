"""Child processes: how each is started, followed and ended, and in which environment."""
