"""Slash commands: prompts of a person that stand in files, and skills that a person chooses by their names."""
