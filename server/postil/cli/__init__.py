"""The terminal's face: the only place that prints."""
