"""What keeps a command from more than it may do: the system's own means, whichever of them work on this machine."""
