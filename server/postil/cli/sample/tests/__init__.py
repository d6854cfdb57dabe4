"""The tests of tidy."""
