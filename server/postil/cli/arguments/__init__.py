"""What each command takes, as a parser is told: nothing of what it does is loaded for it."""
