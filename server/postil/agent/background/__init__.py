"""Commands that run in the background of a session, and those that outlived one."""
