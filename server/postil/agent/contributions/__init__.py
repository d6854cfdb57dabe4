"""What the agent can do here: everything in force, of every kind, read from metadata alone."""
