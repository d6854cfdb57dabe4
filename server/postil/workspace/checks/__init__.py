"""The project's checks: found in its files by reading them, and whether one that ran has changed files."""
