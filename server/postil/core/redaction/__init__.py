"""Secrets in text are found by their shapes and replaced by marks, before the text becomes part of anything."""
