"""Prompts, as Markdown files that are read as data."""
