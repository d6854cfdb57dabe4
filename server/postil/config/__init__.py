"""Options: every one declared once, and read from their layers with problems reported."""
