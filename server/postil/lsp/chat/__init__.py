"""The chat as a document: its form, what a session's events are in it, and who writes it while its user types."""
