"""Text without files: what changes in it, its encoding, and how changes are taken back. Pure."""
