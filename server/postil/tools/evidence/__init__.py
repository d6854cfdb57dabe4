"""What can be seen of an agent's architecture in its source, read and never run: rows with file, line and the line itself."""
