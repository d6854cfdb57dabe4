"""One file per kind of rule; each says what a pattern of its kind matches."""
