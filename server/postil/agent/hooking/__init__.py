"""Hooks: which run, what they are given, what they answer, and what is on record of them."""
