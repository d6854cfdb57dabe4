"""The editor's open documents, and how they stand to their files."""
