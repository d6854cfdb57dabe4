"""Making a conversation smaller: when, and by what."""
