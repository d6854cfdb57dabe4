"""The user's files as the agent sees and changes them: buffers over disk, search, edits and commands."""
