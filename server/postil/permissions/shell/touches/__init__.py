"""What programs do with their words: which files they read, write and take away, and what they run."""
