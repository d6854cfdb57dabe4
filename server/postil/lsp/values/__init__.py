"""The values of custom methods and commands, a file for each kind."""
