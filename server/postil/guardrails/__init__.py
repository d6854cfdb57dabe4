"""Guardrails: the safety invariants, tried on the harness that somebody really has, in a throw-away workspace."""
