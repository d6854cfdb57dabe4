"""Prompts that wait while a turn runs: taken, taken back, sent, joined to the turn."""
