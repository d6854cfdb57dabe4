"""Agent types: Markdown files that say what a session may do at most, and what else the model reads."""
